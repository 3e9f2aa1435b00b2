import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

export type Fields = Record<string, unknown>

/** A project as the stand-in keeps it; fields besides these are kept and shown too. */
export interface StandInProject extends Fields {
  id: string
  name: string
  description: string
  owner: { id: number; username: string }
  default_store: string | null
}

/** A store as the stand-in keeps it: in full, its secret included. */
export interface StandInStore extends Fields {
  id: string
  name: string
  type: string
  project: string | null
  owner: number
  access_mode: string
  deleted: boolean
  mtime: string
  /** A write of it replaces all of it. */
  configuration: Record<string, string | boolean>
}

export interface LoggedRequest {
  readonly method: string
  readonly path: string
  readonly query: string
  /** As it was sent, secrets included: for assertions, not for printing. */
  readonly body: Fields | undefined
  readonly headers: IncomingHttpHeaders
}

/** A request that fails. */
export interface Failure {
  /** @default - any */
  method?: string
  /** @default - any */
  path?: RegExp
  /** @default - none: the connection is cut */
  status?: number
  body?: unknown
  headers?: Record<string, string>
  /** @default 1 */
  times?: number
  /** Whether the request does its work before it fails. */
  afterEffect?: boolean
}

/** Where the API is uncertain, or may misbehave. Nothing set: it behaves well, and hides the secret. */
export interface StandInQuirks {
  /** `PATCH projects/{id}/` answers 200 and ignores `default_store`. */
  defaultIgnoredByPatch?: boolean
  /** Neither PATCH nor PUT sets `default_store`; both answer 200. */
  defaultUnsupported?: boolean
  /** `PATCH projects/{id}/` answers this status. */
  projectPatchRefused?: 404 | 405 | 501
  /** What `PUT projects/{id}/` resets by the way. */
  resetByProjectPut?: Fields
  /** How `default_store` looks. @default 'id' */
  defaultStoreShape?: 'id' | 'object' | 'missing'
  /** What `upload_store_id` falls back to. */
  inheritedUploadStoreId?: string
  /** `PATCH stores/{id}/` answers 405. */
  patchRefused?: boolean
  /** `PUT stores/{id}/` answers 405. */
  putRefused?: boolean
  /** `PATCH stores/{id}/` answers 200 and changes nothing. */
  storePatchIgnored?: boolean
  /** How hidden keys look. @default 'missing' */
  secretsMasked?: 'missing' | 'null' | 'masked'
  accessKeyIdHidden?: boolean
  configurationHidden?: boolean
  /** `GET stores/` leaves the configuration out; `GET stores/{id}/` shows it. */
  configurationNotListed?: boolean
  mtimeMissing?: boolean
  /** A store's `project` is an object. */
  projectAsObject?: boolean
  /** `POST stores/` answers 201 and ignores the role for large outputs. */
  roleIgnoredByPost?: boolean
  /** `POST stores/` asks for the owner. */
  ownerRequired?: boolean
  /** Milliseconds before every answer. */
  slow?: number
  failNext?: Failure[]
  /** Errors are HTML pages. */
  htmlErrors?: boolean
  /** The next requests are answered with 429. */
  rateLimit?: { times: number; retryAfter?: string }
  /** Origin of the `next` links. */
  nextHost?: string
  /** `next` links back to the same page. */
  nextCycle?: boolean
  /** So many writes of credentials are refused first: a key that IAM has not told S3 about yet. */
  credentialsRejectedTimes?: number
}

export interface StandInState {
  projects: StandInProject[]
  stores: StandInStore[]
  readonly requests: LoggedRequest[]
  /** A time for `mtime`, later than every one before. */
  tick(): string
}

/** The project there is when a test asks for no other. */
export const DEFAULT_PROJECT: StandInProject = {
  id: '0185c0de-0000-4000-8000-000000000001',
  name: 'churn-model',
  description: 'Who leaves, and when',
  owner: { id: 42, username: 'acme' },
  default_store: null,
  environment_variables: { MODE: { value: 'live', secret: false } },
  execution_count: 3,
}

/** A state with the given projects (the default one where there are none) and stores, blanks filled in. */
export function emptyState(
  projects: readonly Partial<StandInProject>[] = [{}],
  stores: readonly Partial<StandInStore>[] = [],
): StandInState {
  let last = 0
  const tick = (): string => {
    last = Math.max(Date.now(), last + 1)
    return new Date(last).toISOString()
  }
  return {
    tick,
    requests: [],
    projects: projects.map((project) => structuredClone({ ...DEFAULT_PROJECT, ...project })),
    stores: stores.map((store) => {
      const time = tick()
      return structuredClone({
        id: randomUUID(),
        name: 'a-store',
        type: 's3',
        project: DEFAULT_PROJECT.id,
        owner: DEFAULT_PROJECT.owner.id,
        access_mode: 'single_project',
        allow_read: true,
        allow_write: true,
        teams: [],
        paths: {},
        deleted: false,
        ctime: time,
        mtime: time,
        configuration: {},
        ...store,
      })
    }),
  }
}
