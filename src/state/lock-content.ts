import * as v from 'valibot'
import type { RunRecord } from '../decide/observed'

/** What the object of the run lock says. */
export interface LockContent {
  /** Id of the run that wrote it last. */
  readonly run: string
  /** Who that is, for a person. */
  readonly holder: string
  /** ISO 8601. */
  readonly since: string
  readonly renewed: string
  readonly isHeld: boolean
  readonly record: RunRecord
}

const progress = v.picklist(['asked', 'made', 'offered', 'taken', 'refused'])
const schema = v.object({
  run: v.optional(v.string(), ''),
  holder: v.optional(v.string(), 'unknown'),
  since: v.optional(v.string(), 'an unknown time'),
  renewed: v.optional(v.string(), ''),
  // Earlier releases deleted the object in the end, so theirs is held.
  isHeld: v.optional(v.boolean(), true),
  record: v.optional(
    v.object({
      keys: v.array(
        v.object({
          generation: v.string(),
          id: v.exactOptional(v.string()),
          store: v.exactOptional(v.string()),
          before: v.exactOptional(v.array(v.string())),
          offeredAs: v.exactOptional(v.string()),
          progress,
          since: v.string(),
        }),
      ),
      tenures: v.exactOptional(
        v.array(v.object({ who: v.string(), since: v.string(), until: v.exactOptional(v.string()) })),
      ),
      deletedStores: v.exactOptional(v.array(v.string())),
      adopted: v.exactOptional(v.array(v.object({ of: v.picklist(['user', 'role']), name: v.string() }))),
    }),
    { keys: [] },
  ),
})

/** The text of the object. */
export function lockText(content: LockContent): string {
  return `${JSON.stringify(content, null, 2)}\n`
}

/**
 * Reads the object's text.
 *
 * @throws where it is not one that a run wrote: what it records of the keys is not to be guessed
 */
export function parseLock(text: string): LockContent {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    json = undefined
  }
  const parsed = v.safeParse(schema, json)
  if (parsed.success) return parsed.output
  throw new Error('it does not hold what a run writes. Restore its last version, or delete it')
}
