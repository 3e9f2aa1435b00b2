import nock from 'nock'
import { MockAgent } from 'undici'
import { httpClient, httpOver } from '../../src/http'
import type { Project, Store } from '../../src/decide/observed'
import type { DesiredStore } from '../../src/decide/store'
import { ValohaiClient, type HttpOptions } from '../../src/valohai'
import { ValohaiHttp } from '../../src/valohai/http'
import { startValohaiStandIn, type StandIn, type StandInOptions } from '../support/valohai-stand-in'
import { DEFAULT_PROJECT } from '../support/valohai-stand-in-state'

export const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'
export const KEY_ID = 'AKIAIOSFODNN7EXAMPLE'
export const PROJECT_ID = DEFAULT_PROJECT.id
export const ROLE = 'arn:aws:iam::123456789012:role/multipart'

/** Without the role for large outputs. */
export const plain: DesiredStore = {
  name: 'our-bucket',
  bucket: 'our-bucket',
  region: 'eu-west-1',
  accessKeyId: KEY_ID,
  access: 'project',
}

export const desired: DesiredStore = { ...plain, multipartRoleArn: ROLE }

export const configuration = {
  bucket: 'our-bucket',
  region: 'eu-west-1',
  access_key_id: KEY_ID,
  secret_access_key: 'old-secret',
  multipart_upload_iam_role: ROLE,
}

/** A project and a store as the client reads them, for tests of pure functions. */
export const project: Project = {
  id: PROJECT_ID,
  name: 'churn-model',
  description: '',
  owner: { id: 42, username: 'acme' },
  defaultStore: { known: true, id: null },
}

export function store(fields: Partial<Store> = {}): Store {
  return {
    id: 'store-1',
    name: 'our-bucket',
    type: 's3',
    deleted: false,
    projectId: PROJECT_ID,
    ownerId: '42',
    bucket: 'our-bucket',
    region: 'eu-west-1',
    access: {},
    options: {},
    ...fields,
  }
}

/** Options whose time passes only by sleeping, with what was slept and told. */
export function fakeTime(start = Date.now()): {
  options: HttpOptions & Required<Pick<HttpOptions, 'sleep' | 'now' | 'info'>>
  waits: number[]
  told: string[]
} {
  let now = start
  const waits: number[] = []
  const told: string[] = []
  return {
    waits,
    told,
    options: {
      http: httpClient({}),
      now: () => now,
      info: (message) => told.push(message),
      sleep: (ms) => {
        waits.push(ms)
        now += ms
        return Promise.resolve()
      },
    },
  }
}

export const ORIGIN = 'https://app.valohai.com'
export const TOKEN = 'tok3n-of-a-person'

/** Plays hosts, each answer once; what it was not told to answer is not reachable. */
export function playHosts(): MockAgent {
  const hosts = new MockAgent()
  hosts.disableNetConnect()
  return hosts
}

/** The HTTP layer for hosts that are played, or for the network. */
export function open(
  hosts?: MockAgent,
  url = ORIGIN,
): { http: ValohaiHttp; waits: number[]; told: string[] } {
  const { options, waits, told } = fakeTime()
  const http = hosts === undefined ? options.http : httpOver(hosts)
  return { http: new ValohaiHttp(url, TOKEN, { ...options, http }), waits, told }
}

export interface Connected {
  readonly standIn: StandIn
  readonly client: ValohaiClient
  readonly waits: number[]
  readonly told: string[]
  /** The project, as the client finds it. */
  readonly project: Project
  /** The writes since the start, e.g. `POST /stores/`. */
  readonly writes: () => string[]
}

const running: StandIn[] = []

/** Starts a stand-in and a client of it whose waits take no time. */
export async function connect(
  options: StandInOptions = {},
  http: Partial<HttpOptions> = {},
): Promise<Connected> {
  // For what the stand-in and its tests send with Node's own clients.
  nock.enableNetConnect('127.0.0.1')
  const standIn = await startValohaiStandIn(options)
  running.push(standIn)
  const time = fakeTime()
  const client = new ValohaiClient(standIn.url, standIn.token, { ...time.options, ...http })
  return {
    standIn,
    client,
    waits: time.waits,
    told: time.told,
    project: { ...project, displayUrl: `${standIn.url}/p/acme/churn-model/` },
    writes: () =>
      standIn.state.requests
        .filter(({ method }) => method !== 'GET')
        .map(({ method, path }) => `${method} ${path.replace('/api/v0', '')}`),
  }
}

export async function stopAll(): Promise<void> {
  await Promise.all(running.splice(0).map((standIn) => standIn.close()))
}

/** The error a promise is rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => {
      throw new Error('expected a rejection')
    },
    (error: unknown) => error as Error,
  )
}

/** Options that people set in a store, as the API shows them. */
export const THEIRS = { endpoint_url: '', role_arn: 'arn:aws:iam::123456789012:role/theirs' }

/** Our store as a person left it: renamed, with another key and options of their own. */
export const OLD_STORE = {
  id: 'ours',
  name: 'old-name',
  configuration: { ...configuration, ...THEIRS, access_key_id: 'AKIAOLDOLDOLDOLDOLD0' },
}

/** Like `connect`, with `OLD_STORE` and the client's view of it. */
export async function withOldStore(options: StandInOptions = {}): Promise<Connected & { existing: Store }> {
  const connected = await connect({ stores: [OLD_STORE], ...options })
  const existing = await connected.client.readStore(OLD_STORE.id)
  return { ...connected, existing: existing! }
}
