import type { Request } from '../config'
import type { PlannedChange } from '../terraform/events'
import type { StackOutputs } from '../store/outputs'
import type { Plan } from '../terraform/plan'
import type { StoreField } from '../valohai'

/** What a run did (`apply`), or would do (`plan`). Holds no secret. */
export interface Outcome {
  readonly command: Request['command']
  /** Whether anything changes, in AWS or in Valohai. */
  readonly changes: boolean
  readonly aws: AwsOutcome
  /** `undefined` where a plan was not given Valohai. */
  readonly valohai: ValohaiOutcome | undefined
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
  /** The directory of the Terraform configuration. */
  readonly directory: string
  /** What stands there now; unknown where nothing was applied yet. */
  readonly bucketArn: string | undefined
  readonly iamUserArn: string | undefined
  readonly accessKeyId: string | undefined
  readonly multipartRoleArn: string | undefined
}

/** What was done about the store and the project's default, or would be. */
export interface ValohaiOutcome {
  /** `owner/name`. */
  readonly project: string
  readonly projectUrl: string | undefined
  readonly storeName: string
  /** UUID; none where a plan would create the store. */
  readonly storeId: string | undefined
  readonly storeUrl: string | undefined
  readonly action: 'created' | 'updated' | 'unchanged'
  /** Fields of an existing store that change, besides the access key. */
  readonly fields: readonly StoreField[]
  /** Whether the store gets a new access key. */
  readonly newKey: boolean
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

/** The part of an outcome that comes from Terraform: the plans of the run, and the state it ends with. */
export function awsOutcome(
  plans: readonly Plan[],
  state: StackOutputs,
  { directory, diff }: { directory: string; diff?: string | undefined },
): AwsOutcome {
  const sum = (count: (plan: Plan) => number): number => plans.reduce((total, plan) => total + count(plan), 0)
  return {
    toAdd: sum(({ toAdd }) => toAdd),
    toChange: sum(({ toChange }) => toChange),
    toDestroy: sum(({ toDestroy }) => toDestroy),
    changes: plans.flatMap(({ changes }) => changes),
    diff,
    directory,
    bucketArn: state.bucketArn,
    iamUserArn: state.iamUserArn,
    accessKeyId: state.accessKeys.at(-1)?.id,
    multipartRoleArn: state.multipartRoleArn,
  }
}

/** The Action's outputs, by name. An output that is not known is left out. */
export function outputsOf({ changes, aws, valohai }: Outcome, { store }: Request): Record<string, string> {
  const outputs: Record<string, string | undefined> = {
    changes: String(changes),
    'to-add': String(aws.toAdd),
    'to-change': String(aws.toChange),
    'to-destroy': String(aws.toDestroy),
    'terraform-dir': aws.directory,
    bucket: store.bucketName,
    'bucket-arn': aws.bucketArn,
    region: store.region,
    'iam-user-arn': aws.iamUserArn,
    'access-key-id': aws.accessKeyId,
    'multipart-role-arn': aws.multipartRoleArn,
    'store-id': valohai?.storeId,
    'store-url': valohai?.storeUrl,
    'store-action': valohai?.action,
    'default-store': valohai && String(valohai.defaultStore.isThisStore),
  }
  return Object.fromEntries(
    Object.entries(outputs).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}
