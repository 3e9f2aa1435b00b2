import type { IamKey, Observed, RecordedKey, RunRecord } from './observed'

/** Keys that the record keeps in mind: enough for every question, and the object stays small. */
const MOST_KEYS = 12

/** How long after a run asked for a key IAM may still have made it, in milliseconds: Terraform is gone by then. */
const LONGEST_ANSWER = 900_000

/** What the record says of a key: by its id, or by its generation, where the run died before it noted the id. */
export function entryOf(
  { record, state }: Pick<Observed, 'record' | 'state'>,
  id: string,
): RecordedKey | undefined {
  const generation = state.keys.find((key) => key.id === id)?.generation
  return record?.keys.find((key) => key.id === id || (key.id === undefined && key.generation === generation))
}

/** The key that was taken last. By the order of the notes: clocks of different machines differ. */
export function lastTaken(record: RunRecord | undefined): RecordedKey | undefined {
  return record?.keys.findLast(({ progress }) => progress === 'taken')
}

/** Whether an entry was noted after another one. */
export function isNotedAfter(record: RunRecord | undefined, one: RecordedKey, other: RecordedKey): boolean {
  const order = record?.keys ?? []
  return order.indexOf(one) > order.indexOf(other)
}

/** Whether the record knows that no store has the key, or only one that is deleted. */
export function isKnownAsNotTaken(entry: RecordedKey | undefined, deleted: ReadonlySet<string>): boolean {
  if (entry === undefined) return false
  if (entry.progress === 'taken' || entry.progress === 'offered') {
    return entry.store !== undefined && deleted.has(entry.store)
  }
  return true
}

/** Whether IAM made the key after a run had asked for one. IAM's times have whole seconds. */
export function isNewSince(
  { id, created }: Pick<IamKey, 'id' | 'created'>,
  { before, since }: Pick<RecordedKey, 'before' | 'since'>,
): boolean {
  return before?.includes(id) !== true && Number(created) + 1000 > Date.parse(since)
}

/** Whether IAM made the key for a run that never had its answer. */
export function wasLost(key: Pick<IamKey, 'id' | 'created'>, record: RunRecord | undefined): boolean {
  const asked = record?.keys.find(({ progress, id }) => progress === 'asked' && id === undefined)
  if (asked === undefined || !isNewSince(key, asked)) return false
  return Number(key.created) < Date.parse(asked.since) + LONGEST_ANSWER
}

/**
 * The record with one more note. A key asked for earlier whose answer never came is closed by it, and what is
 * no longer of use is left out: refused keys first, and never the last one that a store took.
 */
export function noted(record: RunRecord, entry: RecordedKey): RunRecord {
  const others = record.keys
    .filter(({ generation }) => generation !== entry.generation)
    .map((key): RecordedKey =>
      entry.progress === 'asked' && key.progress === 'asked' ? { ...key, progress: 'refused' } : key,
    )
  const keys = [...others, entry]
  const isLastOfStore = (key: RecordedKey): boolean =>
    key.progress === 'taken' &&
    keys.findLast(({ progress, store }) => progress === 'taken' && store === key.store) === key
  const spare = keys.filter((key) => key !== entry && (key.progress === 'refused' || !isLastOfStore(key)))
  const spareFirst = [...spare].sort(
    (a, b) => Number(b.progress === 'refused') - Number(a.progress === 'refused'),
  )
  const dropped = new Set(spareFirst.slice(0, Math.max(0, keys.length - MOST_KEYS)))
  return { ...record, keys: keys.filter((key) => !dropped.has(key)) }
}
