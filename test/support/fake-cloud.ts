import type { RunRecord, Store } from '../../src/decide/observed'
import type { Attachment } from '../../src/decide/ties'
import type { PlannedChange } from '../../src/decide/plan'

export const ACCOUNT = { id: '123456789012', arn: 'arn:aws:iam::123456789012:user/deployer' }
export const BUCKET = 'my-bucket'
export const USER_ARN = `arn:aws:iam::${ACCOUNT.id}:user/valohai-${BUCKET}`
export const ROLE_ARN = `arn:aws:iam::${ACCOUNT.id}:role/valohai-${BUCKET}-multipart`
export const DAY = 86_400_000

/** An access key in IAM. The secret itself lives in IAM's answer alone, sealed in the state. */
export interface FakeKey {
  readonly id: string
  readonly user: string
  readonly secret: string
  readonly created: Date
  isActive: boolean
  lastUsed: Date | undefined
}

/** An access key in Terraform's state. */
export interface FakeStateKey {
  readonly id: string
  readonly created: Date
  /** The public key that its secret was sealed for; `undefined`: it stands there in plain. */
  readonly pgpKey: string | undefined
  readonly secret: string
}

/** What one state holds. */
export interface FakeState {
  bucket: boolean
  user: string | undefined
  role: string | undefined
  keys: Map<string, FakeStateKey>
}

/** A store in Valohai, with the secret that it was given. */
export interface FakeStore extends Store {
  readonly secret: string
}

export interface FakeProject {
  readonly id: string
  readonly name: string
  readonly owner: { readonly id: number; readonly username: string }
  defaultStoreId: string | null
}

/** What outlives a run: AWS, the states with their locks, and Valohai. */
export interface Cloud {
  stateBucket: boolean
  /** By the state's key. */
  states: Map<string, FakeState>
  /** What is recorded beside each state, and whether a run holds its lock. */
  records: Map<string, RunRecord>
  locked: Set<string>
  bucket: boolean
  /** Whether anybody put anything into it. */
  bucketUsed: boolean
  /** The states that bucket, users and roles are of, by `bucket`, `user NAME` and `role NAME`. */
  tags: Map<string, string>
  users: Set<string>
  roles: Set<string>
  /** What hangs on the user and the role. */
  attachments: readonly Attachment[]
  /** By id. */
  keys: Map<string, FakeKey>
  stores: Map<string, FakeStore>
  projects: FakeProject[]
  /** Whether the API shows the access key of a store. */
  keyIdHidden: boolean
  /** Whether the token sees no store: it is of somebody without access. */
  blind: boolean
  /** Whether the API shows when a store was last written. */
  timesHidden: boolean
  /** Changes that the next plan has besides. */
  drift: PlannedChange[]
  /** When a store was given another key in place of each, milliseconds since the epoch. */
  replaced: Map<string, number>
  /** Days that the run under way leaves a replaced key; 0: none. */
  graceDays: number
  /** What must never happen and did: a key that a store held was taken away, say. */
  broken: string[]
  /** Milliseconds since the epoch: each thing made has a time of its own. */
  time: number
  envelopes: number
  made: number
}

export const emptyState = (): FakeState => ({
  bucket: false,
  user: undefined,
  role: undefined,
  keys: new Map(),
})

export const emptyCloud = (): Cloud => ({
  stateBucket: false,
  states: new Map(),
  records: new Map(),
  locked: new Set(),
  bucket: false,
  bucketUsed: false,
  tags: new Map(),
  users: new Set(),
  roles: new Set(),
  attachments: [],
  keys: new Map(),
  stores: new Map(),
  projects: [
    project(1, 'churn-model', { id: 42, username: 'acme' }),
    project(2, 'vision', { id: 42, username: 'acme' }),
    project(3, 'elsewhere', { id: 7, username: 'other' }),
  ],
  keyIdHidden: false,
  blind: false,
  timesHidden: false,
  drift: [],
  replaced: new Map(),
  graceDays: 7,
  broken: [],
  time: Date.UTC(2026, 0, 1),
  envelopes: 0,
  made: 0,
})

function project(number: number, name: string, owner: FakeProject['owner']): FakeProject {
  return { id: `00000000-0000-4000-8000-00000000000${number}`, name, owner, defaultStoreId: null }
}

/** The time; each call is a second later. */
export function tick(cloud: Cloud): Date {
  cloud.time += 1000
  return new Date(cloud.time)
}

/** IAM's CreateAccessKey. */
export function createKey(cloud: Cloud, user: string): FakeKey {
  const own = [...cloud.keys.values()].filter((key) => key.user === user)
  if (own.length >= 2) throw new Error('LimitExceeded: Cannot exceed quota for AccessKeysPerUser: 2')
  cloud.made += 1
  const id = `AKIA${cloud.made}`
  const key = {
    id,
    user,
    secret: `secret-of-${id}`,
    created: tick(cloud),
    isActive: true,
    lastUsed: undefined,
  }
  cloud.keys.set(id, key)
  return key
}

/** IAM's DeleteAccessKey. What a store works with must never go, nor what it worked with in the last days. */
export function deleteKey(cloud: Cloud, id: string): void {
  // One that somebody deactivated works for nobody any more.
  const isActive = cloud.keys.get(id)?.isActive === true
  for (const store of cloud.stores.values()) {
    if (isActive && !store.deleted && store.accessKeyId === id)
      cloud.broken.push(`${id} was removed while ${store.id} held it`)
  }
  const since = cloud.replaced.get(id)
  if (isActive && since !== undefined && cloud.time < since + cloud.graceDays * DAY)
    cloud.broken.push(`${id} was removed in its grace`)
  cloud.keys.delete(id)
}

/** DeleteUser, DeleteRole and DeleteBucket: nothing may hang on it, or be in it. */
export function removeThing(cloud: Cloud, kind: 'bucket' | 'user' | 'role', name: string): void {
  const keys = [...cloud.keys.values()].filter(({ user }) => kind === 'user' && user === name)
  if (keys.length + cloud.attachments.filter(({ of }) => of === kind).length > 0)
    throw new Error(`DeleteConflict: ${kind} ${name}`)
  if (kind === 'bucket') {
    if (cloud.bucketUsed) throw new Error('BucketNotEmpty')
    cloud.bucket = false
  } else (kind === 'user' ? cloud.users : cloud.roles).delete(name)
  cloud.tags.delete(kind === 'bucket' ? kind : `${kind} ${name}`)
}

/** A store is given another key: what the one before it signed has to work on for a while. */
export function replaced(cloud: Cloud, before: FakeStore | undefined, by: string): void {
  const id = before?.accessKeyId
  if (id !== undefined && id !== by) cloud.replaced.set(id, cloud.time)
}

/** Whether the store's key, as Valohai holds it, is one that IAM takes. */
export function works(cloud: Cloud, store: FakeStore): boolean {
  const key = cloud.keys.get(store.accessKeyId ?? '')
  return key?.isActive === true && key.secret === store.secret
}
