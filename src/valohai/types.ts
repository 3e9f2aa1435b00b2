/** What the explicit default store is: a store's id, `null` for none, or not told by this API. */
export type DefaultStore = { readonly known: true; readonly id: string | null } | { readonly known: false }

/** A Valohai project, as read from the API. */
export interface Project {
  /** UUID. */
  readonly id: string
  readonly name: string
  readonly description: string
  /** A user or an organization. */
  readonly owner: { readonly id: number; readonly username: string }
  /** The project's page in the web UI. */
  readonly displayUrl?: string
  /** The project's own setting. */
  readonly defaultStore: DefaultStore
  /** The store in effect: the setting, or what is inherited from the organization or Valohai. */
  readonly uploadStoreId?: string
}

/**
 * A data store, as read from the API. A field that the API leaves out, sends as null or masks is
 * `undefined`: unknown, not empty. An empty string is what the API said.
 */
export interface Store {
  /** UUID. */
  readonly id: string
  readonly name: string
  /** `s3`, `swift`, `azure` or `google`. */
  readonly type: string
  readonly deleted: boolean
  /** The one project it belongs to; none for a store of a whole organization. */
  readonly projectId?: string
  readonly ownerId?: string
  readonly bucket?: string
  readonly region?: string
  /** Never empty. */
  readonly accessKeyId?: string
  /** Empty where the API says that there is none. */
  readonly multipartRoleArn?: string
  /** Empty where the API says that there is none. */
  readonly kmsKeyArn?: string
  /** When it was last written. */
  readonly mtime?: Date
  readonly displayUrl?: string
  /** Who may use it and how (`access_mode`, `teams`, …), which a PUT would otherwise reset. */
  readonly access: Readonly<Record<string, unknown>>
}

/** What our store has to be. */
export interface DesiredStore {
  /** 64 characters at most. */
  readonly name: string
  readonly bucket: string
  /** AWS region code. */
  readonly region: string
  readonly accessKeyId: string
  /** Role for outputs over 5 GB (guide, step 5). */
  readonly multipartRoleArn?: string
  readonly kmsKeyArn?: string
}

/** An access key of AWS IAM: its id, and when it was made where that is known. */
export interface KeyReference {
  readonly id: string
  readonly created: Date | undefined
}

/** A store that was written, and how. */
export interface SavedStore {
  readonly store: Store
  readonly action: 'created' | 'updated'
}

/** What a run needs of Valohai. Every method throws `ValohaiError`. */
export interface Valohai {
  /** Proves the token and finds the project by its UUID or as `owner/name`. Reads only. */
  findProject(reference: string): Promise<Project>
  /** The project's store for this bucket; `undefined` where there is none yet. Reads only. */
  findStore(project: Project, wanted: Pick<DesiredStore, 'name' | 'bucket'>): Promise<Store | undefined>
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
  /** Changes nothing but the name, for which no secret is needed, and reads it back. */
  renameStore(existing: Store, name: string): Promise<Store>
  /** Makes the store the project's default and reads it back; `unchanged` where it was already. */
  makeDefault(project: Project, store: Pick<Store, 'id'>): Promise<'unchanged' | 'set'>
  /** A page in the web UI where a person finds the store. */
  storeUrl(project: Project, store: Store): string
}
