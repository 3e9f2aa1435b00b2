import type { ExistingIdentity, Project, Store } from '../../src/decide/observed'
import type { DesiredStore } from '../../src/decide/store'
import type { Reporter } from '../../src/reporting/reporter'
import type { RunRequest } from '../../src/run/act/context'
import type { Aws, StateBucket, TerraformDirectory, World } from '../../src/run/world'
import { STATE_TAG } from '../../src/store/names'
import type { StoreSpec } from '../../src/store/spec'
import { parseLock } from '../../src/state/lock-content'
import { EMPTY_STATE, parseState } from '../../src/state/read-state'
import { ValohaiError, type Valohai } from '../../src/valohai'
import {
  ACCOUNT,
  BUCKET,
  deleteKey,
  emptyState,
  removeThing,
  replaced,
  tick,
  type Cloud,
  type FakeProject,
  type FakeStore,
} from './fake-cloud'
import { fakeTerraform, stateText } from './fake-terraform'
import { bucketOf, identityOf } from './observed'
import { defaultOptions } from './options'

export * from './fake-cloud'

/** A request as `config` makes it, of an `apply` with everything at its default. */
export function requestOf(fields: Partial<RunRequest> = {}, store: Partial<StoreSpec> = {}): RunRequest {
  return {
    command: 'apply',
    wish: 'apply',
    writes: fields.command !== 'plan',
    store: { ...defaultOptions(BUCKET), ...store },
    terraform: {
      version: '1.11.4',
      versionIsExplicit: false,
      awsProviderVersion: '5.100.0',
      backend: {
        type: 's3',
        bucket: `${BUCKET}-tfstate`,
        key: `valohai-s3/${BUCKET}.tfstate`,
        region: 'eu-west-1',
        owner: undefined,
        extra: {},
      },
    },
    valohai: { origin: 'https://app.valohai.com', token: 'the-token', projects: ['acme/churn-model'] },
    output: {
      directory: 'unused',
      directoryIsExplicit: false,
      format: 'hcl',
      layout: 'root',
      force: false,
    },
    github: { comment: false, issue: false, token: undefined },
    aws: { allowedAccountIds: [], proveKey: true },
    ...fields,
  }
}

/**
 * Makes one operation of a run fail: the one at this place in the log, before or after it had its effect, or
 * `refused`, as Valohai does, without any. From `killed` on nothing of the run happens any more, as its process is gone.
 */
export interface Fault {
  readonly at: number
  readonly when: 'before' | 'after' | 'killed' | 'refused'
}

export interface FakeWorld extends World {
  /** Every operation of the outside in order, e.g. `valohai.findProject`. */
  readonly log: readonly string[]
  readonly steps: readonly string[]
  readonly told: readonly string[]
  readonly warned: readonly string[]
  /** Texts of the Terraform directory, by name. */
  readonly files: ReadonlyMap<string, string>
}

export type Operation = <T>(name: string, effect: () => T) => Promise<T>

const FAILURE = 'it broke by order of the test'

/** A world in memory: what a run does to it stays in `cloud`, as AWS and Valohai would keep it. */
export function fakeWorld(
  cloud: Cloud,
  options: {
    readonly request?: RunRequest
    readonly fault?: Fault
    readonly signal?: AbortSignal
    readonly withoutValohai?: boolean
    /** What another run does, that holds the lock first. */
    readonly otherRun?: () => Promise<unknown>
    /** Told each operation before it happens. */
    readonly onOperation?: (name: string) => unknown
  } = {},
): FakeWorld {
  const log: string[] = []
  const steps: string[] = []
  const told: string[] = []
  const warned: string[] = []
  const files = new Map<string, string>()
  const backend = (options.request ?? requestOf()).terraform.backend
  const stateKey = backend.type === 's3' ? backend.key : backend.type
  let isDead = false

  async function operation<T>(name: string, effect: () => T): Promise<T> {
    await Promise.resolve()
    // A process that was killed does nothing more, and nobody hears of it.
    if (isDead) throw new Error(`${name}: ${FAILURE}`)
    await options.onOperation?.(name)
    const index = log.push(name) - 1
    const fault = options.fault?.at === index ? options.fault.when : undefined
    if (fault === 'refused') throw new ValohaiError(`${name}: refused`, { status: 400, isRefusal: true })
    if (fault === 'before') throw new Error(`${name}: ${FAILURE}`)
    const result = effect()
    if (fault === 'killed') isDead = true
    if (fault === 'after' || fault === 'killed') throw new Error(`${name}: ${FAILURE}`)
    return result
  }

  const reporter: Reporter = {
    step: (name, work) => {
      steps.push(name)
      return work()
    },
    info: (message) => told.push(message),
    debug: () => undefined,
    warning: (message) => warned.push(message),
    mask: (secret) => log.push(`mask ${secret}`),
  }

  const tagsOf = (what: string): Record<string, string> => {
    const tag = cloud.tags.get(what)
    return tag === undefined ? {} : { [STATE_TAG]: tag }
  }
  const identity = (
    kind: 'user' | 'role',
    name: string,
    fields: Partial<ExistingIdentity> = {},
  ): ExistingIdentity =>
    identityOf(`arn:aws:iam::${ACCOUNT.id}:${kind}/${name}`, { tags: tagsOf(`${kind} ${name}`), ...fields })
  /** As ours trusts the store's user. */
  const trusting = (user: string) => [
    {
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${ACCOUNT.id}:user/${user}` },
      Action: 'sts:AssumeRole',
    },
  ]

  const aws: Aws = {
    findAccount: () => operation('aws.findAccount', () => ACCOUNT),
    findExisting: (_account, { bucket, user = '', role = '' }) =>
      operation('aws.findExisting', () => ({
        ...(bucket !== undefined && cloud.bucket
          ? { bucket: bucketOf({ tags: tagsOf('bucket'), isEmpty: !cloud.bucketUsed }) }
          : {}),
        ...(cloud.users.has(user) ? { user: identity('user', user) } : {}),
        ...(cloud.roles.has(role) ? { role: identity('role', role, { trust: trusting(user) }) } : {}),
      })),
    preflight: () => operation('aws.preflight', () => ({ uploads: true, downloads: true })),
    corsRules: () => operation('aws.corsRules', () => []),
    isPublic: () => operation('aws.isPublic', () => false),
    findKeyOwner: (id) =>
      operation('aws.findKeyOwner', () => {
        const userName = cloud.keys.get(id)?.user
        return { userName, stateTag: cloud.tags.get(`user ${userName}`) }
      }),
    listKeys: (user) =>
      operation('aws.listKeys', () => [...cloud.keys.values()].filter((key) => key.user === user)),
    removeKey: (_user, id) => operation(`aws.removeKey ${id}`, () => deleteKey(cloud, id)),
    proveCredentials: ({ credentials }) =>
      operation(`aws.proveCredentials ${credentials.accessKeyId} ${credentials.secretAccessKey}`, () => {
        const key = cloud.keys.get(credentials.accessKeyId)
        if (key?.secret !== credentials.secretAccessKey || !key.isActive)
          throw new Error('InvalidAccessKeyId')
      }),
    listInlinePolicies: ({ user, role }) =>
      operation('aws.listInlinePolicies', () => {
        return cloud.attachments.filter(
          ({ of, kind }) => kind === 'inline policy' && (of === 'user' ? user : role) !== undefined,
        )
      }),
    findAttachments: ({ user, role }) =>
      operation('aws.findAttachments', () =>
        cloud.attachments.filter(({ of }) => (of === 'user' ? user : role) !== undefined),
      ),
    countContents: () =>
      operation('aws.countContents', () => ({
        objects: cloud.bucketUsed ? 1 : 0,
        versions: 0,
        uploads: 0,
        isMore: false,
      })),
    removePolicy: (_on, { of, name }) =>
      operation(`aws.removePolicy ${name}`, () => {
        cloud.attachments = cloud.attachments.filter((one) => one.of !== of || one.name !== name)
      }),
    remove: ({ kind, name }) => operation(`aws.remove ${kind} ${name}`, () => removeThing(cloud, kind, name)),
    createEnvelope: () => {
      const publicKey = `public-key-${++cloud.envelopes}`
      return Promise.resolve({
        publicKey,
        open: (encrypted: string) => {
          const prefix = `for ${publicKey}: `
          return Promise.resolve(encrypted.startsWith(prefix) ? encrypted.slice(prefix.length) : undefined)
        },
      })
    },
  }

  const stateBucket: StateBucket = {
    name: `${BUCKET}-tfstate`,
    look: () =>
      operation('state.look', () =>
        cloud.stateBucket ? (cloud.states.size + cloud.records.size > 0 ? 'used' : 'empty') : 'missing',
      ),
    make: (_account, onMade) =>
      operation('state.make', () => {
        cloud.stateBucket = true
        onMade()
      }),
    takeLock: async () => {
      await operation('state.takeLock', () => undefined)
      await options.otherRun?.()
      if (cloud.locked.has(stateKey)) throw new Error('Another run holds the lock.')
      cloud.locked.add(stateKey)
      let record = cloud.records.get(stateKey) ?? { keys: [] }
      cloud.records.set(stateKey, record)
      return {
        get record() {
          return record
        },
        note: (next) =>
          operation(
            `state.note ${next.keys.map(({ generation, progress }) => `${generation} ${progress}`).join(', ')}`,
            () => {
              // As the real one keeps it: written as JSON, and read by its schema.
              record = parseLock(JSON.stringify({ record: next })).record
              cloud.records.set(stateKey, record)
            },
          ),
        confirm: () => operation('state.confirm', () => undefined),
        release: () => {
          log.push('release the lock')
          // A killed run's lock is void after a minute, which nobody waits for here.
          cloud.locked.delete(stateKey)
          return Promise.resolve()
        },
      }
    },
    awaitRecord: () => operation('state.awaitRecord', () => cloud.records.get(stateKey)),
    terraformLock: () => Promise.resolve(undefined),
    readState: () => operation('state.read', () => stateText(cloud, stateKey)),
  }

  const path = '/the/terraform/directory'
  const terraform = fakeTerraform({
    cloud,
    files,
    stateKey,
    operation,
    isDead: () => isDead,
  })
  const write = (written: ReadonlyMap<string, string>): Promise<void> => {
    for (const [name, text] of written) files.set(name, text)
    return Promise.resolve()
  }
  const directory: TerraformDirectory = {
    path,
    terraform,
    write: (written) => {
      files.clear()
      return write(written)
    },
    writeVariables: write,
  }

  return {
    reporter,
    now: () => tick(cloud),
    aws,
    valohai: options.withoutValohai === true ? undefined : fakeValohai(cloud, operation),
    stateBucket: backend.type === 's3' ? stateBucket : undefined,
    readOtherState: (tag) =>
      operation('readOtherState', () => {
        const key = tag.replace(`s3://${BUCKET}-tfstate/`, '')
        return cloud.states.has(key) ? parseState(stateText(cloud, key)) : EMPTY_STATE
      }),
    openTerraform: () => operation('openTerraform', () => directory),
    signal: options.signal ?? new AbortController().signal,
    log,
    steps,
    told,
    warned,
    files,
  }
}

/** What one state is, to read or to change; made where it is missing. */
export function stateOf(cloud: Cloud, key = `valohai-s3/${BUCKET}.tfstate`): ReturnType<typeof emptyState> {
  const state = cloud.states.get(key) ?? emptyState()
  cloud.states.set(key, state)
  return state
}

function fakeValohai(cloud: Cloud, operation: Operation): Valohai {
  // As the API shows it: never the secret, and not always the key.
  const shown = (store: FakeStore): Store => {
    const hidden = [
      'secret',
      ...(cloud.keyIdHidden ? ['accessKeyId'] : []),
      ...(cloud.timesHidden ? ['mtime'] : []),
    ]
    return Object.fromEntries(
      Object.entries(store).filter(([name]) => !hidden.includes(name)),
    ) as unknown as Store
  }
  const projectOf = (id: string): FakeProject => cloud.projects.find((project) => project.id === id)!
  const find = (reference: string): Project => {
    const found = cloud.projects.find(({ owner, name }) => `${owner.username}/${name}` === reference)
    if (found === undefined) throw new Error(`The project ${reference} does not exist.`)
    const { id, name, owner, defaultStoreId } = found
    return {
      id,
      name,
      description: '',
      owner,
      displayUrl: `https://app.valohai.com/p/${reference}/`,
      defaultStore: { known: true, id: defaultStoreId },
    }
  }
  const keep = (store: FakeStore): Store => {
    cloud.stores.set(store.id, store)
    return shown(store)
  }
  return {
    findProjects: ([first, ...others]) =>
      operation('valohai.findProjects', () => [find(first), ...others.map(find)]),
    listStores: () =>
      operation('valohai.listStores', () =>
        cloud.blind ? [] : [...cloud.stores.values()].filter(({ deleted }) => !deleted).map(shown),
      ),
    readStore: (id) =>
      operation('valohai.readStore', () => {
        const store = cloud.stores.get(id)
        return store && !cloud.blind ? shown(store) : undefined
      }),
    saveStore: (project, existing, desired, secret) =>
      operation(`valohai.saveStore ${desired.accessKeyId} ${secret}`, () => {
        const key = cloud.keys.get(desired.accessKeyId)
        if (key?.secret !== secret) throw new Error('Valohai could not write a test file.')
        if (cloud.blind)
          throw new ValohaiError('You have no access to this (HTTP 403)', { status: 403, isRefusal: true })
        const isTaken = [...cloud.stores.values()].some(
          ({ id, name, deleted }) => !deleted && id !== existing?.id && name === desired.name,
        )
        if (isTaken)
          throw new ValohaiError('name: A store with this name exists (HTTP 400)', {
            status: 400,
            isRefusal: true,
          })
        const id = existing?.id ?? `store-${cloud.stores.size + 1}`
        const before = cloud.stores.get(id)
        const made = storeOf(id, project.id, desired, secret, tick(cloud))
        // Who may use it is set once, and later only widened.
        const { projectId, access, ...fields } = made
        const widened = before === undefined || desired.access === 'organization'
        const owned = widened ? { access, ...(projectId === undefined ? {} : { projectId }) } : {}
        replaced(cloud, before, desired.accessKeyId)
        const saved = keep({ ...(before ?? { options: {} }), ...fields, ...owned } as FakeStore)
        return { store: saved, action: existing === undefined ? 'created' : 'updated' }
      }),
    changeStore: (existing, { name, sharedBy }) =>
      operation('valohai.changeStore', () => {
        const { projectId, ...store } = cloud.stores.get(existing.id)!
        return keep({
          ...store,
          ...(name === undefined ? {} : { name }),
          ...(sharedBy === undefined ? { projectId } : { access: { access_mode: 'owner_organization' } }),
        } as FakeStore)
      }),
    makeDefault: (project, { id }) =>
      operation('valohai.makeDefault', () => {
        const result = projectOf(project.id).defaultStoreId === id ? 'unchanged' : 'set'
        projectOf(project.id).defaultStoreId = id
        return result
      }),
    listProjects: () =>
      operation('valohai.listProjects', () =>
        cloud.projects.map(({ owner, name }) => find(`${owner.username}/${name}`)),
      ),
    clearDefault: (project, { id }) =>
      operation('valohai.clearDefault', () => {
        if (projectOf(project.id).defaultStoreId !== id) return 'unchanged'
        projectOf(project.id).defaultStoreId = null
        return 'cleared'
      }),
    deleteStore: ({ id }) =>
      operation('valohai.deleteStore', () => {
        const store = cloud.stores.get(id)
        if (store !== undefined) cloud.stores.set(id, { ...store, deleted: true })
        // What its keys signed is of use to nobody by now.
        cloud.replaced.clear()
      }),
    storeUrl: (_project, { id }) => `https://app.valohai.com/stores/${id}`,
  }
}

function storeOf(
  id: string,
  projectId: string,
  desired: DesiredStore,
  secret: string,
  mtime: Date,
): Omit<FakeStore, 'options'> {
  const { name, bucket, region, accessKeyId, multipartRoleArn = '', kmsKeyArn = '' } = desired
  return {
    id,
    name,
    type: 's3',
    deleted: false,
    ownerId: '42',
    bucket,
    region,
    accessKeyId,
    multipartRoleArn,
    kmsKeyArn,
    mtime,
    access: {},
    secret,
    ...(desired.access === 'organization'
      ? { access: { access_mode: 'owner_organization' } }
      : { projectId }),
  }
}
