import { newStoreName } from '../store/names'
import type { StoreSpec } from '../store/spec'
import type { Key } from './keys'
import { DAY } from './retirement'
import type { Observed, StackState, Store } from './observed'
import type { Plan, PlannedChange } from './plan'
import { fullName, isDefault } from './projects'
import type { Decision, Step, StoreChange, Wait } from './steps'

/** What a run did, or would do. Holds no secret. */
export interface Outcome {
  readonly command: string
  /** Whether it was done; else it is what would be done. */
  readonly isDone: boolean
  /** Whether anything changes, in AWS or in Valohai. What waits is no change. */
  readonly changes: boolean
  /** Digests of everything that changes, see `planDigest`. */
  readonly digest: string
  /** All steps, in order. */
  readonly steps: readonly Step[]
  readonly aws: AwsOutcome
  /** `undefined` where a plan was not given Valohai. */
  readonly valohai: ValohaiOutcome | undefined
  readonly keys: KeysOutcome
  readonly waits: readonly Wait[]
  /** Of `destroy` alone: what goes and what stays, in sentences. */
  readonly takenDown: readonly string[] | undefined
}

/** What Terraform did, or would do. */
export interface AwsOutcome {
  /** Resources added, changed in place and destroyed; a replacement counts as an add and a destroy. */
  readonly toAdd: number
  readonly toChange: number
  readonly toDestroy: number
  readonly changes: readonly PlannedChange[]
  /** Terraform's own text of the plan, where there is anything in it and it was asked for. */
  readonly diff: string | undefined
  /** The directory of the Terraform configuration; `undefined` where somebody else applies it. */
  readonly directory: string | undefined
  /** What stands there now; unknown where nothing was applied yet. */
  readonly bucketArn: string | undefined
  readonly iamUserArn: string | undefined
  readonly multipartRoleArn: string | undefined
}

/** The access keys as they are now. */
export interface KeysOutcome {
  /** The one that the store works with; `undefined` where that is not known, or there is none. */
  readonly current: { readonly id: string; readonly created: Date } | undefined
  /** Those that were replaced and may go from a day on. */
  readonly retiring: readonly RetiringKey[]
}

export interface RetiringKey {
  readonly id: string
  readonly until: Date
  /** Why it stays longer than its grace; a clause. */
  readonly because: string | undefined
}

/** What was done about the store and the project's default, or would be. */
export interface ValohaiOutcome extends StoreChange {
  /** `owner/name`. */
  readonly project: string
  readonly projectUrl: string | undefined
  readonly storeName: string
  /** UUID; none where a plan would create the store. */
  readonly storeId: string | undefined
  readonly storeUrl: string | undefined
  readonly defaultStore: DefaultStoreOutcome
}

export interface DefaultStoreOutcome {
  /** Id of the default store before the run; `undefined` where there was none, or the API does not tell. */
  readonly before: string | undefined
  /** Whether the run sets it, or would. */
  readonly changes: boolean
  /** Whether the project's default is this store: after an apply, or as things are for a plan. */
  readonly isThisStore: boolean
}

/** Everything that a run ends with. */
export interface End {
  readonly command: string
  readonly isDone: boolean
  readonly digest: string
  readonly observed: Observed
  readonly decision: Decision
  /** Terraform's plan of the end state, as it was shown. */
  readonly plan: Plan
  readonly reached: { readonly state: StackState; readonly store: Store | undefined }
  readonly storeUrl: string | undefined
  readonly directory: string | undefined
  readonly diff: string | undefined
}

/** What a run did, or would do, in the words of its reports. */
export function outcomeOf(end: End): Outcome {
  const { command, isDone, digest, decision, plan, reached, observed } = end
  const { toAdd, toChange, toDestroy, changes } = plan
  const { bucket, user, role } = reached.state
  const others = decision.steps.filter(({ kind }) => kind !== 'terraform')
  return {
    command,
    isDone,
    changes: plan.hasChanges || others.length > 0,
    digest,
    steps: decision.steps,
    aws: {
      toAdd,
      toChange,
      toDestroy,
      changes,
      diff: end.diff,
      directory: end.directory,
      bucketArn: bucket?.arn,
      iamUserArn: user?.arn,
      multipartRoleArn: role?.arn,
    },
    valohai: observed.valohai && valohaiOutcome(end, observed.valohai),
    keys: keysOutcome(end),
    waits: decision.waits,
    takenDown: decision.takesDown && decision.notes,
  }
}

function valohaiOutcome(
  { decision, reached: { store }, storeUrl, isDone }: End,
  { projects: [project], store: found }: NonNullable<Observed['valohai']>,
): ValohaiOutcome {
  const { spec, steps } = decision
  const wasDefault = found !== undefined && isDefault(project, found)
  const changes = steps.some((step) => step.kind === 'set-default' && step.project.id === project.id)
  const { defaultStore, uploadStoreId } = project
  return {
    ...(decision.store ?? { action: 'unchanged', fields: [], newKey: false }),
    project: fullName(project),
    projectUrl: project.displayUrl,
    storeName: store?.name ?? newStoreName(spec),
    storeId: store?.id,
    storeUrl,
    defaultStore: {
      before: (defaultStore.known ? defaultStore.id : uploadStoreId) ?? undefined,
      changes,
      isThisStore: (wasDefault && store !== undefined) || (changes && isDone),
    },
  }
}

function keysOutcome({ decision, isDone, reached, observed }: End): KeysOutcome {
  const { keyring, newGeneration, spec } = decision
  const made = isDone ? reached.state.keys.find(({ generation }) => generation === newGeneration) : undefined
  const { current } = keyring
  const retiring = keyring.keys.filter(({ fate }) => fate === 'retiring').flatMap(asRetiring)
  const replaced =
    made !== undefined && current !== undefined && made.id !== current.id && spec.keyGraceDays > 0
      ? [
          {
            id: current.id,
            until: new Date(Number(observed.now) + spec.keyGraceDays * DAY),
            because: undefined,
          },
        ]
      : []
  return {
    current:
      made === undefined
        ? current && { id: current.id, created: current.created }
        : { id: made.id, created: made.created ?? observed.now },
    retiring: [...retiring, ...replaced],
  }
}

function asRetiring({ id, until, because }: Key): RetiringKey[] {
  return until === undefined ? [] : [{ id, until, because }]
}

/** The Action's outputs, by name. An output that is not known is left out. */
export function outputsOf(
  { changes, digest, aws, valohai, keys }: Outcome,
  { store }: { readonly store: Pick<StoreSpec, 'bucketName' | 'region'> },
): Record<string, string> {
  const retires = keys.retiring.map(({ until }) => until.toISOString().slice(0, 10)).sort()[0]
  const outputs: Record<string, string | undefined> = {
    changes: String(changes),
    'to-add': String(aws.toAdd),
    'to-change': String(aws.toChange),
    'to-destroy': String(aws.toDestroy),
    'plan-digest': digest,
    'terraform-dir': aws.directory,
    bucket: store.bucketName,
    'bucket-arn': aws.bucketArn,
    region: store.region,
    'iam-user-arn': aws.iamUserArn,
    'access-key-id': keys.current?.id,
    'multipart-role-arn': aws.multipartRoleArn,
    'store-id': valohai?.storeId,
    'store-url': valohai?.storeUrl,
    'store-action': valohai?.action,
    'default-store': valohai && String(valohai.defaultStore.isThisStore),
    'key-retires-on': retires ?? '',
  }
  return Object.fromEntries(
    Object.entries(outputs).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}
