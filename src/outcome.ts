import type { Configuration } from './config'
import type { StackOutputs } from './terraform/outputs'
import type { PlannedChange } from './terraform/events'

/** What a run did, or would do. Holds no secret. */
export interface Outcome {
  readonly command: Configuration['command']
  /** Whether anything changes, in AWS or in Valohai. */
  readonly changes: boolean
  readonly toAdd: number
  readonly toChange: number
  readonly toDestroy: number
  readonly plannedChanges: readonly PlannedChange[]
  /** The directory of the Terraform configuration. */
  readonly terraformDirectory: string
  /** What stands in AWS; partly unknown where a plan was not applied yet. */
  readonly infrastructure: Partial<StackOutputs>
  readonly store?: StoreOutcome
}

export interface StoreOutcome {
  /** UUID; none where a plan would create the store. */
  readonly id?: string
  readonly url?: string
  readonly action: 'created' | 'updated' | 'unchanged'
  /** Whether the project's default store is this one. */
  readonly isDefault: boolean
}

/** The Action's outputs, by name. An output that is not known is left out. */
export function outputsOf(outcome: Outcome, configuration: Configuration): Record<string, string> {
  const { infrastructure, store } = outcome
  const outputs: Record<string, string | undefined> = {
    changes: String(outcome.changes),
    'to-add': String(outcome.toAdd),
    'to-change': String(outcome.toChange),
    'to-destroy': String(outcome.toDestroy),
    'terraform-dir': outcome.terraformDirectory,
    bucket: configuration.infrastructure.bucketName,
    'bucket-arn': infrastructure.bucketArn,
    region: configuration.infrastructure.region,
    'iam-user-arn': infrastructure.iamUserArn,
    'access-key-id': infrastructure.accessKeys?.at(-1)?.id,
    'multipart-role-arn': infrastructure.multipartRoleArn,
    'store-id': store?.id,
    'store-url': store?.url,
    'store-action': store?.action,
    'default-store': store === undefined ? undefined : String(store.isDefault),
  }
  return Object.fromEntries(
    Object.entries(outputs).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}
