import type {
  ExistingBucket,
  ExistingIdentity,
  IamKey,
  KeyProgress,
  Observed,
  Project,
  RunRecord,
  StateKey,
  Store,
} from '../../src/decide/observed'
import { EMPTY_STATE } from '../../src/state/read-state'
import { BUCKET, DAY, ROLE_ARN, USER_ARN } from './fake-cloud'

export const NOW = new Date('2026-03-01T12:00:00Z')

/** So many days before now. */
export const ago = (days: number): Date => new Date(Number(NOW) - days * DAY)

export const PROJECT: Project = {
  id: 'project-1',
  name: 'churn-model',
  description: '',
  owner: { id: 42, username: 'acme' },
  defaultStore: { known: true, id: 'store-1' },
}

/** The project's store, as asked for by default options; which key it holds is not shown. */
export const store = (fields: Partial<Store> = {}): Store => ({
  id: 'store-1',
  name: BUCKET,
  type: 's3',
  deleted: false,
  projectId: PROJECT.id,
  ownerId: '42',
  bucket: BUCKET,
  region: 'eu-west-1',
  multipartRoleArn: ROLE_ARN,
  kmsKeyArn: '',
  access: {},
  options: {},
  ...fields,
})

/** A store of which the API does not tell some fields. */
export function without(one: Store, ...fields: (keyof Store)[]): Store {
  return Object.fromEntries(
    Object.entries(one).filter(([name]) => !(fields as string[]).includes(name)),
  ) as unknown as Store
}

/** A world in short: keys are called by their generation, or by a letter where the state lacks them. */
export interface Sketch {
  /** What IAM has: the age of each key in days, or more of it. */
  readonly iam?: Readonly<Record<string, number | KeySketch>>
  /** Generations in the state. @default - those that IAM has */
  readonly state?: readonly string[]
  /** How far each key came, and how many days ago; `null`: no record is kept. @default - nothing */
  readonly record?: Readonly<Record<string, readonly [progress: KeyProgress, days: number]>> | null
  /** Name of the key that the store shows. @default - the API hides it */
  readonly shows?: string
  /** How many days ago the store was written. @default - the API hides it */
  readonly written?: number
  /** `missing`: none is seen; `deleted`: seen as deleted; `unasked`: Valohai is not asked. */
  readonly store?: Partial<Store> | 'missing' | 'deleted' | 'unasked'
}

export interface KeySketch {
  readonly age: number
  /** How many days ago it was last used. @default - never */
  readonly used?: number
  readonly inactive?: boolean
  /** Whether people may have its secret. */
  readonly anywhere?: boolean
}

/** The world of a sketch. */
export function worldOf({ iam = {}, record = {}, store: there = {}, ...sketch }: Sketch): Observed {
  const keys = Object.entries(iam).map(([name, key]) => ({
    name,
    ...(typeof key === 'number' ? { age: key } : key),
  }))
  const generations = sketch.state ?? keys.map(({ name }) => name).filter((name) => /^\d+$/.test(name))
  const shown = store({
    ...(typeof there === 'string' ? {} : there),
    ...(sketch.shows === undefined ? {} : { accessKeyId: `AKIA${sketch.shows}` }),
    ...(sketch.written === undefined ? {} : { mtime: ago(sketch.written) }),
  })
  return {
    now: NOW,
    existing: {},
    otherStates: new Map(),
    preflight: undefined,
    terraformLock: undefined,
    keyOwner: undefined,
    ties: undefined,
    state: {
      ...EMPTY_STATE,
      ...(generations.length === 0
        ? {}
        : {
            bucket: { name: BUCKET, arn: `arn:aws:s3:::${BUCKET}`, region: 'eu-west-1' },
            user: { name: `valohai-${BUCKET}`, arn: USER_ARN },
            role: { name: `valohai-${BUCKET}-multipart`, arn: ROLE_ARN },
          }),
      keys: generations.map((generation): StateKey => {
        const key = keys.find(({ name }) => name === generation)
        return {
          generation,
          id: `AKIA${generation}`,
          created: key && ago(key.age),
          sealedSecret: 'sealed',
          sealedFor: undefined,
          isImported: false,
          mayBeAnywhere: key?.anywhere === true,
        }
      }),
    },
    keys: keys.map(({ name, age, used, inactive }): IamKey => ({
      id: `AKIA${name}`,
      isActive: inactive !== true,
      created: ago(age),
      lastUsed: used === undefined ? undefined : ago(used),
    })),
    record: record === null ? undefined : recordOf(record),
    valohai:
      there === 'unasked'
        ? undefined
        : {
            projects: [PROJECT],
            store: there === 'missing' || there === 'deleted' ? undefined : shown,
            others: [],
            deleted: new Set(there === 'deleted' ? [shown.id] : []),
          },
  }
}

function recordOf(record: NonNullable<Sketch['record']>): RunRecord {
  // In the order in which they were noted.
  const inOrder = Object.entries(record).sort(([, [, a]], [, [, b]]) => b - a)
  const keys = inOrder.map(([generation, [progress, days]]) => ({
    generation,
    ...(progress === 'asked' ? {} : { id: `AKIA${generation}` }),
    ...(progress === 'offered' || progress === 'taken' ? { store: 'store-1' } : {}),
    progress,
    since: ago(days).toISOString(),
  }))
  return { keys }
}

/** A bucket that nobody set anything on. */
export const bucketOf = (fields: Partial<ExistingBucket> = {}): ExistingBucket => ({
  arn: `arn:aws:s3:::${BUCKET}`,
  tags: {},
  isEmpty: false,
  settings: [],
  bucketKeyEnabled: undefined,
  kmsKeyArn: undefined,
  policyStatements: [],
  corsRules: [],
  lifecycleRules: [],
  usesAcls: false,
  ...fields,
})

/** A user or a role. */
export const identityOf = (arn: string, fields: Partial<ExistingIdentity> = {}): ExistingIdentity => ({
  arn,
  tags: {},
  hasPolicy: true,
  permissionsBoundary: undefined,
  trust: [],
  ...fields,
})
