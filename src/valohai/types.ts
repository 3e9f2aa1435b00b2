import type { Project, Store } from '../decide/observed'
import type { DesiredStore } from '../decide/store'

/** A store that was written, and how. */
export interface SavedStore {
  readonly store: Store
  readonly action: 'created' | 'updated'
}

/** What of a store can be changed without the secret of its key. */
export interface StoreChange {
  readonly name?: string
  /** Id of the owner whose projects may all use the store from now on. */
  readonly sharedBy?: number
}

/** What a run needs of Valohai. Every method throws `ValohaiError`. */
export interface Valohai {
  /** Proves the token and finds each project by its UUID or as `owner/name`. Reads only. */
  findProjects(references: readonly [string, ...string[]]): Promise<[Project, ...Project[]]>
  /** Every store that the token sees. Reads only. */
  listStores(projects: readonly Project[]): Promise<Store[]>
  /** One store; `undefined` where it is not seen: it does not exist, or the token has no access. Reads only. */
  readStore(id: string): Promise<Store | undefined>
  /**
   * Creates the store, or updates `existing` with the whole configuration, and reads it back.
   * A key made (`keyMadeAt`) less than about a minute ago may be refused at first: that is waited for.
   */
  saveStore(
    project: Project,
    existing: Store | undefined,
    desired: DesiredStore,
    secret: string,
    options: { readonly keyMadeAt: Date },
  ): Promise<SavedStore>
  /** Changes what needs no secret, and reads it back. */
  changeStore(existing: Store, change: StoreChange): Promise<Store>
  /** Makes the store the project's default and reads it back; `unchanged` where it was already. */
  makeDefault(project: Project, store: Pick<Store, 'id'>): Promise<'unchanged' | 'set'>
  /** Every project that the token sees. Reads only. */
  listProjects(): Promise<Project[]>
  /** Leaves the project without a default store of its own; `unchanged` where it has another one. */
  clearDefault(project: Project, store: Pick<Store, 'id'>): Promise<'unchanged' | 'cleared'>
  /** Deletes the store, and reads back that it is gone; it is no error where it was already. */
  deleteStore(store: Store): Promise<void>
  /** A page in the web UI where a person finds the store. */
  storeUrl(project: Project, store: Store): string
}
