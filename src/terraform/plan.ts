import { isDeepStrictEqual } from 'node:util'
import * as v from 'valibot'
import type { ChangedValue, Plan } from '../decide/plan'
import { bucketRefusal } from '../decide/refusals'
import type { JsonValue } from '../store/json'
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

const planSchema = v.object({
  resource_changes: v.optional(
    v.array(
      v.object({
        address: v.string(),
        change: v.object({
          actions: v.array(v.string()),
          before: v.nullish(v.record(v.string(), v.unknown())),
          after: v.nullish(v.record(v.string(), v.unknown())),
          after_unknown: v.optional(v.unknown()),
          before_sensitive: v.optional(v.unknown()),
        }),
      }),
    ),
    [],
  ),
})

/**
 * The values that a plan changes, besides secrets.
 *
 * @param json what `terraform show -json` prints of the plan
 */
export function changedValues(json: string): ChangedValue[] {
  const { resource_changes: changes } = v.parse(planSchema, JSON.parse(json))
  return changes
    .filter(({ change }) => !change.actions.includes('no-op'))
    .flatMap(({ address, change: { before, after, after_unknown: unknown, before_sensitive: secret } }) =>
      Object.keys({ ...before, ...after })
        .filter((attribute) => !isMarked(secret, attribute))
        .map((attribute) => ({
          address,
          attribute,
          before: (before?.[attribute] ?? null) as JsonValue,
          after: (after?.[attribute] ?? null) as JsonValue,
          ...(isMarked(unknown, attribute) && { isKnownLater: true as const }),
        }))
        .filter((change) => !isDeepStrictEqual(change.before, change.after)),
    )
}

/** Whether a whole attribute is marked, in what says so of each. */
const isMarked = (marks: unknown, attribute: string): boolean =>
  (marks as Record<string, unknown> | undefined)?.[attribute] === true
