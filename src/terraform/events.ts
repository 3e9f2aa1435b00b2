import * as v from 'valibot'
import type { PlannedChange } from '../decide/plan'

/** An error or a warning of Terraform's, in its own words. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning'
  readonly summary: string
  readonly detail: string
  /** Address of the resource concerned, where there is one. */
  readonly address?: string | undefined
}

/** The events of `terraform … -json` that mean something to a run. */
export type TerraformEvent =
  | { readonly kind: 'change'; readonly change: PlannedChange }
  | { readonly kind: 'summary'; readonly add: number; readonly change: number; readonly remove: number }
  | { readonly kind: 'diagnostic'; readonly diagnostic: Diagnostic }
  | { readonly kind: 'progress'; readonly message: string }
  | { readonly kind: 'applied'; readonly message: string; readonly address: string; readonly action: string }

const diagnosticSchema = v.object({
  severity: v.picklist(['error', 'warning']),
  summary: v.string(),
  detail: v.optional(v.string(), ''),
  address: v.optional(v.string()),
})

const eventSchema = v.variant('type', [
  v.object({
    type: v.literal('planned_change'),
    change: v.object({
      action: v.picklist([
        'create',
        'update',
        'delete',
        'replace',
        'read',
        'move',
        'import',
        'noop',
        'remove',
      ]),
      reason: v.optional(v.string()),
      resource: v.object({ addr: v.string(), resource_type: v.string() }),
    }),
  }),
  v.object({
    type: v.literal('change_summary'),
    changes: v.object({ add: v.number(), change: v.number(), remove: v.number() }),
  }),
  v.object({ type: v.literal('diagnostic'), diagnostic: diagnosticSchema }),
  v.object({ type: v.literal('state_lock_acquire'), '@message': v.string() }),
  v.object({
    type: v.picklist(['apply_start', 'apply_progress', 'apply_complete', 'apply_errored']),
    '@message': v.string(),
    hook: v.object({ action: v.optional(v.string(), ''), resource: v.object({ addr: v.string() }) }),
  }),
])

/**
 * Reads one line of Terraform's machine-readable output.
 *
 * @returns `undefined` for a line that says nothing to a run, or is no JSON: `init -json` mixes in plain text
 */
export function parseEvent(line: string): TerraformEvent | undefined {
  let json: unknown
  try {
    json = JSON.parse(line)
  } catch {
    return undefined
  }
  const parsed = v.safeParse(eventSchema, json)
  if (!parsed.success) return undefined
  const event = parsed.output
  switch (event.type) {
    case 'planned_change':
      return {
        kind: 'change',
        change: {
          address: event.change.resource.addr,
          type: event.change.resource.resource_type,
          // Its own word, which reads as if something went.
          action: event.change.action === 'remove' ? 'forget' : event.change.action,
          ...(event.change.reason === 'tainted' ? { isTainted: true } : {}),
        },
      }
    case 'change_summary':
      return { kind: 'summary', ...event.changes }
    case 'diagnostic':
      return { kind: 'diagnostic', diagnostic: event.diagnostic }
    case 'state_lock_acquire':
      return { kind: 'progress', message: event['@message'] }
    case 'apply_start':
    case 'apply_progress':
    case 'apply_complete':
    case 'apply_errored':
      return hookEvent(event.type, event['@message'], event.hook)
  }
}

function hookEvent(
  type: string,
  message: string,
  { action, resource }: { action: string; resource: { addr: string } },
): TerraformEvent | undefined {
  // Reading a data source is no news.
  if (action === 'read') return undefined
  if (type === 'apply_complete') return { kind: 'applied', message, address: resource.addr, action }
  return { kind: 'progress', message }
}
