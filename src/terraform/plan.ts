import type { Plan } from '../decide/plan'
import { bucketRefusal } from '../decide/refusals'
import type { Diagnostic, TerraformEvent } from './events'

/** Why Terraform itself refused a plan, where that is since the bucket has `prevent_destroy`. */
export function refusalOfDiagnostics(diagnostics: readonly Diagnostic[]): string | undefined {
  const refused = diagnostics.find(
    ({ summary, detail, address }) =>
      summary === 'Instance cannot be destroyed' && `${address ?? ''} ${detail}`.includes('aws_s3_bucket.'),
  )
  return refused === undefined ? undefined : bucketRefusal('aws_s3_bucket.store', 'delete or replace')
}

/** The counts of a plan, from its `change_summary`; a replacement counts as an add and a destroy. */
export function changeCounts(
  events: readonly TerraformEvent[],
): Pick<Plan, 'toAdd' | 'toChange' | 'toDestroy'> {
  const summary = events.findLast((event) => event.kind === 'summary')
  return { toAdd: summary?.add ?? 0, toChange: summary?.change ?? 0, toDestroy: summary?.remove ?? 0 }
}
