import { defaultOptions } from './options'
import type { StoreSpec } from '../../src/store/spec'
import type { Request } from '../../src/config'
import type { Reporter } from '../../src/reporting/reporter'
import type { StateReader, Terraform } from '../../src/terraform/client'
import type { PlannedChange } from '../../src/terraform/events'
import type { StackOutputs } from '../../src/store/outputs'
import type { DesiredStore, Project, Store, Valohai } from '../../src/valohai'
import type { Aws, TerraformDirectory, World } from '../../src/run/world'

export const ACCOUNT = { id: '123456789012', arn: 'arn:aws:iam::123456789012:user/deployer' }
export const PROJECT_ID = '00000000-0000-4000-8000-000000000001'
export const BUCKET = 'my-bucket'
export const USER_ARN = `arn:aws:iam::${ACCOUNT.id}:user/valohai-${BUCKET}`
export const ROLE_ARN = `arn:aws:iam::${ACCOUNT.id}:role/valohai-${BUCKET}-multipart`

/** A configuration as `config.ts` makes it, of an `apply` with everything at its default. */
export function requestOf(fields: Partial<Request> = {}, store: Partial<StoreSpec> = {}): Request {
  return {
    command: 'apply',
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
        extra: {},
      },
    },
    valohai: { origin: 'https://app.valohai.com', token: 'the-token', project: 'acme/churn-model' },
    output: {
      directory: 'unused',
      directoryIsExplicit: false,
      format: 'hcl',
      layout: 'root',
      force: false,
    },
    github: { comment: false, token: undefined },
    ...fields,
  }
}

/** An access key in IAM and in the state. The secret itself lives in IAM's answer alone. */
export interface FakeKey {
  readonly id: string
  readonly secret: string
  readonly created: Date
  /** The public key it was encrypted for; in plain without one. */
  readonly pgpKey: string | undefined
}

/** A store in Valohai, with the secret that it was given. */
export interface FakeStore extends Store {
  readonly secret: string
}

/** What outlives a run: AWS, the state and Valohai. */
export interface Cloud {
  stateBucket: boolean
  bucket: boolean
  user: boolean
  role: boolean
  keys: Map<string, FakeKey>
  stores: Map<string, FakeStore>
  defaultStoreId: string | null
  /** Whether the API shows the access key of a store. */
  keyIdHidden: boolean
  /** Whether a run holds the lock. */
  locked: boolean
  /** Outputs of the state that a killed apply did not get to write: those from before it. */
  staleOutputs: StackOutputs | undefined
  /** Changes that the next plan has besides. */
  drift: PlannedChange[]
  /** Moments at which the store held a key that was gone, which nothing may ever lead to. */
  broken: string[]
  /** Seconds since the beginning: each thing made has a time of its own. */
  time: number
  envelopes: number
}

export const emptyCloud = (): Cloud => ({
  stateBucket: false,
  bucket: false,
  user: false,
  role: false,
  keys: new Map(),
  stores: new Map(),
  defaultStoreId: null,
  keyIdHidden: false,
  locked: false,
  staleOutputs: undefined,
  drift: [],
  broken: [],
  time: 0,
  envelopes: 0,
})

/**
 * Makes one operation of a run fail: the one at this place in the log, before or after it had its effect. An
 * apply that is killed leaves its resources in the state and the outputs of before.
 */
export interface Fault {
  readonly at: number
  readonly when: 'before' | 'after' | 'killed'
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

const FAILURE = 'it broke by order of the test'

/** A world in memory: what a run does to it stays in `cloud`, as AWS and Valohai would keep it. */
export function fakeWorld(
  cloud: Cloud,
  options: {
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
  const path = '/the/terraform/directory'

  async function operation<T>(name: string, effect: () => T): Promise<T> {
    await Promise.resolve()
    await options.onOperation?.(name)
    const index = log.push(name) - 1
    const fault = options.fault?.at === index ? options.fault.when : undefined
    if (fault === 'before') throw new Error(`${name}: ${FAILURE}`)
    const result = effect()
    if (fault === 'after' || fault === 'killed') throw new Error(`${name}: ${FAILURE}`)
    return result
  }

  const now = (): Date => new Date(Date.UTC(2026, 0, 1) + ++cloud.time * 1000)

  const reporter: Reporter = {
    step: (name, work) => {
      steps.push(name)
      return work()
    },
    info: (message) => told.push(message),
    warning: (message) => warned.push(message),
    mask: (secret) => log.push(`mask ${secret}`),
  }

  const aws: Aws = {
    findAccount: () => operation('aws.findAccount', () => ACCOUNT),
    stateBucketExists: () => operation('aws.stateBucketExists', () => cloud.stateBucket),
    ensureStateBucket: (_bucket, _account, onMade) =>
      operation('aws.ensureStateBucket', () => {
        if (!cloud.stateBucket) onMade()
        cloud.stateBucket = true
      }),
    takeRunLock: async (bucket, key) => {
      await operation(`aws.takeRunLock ${bucket.name}/${key}`, () => undefined)
      await options.otherRun?.()
      if (cloud.locked) throw new Error('Another run holds the lock.')
      cloud.locked = true
      return {
        release: () => {
          log.push('release the lock')
          cloud.locked = false
          return Promise.resolve()
        },
      }
    },
    proveCredentials: ({ credentials }) =>
      operation(`aws.proveCredentials ${credentials.accessKeyId} ${credentials.secretAccessKey}`, () => {
        const key = [...cloud.keys.values()].find(({ id }) => id === credentials.accessKeyId)
        if (key?.secret !== credentials.secretAccessKey) throw new Error('InvalidAccessKeyId')
      }),
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

  const { terraform, state } = fakeTerraform(cloud, files, operation, now, options.fault?.when === 'killed')
  const write = (written: ReadonlyMap<string, string>): Promise<void> => {
    for (const [name, text] of written) files.set(name, text)
    return Promise.resolve()
  }
  const directory: TerraformDirectory = { path, terraform, state, write, writeVariables: write }

  return {
    reporter,
    aws,
    valohai: options.withoutValohai === true ? undefined : fakeValohai(cloud, operation, now),
    openTerraform: () => operation('openTerraform', () => directory),
    signal: options.signal ?? new AbortController().signal,
    log,
    steps,
    told,
    warned,
    files,
  }
}

type Operation = <T>(name: string, effect: () => T) => Promise<T>

function fakeTerraform(
  cloud: Cloud,
  files: ReadonlyMap<string, string>,
  operation: Operation,
  now: () => Date,
  isKilled: boolean,
): { terraform: Terraform; state: StateReader } {
  interface Step extends PlannedChange {
    readonly apply: () => void
  }
  let saved: Step[] | undefined

  const text = (): string => [...files.values()].join('\n')
  // Without the state bucket there is no state to read.
  const hasState = (): boolean => !text().includes('backend "local"')

  function stepsOf(): Step[] {
    const { access_key_generations: generations, pgp_key: pgpKey } = JSON.parse(
      files.get('terraform.tfvars.json') ?? '{}',
    ) as { access_key_generations: string[]; pgp_key: string }
    const exists = hasState() ? cloud : emptyCloud()
    const step = (address: string, action: 'create' | 'delete', apply: () => void): Step => ({
      address,
      type: address.split('.')[0] ?? '',
      action,
      apply,
    })
    const wantsRole = text().includes('"aws_iam_role"')
    return [
      ...(exists.bucket ? [] : [step('aws_s3_bucket.store', 'create', () => (cloud.bucket = true))]),
      ...(exists.user ? [] : [step('aws_iam_user.store', 'create', () => (cloud.user = true))]),
      ...(wantsRole && !exists.role
        ? [step('aws_iam_role.multipart', 'create', () => (cloud.role = true))]
        : []),
      ...(!wantsRole && exists.role
        ? [step('aws_iam_role.multipart', 'delete', () => (cloud.role = false))]
        : []),
      ...generations
        .filter((one) => !exists.keys.has(one))
        .map((one) => step(`aws_iam_access_key.store["${one}"]`, 'create', () => makeKey(one, pgpKey))),
      ...[...exists.keys.keys()]
        .filter((one) => !generations.includes(one))
        .map((one) => step(`aws_iam_access_key.store["${one}"]`, 'delete', () => removeKey(one))),
    ]
  }

  function makeKey(generation: string, pgpKey: string): void {
    if (cloud.keys.size >= 2) throw new Error('LimitExceeded: two access keys a user')
    const created = now()
    const id = `AKIA-${generation}-${cloud.time}`
    cloud.keys.set(generation, { id, secret: `secret-of-${id}`, created, pgpKey })
  }

  function removeKey(generation: string): void {
    const id = cloud.keys.get(generation)?.id
    for (const store of cloud.stores.values()) {
      if (store.accessKeyId === id) cloud.broken.push(`${id} was removed while ${store.id} held it`)
    }
    cloud.keys.delete(generation)
  }

  const terraform: Terraform = {
    init: () => operation('terraform.init', () => undefined),
    show: () => operation('terraform.show', () => 'Terraform will perform the following actions: …'),
    plan: ({ readOnly }) =>
      operation(`terraform.plan${readOnly ? ' -lock=false' : ''}`, () => {
        saved = stepsOf()
        const changes = [...cloud.drift, ...saved].map(({ address, type, action }) => ({
          address,
          type,
          action,
        }))
        return {
          hasChanges: changes.length > 0 || cloud.staleOutputs !== undefined,
          toAdd: saved.filter(({ action }) => action === 'create').length,
          toChange: 0,
          toDestroy: saved.filter(({ action }) => action === 'delete').length,
          changes,
        }
      }),
    apply: async (onMade) => {
      await operation('terraform.apply', () => undefined)
      if (saved === undefined) throw new Error('There is no saved plan.')
      const before = cloud.staleOutputs ?? outputsOf(cloud)
      if (isKilled) cloud.staleOutputs = before
      for (const { address, action, apply } of saved) {
        await operation(`${action} ${address}`, apply)
        if (action === 'create') onMade(address)
      }
      cloud.staleOutputs = undefined
      saved = undefined
    },
  }
  const state: StateReader = {
    init: () => operation('state.init', () => undefined),
    outputs: () =>
      operation('state.outputs', () =>
        hasState() ? (cloud.staleOutputs ?? outputsOf(cloud)) : emptyOutputs(),
      ),
  }
  return { terraform, state }
}

const emptyOutputs = (): StackOutputs => outputsOf(emptyCloud())

/** What the state tells of what stands in AWS. */
export function outputsOf(cloud: Cloud): StackOutputs {
  const keys = [...cloud.keys].sort(([a], [b]) => Number(a) - Number(b))
  const current = keys.at(-1)?.[1]
  const hasPgpKey = current?.pgpKey !== undefined
  return {
    bucket: cloud.bucket ? BUCKET : undefined,
    bucketArn: cloud.bucket ? `arn:aws:s3:::${BUCKET}` : undefined,
    region: cloud.bucket ? 'eu-west-1' : undefined,
    iamUserArn: cloud.user ? USER_ARN : undefined,
    multipartRoleArn: cloud.role ? ROLE_ARN : undefined,
    accessKeys: keys.map(([generation, { id, created }]) => ({ generation, id, created })),
    encryptedSecret: hasPgpKey ? `for ${current.pgpKey}: ${current.secret}` : undefined,
    plainSecret: hasPgpKey ? undefined : current?.secret,
  }
}

function fakeValohai(cloud: Cloud, operation: Operation, now: () => Date): Valohai {
  // As the API shows it: never the secret, and not always the key.
  const shown = (store: FakeStore): Store => {
    const hidden = ['secret', ...(cloud.keyIdHidden ? ['accessKeyId'] : [])]
    return Object.fromEntries(
      Object.entries(store).filter(([name]) => !hidden.includes(name)),
    ) as unknown as Store
  }
  const project = (): Project => ({
    id: PROJECT_ID,
    name: 'churn-model',
    description: '',
    owner: { id: 42, username: 'acme' },
    displayUrl: 'https://app.valohai.com/p/acme/churn-model/',
    defaultStore: { known: true, id: cloud.defaultStoreId },
  })
  const keep = (store: FakeStore): Store => {
    cloud.stores.set(store.id, store)
    return shown(store)
  }
  return {
    findProject: () => operation('valohai.findProject', project),
    findStore: (_project, { bucket }) =>
      operation('valohai.findStore', () => {
        const found = [...cloud.stores.values()].find((store) => store.bucket === bucket)
        return found && shown(found)
      }),
    saveStore: (_project, existing, desired, secret) =>
      operation(`valohai.saveStore ${desired.accessKeyId} ${secret}`, () => {
        const key = [...cloud.keys.values()].find(({ id }) => id === desired.accessKeyId)
        if (key?.secret !== secret) throw new Error('Valohai could not write a test file.')
        const id = existing?.id ?? `store-${cloud.stores.size + 1}`
        const saved = keep(storeOf(id, desired, secret, now()))
        return { store: saved, action: existing === undefined ? 'created' : 'updated' }
      }),
    renameStore: (existing, name) =>
      operation('valohai.renameStore', () => keep({ ...cloud.stores.get(existing.id)!, name })),
    makeDefault: (_project, { id }) =>
      operation('valohai.makeDefault', () => {
        const result = cloud.defaultStoreId === id ? 'unchanged' : 'set'
        cloud.defaultStoreId = id
        return result
      }),
    storeUrl: (_project, { id }) => `https://app.valohai.com/stores/${id}`,
  }
}

function storeOf(id: string, desired: DesiredStore, secret: string, mtime: Date): FakeStore {
  const { name, bucket, region, accessKeyId, multipartRoleArn = '', kmsKeyArn = '' } = desired
  return {
    id,
    name,
    type: 's3',
    deleted: false,
    projectId: PROJECT_ID,
    bucket,
    region,
    accessKeyId,
    multipartRoleArn,
    kmsKeyArn,
    mtime,
    access: {},
    secret,
  }
}
