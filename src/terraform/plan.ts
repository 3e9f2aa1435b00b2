import type { Diagnostic, PlannedChange, TerraformEvent } from './events'

/** What a saved plan would do. */
export interface Plan {
  /** Whether applying it changes anything, outputs included. */
  readonly hasChanges: boolean
  /** Resources to add, to change in place, and to destroy; a replacement counts as an add and a destroy. */
  readonly toAdd: number
  readonly toChange: number
  readonly toDestroy: number
  readonly changes: readonly PlannedChange[]
}

/** What makes a bucket's data disappear, or (`remove`) the bucket from the state, unprotected. */
const DESTRUCTIVE = ['delete', 'replace', 'remove']

/**
 * Why a plan must not be applied: it would delete or replace the bucket. Data is never deleted by a run.
 *
 * @returns the reason and what to do, or `undefined` where the plan is safe
 */
export function refusalOf(plan: Plan): string | undefined {
  const change = plan.changes.find(
    ({ type, action }) => type === 'aws_s3_bucket' && DESTRUCTIVE.includes(action),
  )
  return change === undefined ? undefined : bucketRefusal(change.address, change.action)
}

/** The same for a plan that Terraform itself refused, since the bucket has `prevent_destroy`. */
export function refusalOfDiagnostics(diagnostics: readonly Diagnostic[]): string | undefined {
  const refused = diagnostics.find(
    ({ summary, detail, address }) =>
      summary === 'Instance cannot be destroyed' && `${address ?? ''} ${detail}`.includes('aws_s3_bucket.'),
  )
  return refused === undefined ? undefined : bucketRefusal('aws_s3_bucket.store', 'delete or replace')
}

function bucketRefusal(address: string, action: string): string {
  return [
    `The plan would ${action} the bucket (${address}), and with it its data. This is refused, always.`,
    'It happens when `bucket` or `region` changed while the state is still that of the old bucket.',
    'To link another bucket, give it a state of its own (`state-key`); to keep this one, set the old values again.',
  ].join('\n')
}

/** The counts of a plan, from its `change_summary`; a replacement counts as an add and a destroy. */
export function changeCounts(
  events: readonly TerraformEvent[],
): Pick<Plan, 'toAdd' | 'toChange' | 'toDestroy'> {
  const summary = events.findLast((event) => event.kind === 'summary')
  return { toAdd: summary?.add ?? 0, toChange: summary?.change ?? 0, toDestroy: summary?.remove ?? 0 }
}
