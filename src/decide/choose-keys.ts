import type { StoreSpec, Wish } from '../store/spec'
import { nextGeneration, type Key, type Keyring } from './keys'
import { entryOf } from './record'
import { DAY } from './retirement'
import type { Observed } from './observed'
import type { Wait } from './steps'
import { day, describeKey } from './words'

/** IAM's limit, deactivated keys included. */
const MOST_KEYS = 2

/** What a choice of keys depends on. */
export interface KeyQuestion {
  readonly wish: Wish
  readonly spec: StoreSpec
  readonly observed: Observed
  readonly ring: Keyring
  /** Why the store needs a new key, each a clause; empty where it needs none. */
  readonly reasons: readonly string[]
}

/** Which access keys there are to be. */
export interface KeyChoice {
  /** Generations in the end state. */
  readonly generations: readonly string[]
  readonly newGeneration: string | undefined
  /** Generations that have to go before the new one can be made. */
  readonly first: readonly string[]
  readonly waits: readonly Wait[]
  readonly warnings: readonly string[]
  readonly notes: readonly string[]
}

/**
 * Chooses which keys stay, which go, and whether one is made. What is due goes first; a key that a store may
 * hold, or that is in its grace, stays; where IAM then has no room for another, what needs it waits. So does what
 * needs the secret of a key that people made, until it is replaced for its own sake.
 *
 * @throws where a rotation was asked for, or a store works with no key, and there is no room
 */
export function chooseKeys(question: KeyQuestion): KeyChoice {
  const { spec, observed, ring, wish } = question
  const rotation = rotationReason(question)
  const reasons = [...question.reasons, ...(rotation.reason === undefined ? [] : [rotation.reason])]
  const stays = ({ fate }: Key): boolean => fate !== 'due' && fate !== 'unused'
  const kept = ring.keys.filter((key) => stays(key) || observed.valohai === undefined)
  const warnings = warningsOf(question)
  if (reasons.length === 0) {
    const generations = generationsOf(kept)
    // Without Valohai nobody says that the store needs one; there is one all the same.
    return {
      ...NOTHING,
      generations: generations.length === 0 ? [newGenerationOf(question)] : generations,
      warnings,
      notes: rotation.notes,
    }
  }

  const { current } = ring
  if (current?.isAdopted === true && rotation.reason === undefined && !ring.isBroken) {
    const waits = reasons.map((what) => ({ what, key: current.id, until: undefined, isForRotation: true }))
    return { ...NOTHING, generations: generationsOf(kept), waits, warnings, notes: rotation.notes }
  }
  const remaining = withRoom(kept, ring)
  if (remaining.length >= MOST_KEYS) {
    const generations = generationsOf(kept)
    const isUrgent = wish === 'rotate-key' || ring.isBroken || generations.length === 0
    if (isUrgent) throw new Error(noRoom(remaining, observed, reasons))
    return { ...NOTHING, generations, waits: waitsFor(reasons, remaining), warnings, notes: rotation.notes }
  }
  const newGeneration = newGenerationOf(question)
  const replaced = (key: Key): boolean =>
    spec.keyGraceDays === 0 && (key.id === ring.current?.id || wasPutOut(key, question))
  const gone = ring.keys.filter((key) => !remaining.includes(key))
  const isFull = ring.keys.length >= MOST_KEYS
  return {
    generations: [...generationsOf(remaining.filter((key) => !replaced(key))), newGeneration],
    newGeneration,
    first: isFull ? generationsOf(gone.filter(({ isInState }) => isInState)) : [],
    waits: [],
    warnings,
    notes: rotation.notes,
  }
}

/** Whether this very store had it, and works with a key now that no run gave it. */
function wasPutOut({ id, fate, isInState }: Key, { observed, ring }: KeyQuestion): boolean {
  const store = observed.valohai?.store?.id
  const entry = entryOf(observed, id)
  const wasTaken = entry?.progress === 'taken' && entry.store !== undefined && entry.store === store
  return ring.stranger !== undefined && fate === 'unclear' && isInState && wasTaken
}

const NOTHING = { newGeneration: undefined, first: [], waits: [] }

const generationsOf = (keys: readonly Key[]): string[] =>
  keys.flatMap(({ generation }) => generation ?? []).sort((a, b) => Number(a) - Number(b))

/** The number after every one that was ever given out, to keys that are to be imported as well. */
function newGenerationOf({ observed, ring }: KeyQuestion): string {
  const known = ring.keys.map(({ generation }) => Number(generation ?? 0))
  return String(Math.max(Number(nextGeneration(observed)), ...known.map((number) => number + 1)))
}

/** Whether the current key is to be replaced for its own sake. */
function rotationReason({ wish, spec, observed, ring }: KeyQuestion): { reason?: string; notes: string[] } {
  const { current } = ring
  const isUnclear = ring.keys.filter(({ fate }) => fate === 'unclear').length > 1
  if (wish === 'rotate-key' && current === undefined && isUnclear)
    return { reason: 'the key is replaced', notes: [] }
  if (current === undefined || observed.valohai?.store === undefined) return { notes: [] }
  // One that stays longer than its grace is in the way, and no sign of a rotation a moment ago.
  const predecessor = ring.keys.find(({ fate, because }) => fate === 'retiring' && because === undefined)
  if (wish === 'rotate-key') {
    if (predecessor?.until === undefined) return { reason: 'the key is replaced', notes: [] }
    const note = `The key was rotated already: ${current.id} is current, and ${predecessor.id}, which it replaced, stays until ${day(predecessor.until)}. If ${current.id} leaked, rotate again with key-grace-days: 0.`
    return { notes: [note] }
  }
  const limit = spec.maxKeyAgeDays
  if (limit === undefined || Number(observed.now) - Number(current.created) < limit * DAY)
    return { notes: [] }
  return { reason: `the key is replaced, as it is older than ${limit} days`, notes: [] }
}

/** The keys that stay while another is made: a key that somebody deactivated works no more, and gives way. */
function withRoom(kept: readonly Key[], ring: Keyring): readonly Key[] {
  if (kept.length < MOST_KEYS) return kept
  const gives = kept.find(
    ({ isActive, fate, isInState }) => !isActive && fate !== 'foreign' && fate !== 'unclear' && isInState,
  )
  return gives === undefined || ring.keys.length < MOST_KEYS ? kept : kept.filter((key) => key !== gives)
}

function waitsFor(reasons: readonly string[], keys: readonly Key[]): Wait[] {
  const next = keys
    .filter(({ until }) => until !== undefined)
    .sort((a, b) => Number(a.until) - Number(b.until))[0]
  const blocking = next ?? keys.find(({ fate }) => fate === 'foreign') ?? keys[0]
  return reasons.map((what) => ({ what, key: blocking?.id ?? '', until: next?.until }))
}

function noRoom(keys: readonly Key[], { state }: Observed, reasons: readonly string[]): string {
  return [
    `A new access key is needed (${reasons.join('; ')}), and IAM allows two for a user; ${state.user?.name ?? 'the user'} has:`,
    ...keys.map((key) => `- ${describeKey(key)}`),
    adviceFor(keys),
  ].join('\n')
}

function adviceFor(keys: readonly Key[]): string {
  const foreign = keys.find(({ fate }) => fate === 'foreign')
  if (foreign !== undefined) {
    return `Find out who uses ${foreign.id}, and delete it in IAM once nobody does; then run again.`
  }
  const retiring = keys.find(({ until }) => until !== undefined)
  if (retiring?.until !== undefined) {
    return `Run again after ${day(retiring.until)}; or set key-grace-days: 0, which gives up the grace of ${retiring.id}: URLs that it signed stop working.`
  }
  return "Valohai does not show which of them the store holds. Look at the store in Valohai's web app, and delete the other one in IAM; then run again."
}

function warningsOf({ ring, observed, wish }: KeyQuestion): string[] {
  const { keys, current, stranger } = ring
  const unclear = keys.filter(({ fate }) => fate === 'unclear')
  const foreign = keys.filter(({ fate }) => fate === 'foreign')
  const isAsked = observed.valohai?.store !== undefined
  return [
    ...(current?.isActive === false
      ? [
          `The access key ${current.id} was deactivated by somebody. It is never activated again: it is replaced.`,
        ]
      : []),
    ...(stranger !== undefined && isAsked && wish === 'apply'
      ? [`The store holds the access key ${stranger}, which no run has given it. It is given its own again.`]
      : []),
    ...(unclear.length > 1 && isAsked
      ? [
          `Valohai does not show which of the keys ${unclear.map(({ id }) => id).join(' and ')} the store holds, so neither is removed. Look at the store in Valohai's web app, and delete the other one in IAM.`,
        ]
      : []),
    ...foreign.map((key) => `${describeKey(key)} It counts for IAM's limit of two, and is not touched.`),
  ]
}
