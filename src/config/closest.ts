import { distance } from 'fastest-levenshtein'

/** The one word at most two letters away from `word`; `undefined` where none is, or several are as near. */
export function closest(word: string, words: readonly string[]): string | undefined {
  const ranked = words
    .map((candidate) => ({ candidate, edits: distance(word.toLowerCase(), candidate) }))
    .filter(({ edits }) => edits <= 2)
    .sort((left, right) => left.edits - right.edits)
  const [best, second] = ranked
  return best !== undefined && best.edits !== second?.edits ? best.candidate : undefined
}
