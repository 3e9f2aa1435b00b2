import { differences, type DesiredStore } from '../decide/store'
import type { Store } from '../decide/observed'

/**
 * What a write did not do, as told by the store read before (none when it was created) and after it:
 * the names of the fields that are not as desired.
 *
 * `silent` tells a write that was accepted and left no trace: the key's id is hidden, the store's time has not
 * moved or is hidden too, and nothing else was to change. It is a suspicion and not a proof.
 */
export function writeEffect(
  before: Store | undefined,
  after: Store,
  desired: DesiredStore,
): { readonly missing: string[]; readonly silent: boolean } {
  const otherKey = after.accessKeyId !== undefined && after.accessKeyId !== desired.accessKeyId
  const missing = [...differences(after, desired), ...(otherKey ? ['access_key_id'] : [])]
  const hasMoved =
    before?.mtime !== undefined && after.mtime !== undefined && after.mtime.getTime() > before.mtime.getTime()
  const hasChanged = before !== undefined && differences(before, desired).length > 0
  return {
    missing,
    silent: before !== undefined && after.accessKeyId === undefined && !hasMoved && !hasChanged,
  }
}
