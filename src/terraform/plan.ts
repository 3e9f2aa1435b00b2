import { isDeepStrictEqual } from 'node:util'
import * as v from 'valibot'
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

const planSchema = v.object({
  resource_changes: v.optional(
    v.array(
      v.object({
        address: v.string(),
        change: v.object({
          actions: v.array(v.string()),
          before: v.nullish(v.record(v.string(), v.unknown())),
          after: v.nullish(v.record(v.string(), v.unknown())),
          importing: v.optional(v.unknown()),
        }),
      }),
    ),
    [],
  ),
})

/**
 * Attributes that a plan changes of resources that it imports, by address.
 *
 * @param json what `terraform show -json` prints of the plan
 */
export function changesOfImports(json: string): ReadonlyMap<string, readonly string[]> {
  const { resource_changes: changes } = v.parse(planSchema, JSON.parse(json))
  const imported = changes.filter(
    ({ change }) => change.importing !== undefined && !change.actions.includes('no-op'),
  )
  return new Map(
    imported.map(({ address, change: { before, after } }) => [
      address,
      Object.keys({ ...before, ...after }).filter(
        (name) => !isDeepStrictEqual(before?.[name] ?? null, after?.[name] ?? null),
      ),
    ]),
  )
}
