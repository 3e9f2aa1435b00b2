import type { Key } from './keys'
import type { IamKey, Observed } from './observed'
import { entryOf, isNotedAfter } from './record'

/** Milliseconds. */
export const DAY = 86_400_000
/** S3 takes a presigned URL for so long at most. */
const LONGEST_URL = 7 * DAY

/** From when on a replaced key may go, and whether that is now. */
export function retirement(
  key: IamKey,
  mayBeAnywhere: boolean,
  observed: Observed,
  current: string,
  graceDays: number,
): Pick<Key, 'fate' | 'until' | 'because'> {
  if (graceDays === 0) return { fate: 'due' }
  const now = Number(observed.now)
  const grace = graceDays * DAY
  const replaced = replacedAt(key, observed, current)
  const used = key.lastUsed === undefined ? -Infinity : Number(key.lastUsed)
  const over = replaced + grace
  const stay = (until: number, because?: string): Pick<Key, 'fate' | 'until' | 'because'> => ({
    fate: 'retiring',
    until: new Date(until),
    ...(because === undefined ? {} : { because }),
  })
  if (now < over) return stay(over)
  if (mayBeAnywhere && now < used + LONGEST_URL) {
    return stay(used + LONGEST_URL, 'it may be in use elsewhere, and was used in the last seven days')
  }
  if (now < Math.min(used + DAY, over + grace)) {
    return stay(Math.min(used + DAY, over + grace), 'it was used within the last day')
  }
  return { fate: 'due' }
}

/** When the store was seen to hold the key's successor, in milliseconds. */
function replacedAt(key: IamKey, observed: Observed, current: string): number {
  const { record, keys, valohai } = observed
  const own = entryOf(observed, key.id)
  const next = (record?.keys ?? []).find(
    (entry) =>
      entry.progress === 'taken' &&
      entry.id !== key.id &&
      (own === undefined ? entry.since >= key.created.toISOString() : isNotedAfter(record, entry, own)),
  )
  if (next !== undefined) return Date.parse(next.since)
  const successor = keys.find(({ id }) => id === current)
  return Math.max(
    Number(successor?.created ?? key.created),
    Number(valohai?.store?.mtime ?? 0),
    // Given back to an earlier key by hand: it was held until then at least.
    own?.progress === 'taken' ? Date.parse(own.since) : 0,
  )
}
