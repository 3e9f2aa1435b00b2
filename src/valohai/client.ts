import { clearDefaultStore, makeDefaultStore, readProject } from './default-store'
import { deleteStore } from './delete-store'
import { failed, ValohaiError } from './errors'
import { ValohaiHttp, type HttpOptions } from './http'
import { tryProject } from './parse'
import { isUuid, matchingProjects, notFoundMessage } from './projects'
import { changeStore, createStore, listStores, readStore, updateStore } from './save-store'
import { storeUrl } from './urls'
import type { Project, Store } from '../decide/observed'
import type { DesiredStore } from '../decide/store'
import type { SavedStore, StoreChange, Valohai } from './types'

/**
 * Valohai's API as a run needs it. Written from public material, since the schema is not public: every
 * write is followed by a read, and what is not certain is handled both ways.
 */
export class ValohaiClient implements Valohai {
  readonly #http: ValohaiHttp

  /**
   * `url`: address of the web app, e.g. `https://app.valohai.com`. `token`: a personal API token; it is sent
   * to that origin alone and appears in no message.
   */
  constructor(url: string, token: string, options: HttpOptions) {
    this.#http = new ValohaiHttp(url, token, options)
  }

  async findProjects([first, ...others]: readonly [string, ...string[]]): Promise<[Project, ...Project[]]> {
    const user = await this.#checkToken()
    return [await this.#find(first, user), ...(await Promise.all(others.map((one) => this.#find(one, user))))]
  }

  async listStores(projects: readonly Project[]): Promise<Store[]> {
    try {
      return await listStores(this.#http, projects)
    } catch (error) {
      throw failed('list the data stores', error)
    }
  }

  async readStore(id: string): Promise<Store | undefined> {
    try {
      return await readStore(this.#http, id)
    } catch (error) {
      // Valohai does not tell a store that is gone from one that the token may not see.
      if (error instanceof ValohaiError && [403, 404].includes(error.status ?? 0)) return undefined
      throw failed(`read the data store ${id}`, error)
    }
  }

  async saveStore(
    project: Project,
    existing: Store | undefined,
    desired: DesiredStore,
    secret: string,
    { keyMadeAt }: { readonly keyMadeAt: Date },
  ): Promise<SavedStore> {
    const write = { project, desired, secret, keyMadeAt }
    return existing
      ? { store: await updateStore(this.#http, existing, write), action: 'updated' }
      : { store: await createStore(this.#http, write), action: 'created' }
  }

  async changeStore(existing: Store, change: StoreChange): Promise<Store> {
    return changeStore(this.#http, existing, change)
  }

  async makeDefault(project: Project, store: Pick<Store, 'id'>): Promise<'unchanged' | 'set'> {
    return makeDefaultStore(this.#http, project.id, store)
  }

  async listProjects(): Promise<Project[]> {
    try {
      const listed = (await this.#http.list('projects/')).flatMap((entry) => tryProject(entry) ?? [])
      // A list may not show the default store.
      return await Promise.all(listed.map(async ({ id }) => (await readProject(this.#http, id)).project))
    } catch (error) {
      throw failed('list the projects', error)
    }
  }

  async clearDefault(project: Project, store: Pick<Store, 'id'>): Promise<'unchanged' | 'cleared'> {
    return clearDefaultStore(this.#http, project.id, store)
  }

  async deleteStore(store: Store): Promise<void> {
    await deleteStore(this.#http, store)
  }

  storeUrl(project: Project, store: Store): string {
    return storeUrl(this.#http.origin, project, store)
  }

  /** `GET users/me/`: proves the token, and returns whose it is. */
  async #checkToken(): Promise<string> {
    try {
      const user = await this.#http.get('users/me/')
      if (typeof user !== 'object' || user === null) {
        throw new ValohaiError(`${this.#http.origin} did not say whose token it is; check \`valohai-url\``)
      }
      return 'username' in user && typeof user.username === 'string' ? user.username : 'unnamed'
    } catch (error) {
      throw failed(`check the Valohai token at ${this.#http.origin}`, error)
    }
  }

  async #find(reference: string, user: string): Promise<Project> {
    try {
      const id = isUuid(reference) ? reference.toLowerCase() : await this.#idOfProject(reference, user)
      return (await readProject(this.#http, id)).project
    } catch (error) {
      throw failed(`find the Valohai project ${reference}`, error)
    }
  }

  async #idOfProject(reference: string, user: string): Promise<string> {
    // No filter of the API is documented, so the names are matched here.
    const projects = (await this.#http.list('projects/')).flatMap((entry) => tryProject(entry) ?? [])
    const [match, ...others] = matchingProjects(projects, reference)
    if (!match) throw new ValohaiError(notFoundMessage(projects, reference, user))
    if (others.length > 0) {
      const ids = [match, ...others].map(({ id }) => id).join(', ')
      throw new ValohaiError(
        `More than one project has that name: ${ids}. Give the UUID in \`valohai-project\``,
      )
    }
    return match.id
  }
}
