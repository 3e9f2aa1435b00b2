import type { IamKey, Observed, RecordedKey } from './observed'
import { entryOf, isKnownAsNotTaken, isNotedAfter, lastTaken, wasLost } from './record'
import { retirement } from './retirement'

/** What becomes of an access key. */
export type Fate =
  /** The store works with it. */
  | 'current'
  /** It was replaced, and stays in its grace: what it signed still works. */
  | 'retiring'
  /** It was replaced, and its grace is over. */
  | 'due'
  /** No store ever took it: it goes at once. */
  | 'unused'
  /** The store may hold it, or may not; it stays until somebody knows. */
  | 'unclear'
  /** Somebody made it by hand: it counts for room, and is never touched. */
  | 'foreign'

/** An access key of the store's user, and what becomes of it. */
export interface Key {
  readonly id: string
  /** Its place in Terraform's state, as it is or is to be; `undefined` for one that is not ours. */
  readonly generation: string | undefined
  readonly isInState: boolean
  /** Whether people made it, and it was taken over: nobody here knows its secret. */
  readonly isAdopted: boolean
  readonly isActive: boolean
  readonly created: Date
  readonly lastUsed: Date | undefined
  readonly fate: Fate
  /** From when a retiring key may go. */
  readonly until?: Date
  /** Why it stays longer than its grace; a clause. */
  readonly because?: string
}

/** The access keys of a store as they are. */
export interface Keyring {
  /** Oldest first; those that IAM has. */
  readonly keys: readonly Key[]
  /** The one that the store works with, where it is known and IAM still has it. */
  readonly current: Key | undefined
  /** Id of the key that the store shows and that is not one of ours: drift. */
  readonly stranger: string | undefined
  /** Whether the store works with no key: the one it holds is gone or deactivated. */
  readonly isBroken: boolean
}

/** Clocks of AWS and of Valohai are this far apart at most, in milliseconds. */
const CLOCK_SKEW = 300_000

/**
 * Says of every access key of the store's user what becomes of it.
 *
 * Only a run knows the secret of a key that it made, so only the store it was made for can hold it: what that
 * store shows, else every key but those that the record knows as not taken.
 *
 * @param graceDays how long a replaced key stays; 0: not at all
 */
export function keyring(observed: Observed, graceDays: number): Keyring {
  const { state, keys: inIam, record, valohai } = observed
  const shown = valohai?.store?.accessKeyId
  const inState = new Map(state.keys.map((key) => [key.id, key]))
  const recordOf = (id: string): RecordedKey | undefined => entryOf(observed, id)
  // A key of our user that our store shows is what it works with, whoever made it.
  const isOurs = ({ id }: IamKey): boolean => inState.has(id) || recordOf(id) !== undefined || id === shown
  const ours = [...inIam].sort((a, b) => Number(a.created) - Number(b.created)).filter(isOurs)

  const held = holderOf(observed, ours, recordOf)
  const keys = [...inIam]
    .sort((a, b) => Number(a.created) - Number(b.created))
    .map((key): Key => {
      const stateKey = inState.get(key.id)
      const generation =
        stateKey?.generation ??
        recordOf(key.id)?.generation ??
        (key.id === shown ? nextGeneration(observed) : undefined)
      const isAdopted = recordOf(key.id) === undefined && (stateKey?.isImported ?? generation !== undefined)
      const base = { ...key, generation, isInState: stateKey !== undefined, isAdopted }
      if (key.id === held.current) return { ...base, fate: 'current' }
      if (!isOurs(key)) return { ...base, fate: wasLost(key, record) ? 'unused' : 'foreign' }
      if (valohai !== undefined && !held.possible.has(key.id) && isUnused(key, observed, held, recordOf)) {
        return { ...base, fate: 'unused' }
      }
      // Nothing but the time of the store's last change speaks against it.
      const isDoubtful =
        valohai !== undefined &&
        shown === undefined &&
        recordOf(key.id) === undefined &&
        !held.possible.has(key.id)
      if (held.current === undefined || held.isUnclear || isDoubtful) return { ...base, fate: 'unclear' }
      const mayBeAnywhere = stateKey?.mayBeAnywhere === true || isElsewhere(recordOf(key.id), valohai)
      return { ...base, ...retirement(key, mayBeAnywhere, observed, held.current, graceDays) }
    })
  const current = keys.find(({ fate }) => fate === 'current')
  return {
    keys,
    current,
    stranger: shown !== held.current && !held.isGone ? shown : undefined,
    isBroken: valohai?.store !== undefined && held.isGone ? true : current?.isActive === false,
  }
}

interface Held {
  /** Id of the key that the store works with, where that is known. */
  readonly current: string | undefined
  /** Ids of the keys that it may hold. */
  readonly possible: ReadonlySet<string>
  readonly isUnclear: boolean
  /** Whether the key that it holds is known, and not in IAM any more. */
  readonly isGone: boolean
}

function holderOf(
  { state, keys: inIam, record, valohai }: Observed,
  ours: readonly IamKey[],
  recordOf: (id: string) => RecordedKey | undefined,
): Held {
  const ids = new Set(inIam.map(({ id }) => id))
  const known = (current: string | undefined, isGone = false): Held => ({
    current,
    possible: new Set(current === undefined ? [] : [current]),
    isUnclear: false,
    isGone,
  })
  // Where Valohai is not asked, the newest key counts as the one it holds.
  if (valohai === undefined) return known(ours.at(-1)?.id)

  const { store } = valohai
  const shown = store?.accessKeyId
  if (shown !== undefined) {
    const wasOurs =
      ours.some(({ id }) => id === shown) ||
      state.keys.some(({ id }) => id === shown) ||
      recordOf(shown) !== undefined
    if (!wasOurs) return known(undefined)
    return known(ids.has(shown) ? shown : undefined, !ids.has(shown))
  }

  const mayHold = ours.filter(
    (key) =>
      !isKnownAsNotTaken(recordOf(key.id), valohai.deleted) &&
      !isYoungerThanStore(key, recordOf(key.id), store),
  )
  const possible = new Set(mayHold.map(({ id }) => id))
  const takenLast = lastTaken(record)
  const offered = mayHold.filter(({ id }) => {
    const entry = recordOf(id)
    const isLater = entry !== undefined && (takenLast === undefined || isNotedAfter(record, entry, takenLast))
    return isLater && entry.progress === 'offered'
  })
  if (store === undefined)
    return { current: undefined, possible, isUnclear: possible.size > 0, isGone: false }
  if (offered.length === 0 && takenLast?.id !== undefined) {
    const isHere = ids.has(takenLast.id)
    return { current: isHere ? takenLast.id : undefined, possible, isUnclear: false, isGone: !isHere }
  }
  const [only] = mayHold
  if (mayHold.length === 1 && only !== undefined) return { ...known(only.id), possible }
  // Nothing that it could hold is left: whatever it holds is gone.
  return { current: undefined, possible, isUnclear: possible.size > 0, isGone: possible.size === 0 }
}

/** A store that was last written before the key was made cannot hold it. Of use where nothing is recorded. */
function isYoungerThanStore(
  key: IamKey,
  recorded: RecordedKey | undefined,
  store: { readonly mtime?: Date } | undefined,
): boolean {
  if (recorded !== undefined || store?.mtime === undefined) return false
  return Number(key.created) > Number(store.mtime) + CLOCK_SKEW
}

/** Whether a key was given to a store that is not the one seen here, and not shown as deleted. */
function isElsewhere(entry: RecordedKey | undefined, valohai: Observed['valohai']): boolean {
  if (entry?.store === undefined || valohai === undefined) return false
  return entry.store !== valohai.store?.id && !valohai.deleted.has(entry.store)
}

/** Whether a key that the store does not hold never was held by it either. */
function isUnused(
  key: IamKey,
  { valohai, keys: inIam }: Observed,
  { current }: Held,
  recordOf: (id: string) => RecordedKey | undefined,
): boolean {
  const recorded = recordOf(key.id)
  if (isKnownAsNotTaken(recorded, valohai?.deleted ?? new Set())) return true
  if (recorded?.progress === 'taken') return false
  if (valohai?.store?.accessKeyId === undefined) return false
  // Offered, and the store shows another one; or not recorded, and made after the one that the store holds.
  const holder = inIam.find(({ id }) => id === current)
  return holder !== undefined && Number(key.created) > Number(holder.created)
}

/** The number after every one that was ever given out. */
export function nextGeneration({ state, record }: Pick<Observed, 'state' | 'record'>): string {
  const known = [...state.keys, ...(record?.keys ?? [])].map(({ generation }) => Number(generation))
  return String(Math.max(0, ...known) + 1)
}
