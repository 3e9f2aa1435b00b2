/** What the decision about the access keys depends on. */
export interface KeySituation {
  /** Generations in the state, oldest first. */
  readonly generations: readonly string[]
  /** The generation that Valohai's store holds, where it holds one of them. */
  readonly held: string | undefined
  /** Whether there is a store that may hold any of them: the API does not show its key. */
  readonly mayHoldAny: boolean
  /** Whether the store must be written anew with a secret: it is missing, or its settings are not as asked. */
  readonly storeNeedsSecret: boolean
  /** Whether the newest key's secret can be had: it stands in the state of a configuration applied by hand. */
  readonly secretAtHand: boolean
}

/** Which generations of the access key to have, and when. */
export interface KeyDecision {
  /** Sets of generations to apply one after the other, before the store is written. */
  readonly stages: readonly (readonly string[])[]
  /** What remains once Valohai has the current key. */
  readonly final: string
}

/**
 * Decides which access keys to make and to remove, so that the store ends with a key whose secret it was
 * given, and no other key is left. A key that Valohai may be working with is kept until the store has the
 * next one; IAM allows two keys at a time, so a useless one goes before a new one is made.
 */
export function decideKeys(situation: KeySituation): KeyDecision {
  const { generations, held, mayHoldAny, storeNeedsSecret, secretAtHand } = situation
  const newest = generations.at(-1)

  if (held !== undefined && !storeNeedsSecret) return { stages: [[held]], final: held }
  if (newest !== undefined && secretAtHand && (held === undefined || held === newest)) {
    return { stages: [[newest]], final: newest }
  }

  const next = String(Number(newest ?? 0) + 1)
  const kept = held ?? (mayHoldAny ? newest : undefined)
  if (kept !== undefined) {
    const isAlone = generations.length === 1
    return { stages: [...(isAlone ? [] : [[kept]]), [kept, next]], final: next }
  }
  const clearing = generations.length > 1 && newest !== undefined ? [[newest]] : []
  return { stages: [...clearing, [next]], final: next }
}
