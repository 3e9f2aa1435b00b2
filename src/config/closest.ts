/** Edits (insert, delete, replace, swap of neighbours) that lead from one word to the other. */
function distance(from: string, to: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column <= to.length; column++) {
      const replaced = (last[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1)
      const removed = (last[column] ?? 0) + 1
      const inserted = (current[column - 1] ?? 0) + 1
      const swaps = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      const swapped = swaps && row > 1 && column > 1 ? (beforeLast[column - 2] ?? 0) + 1 : Infinity
      current.push(Math.min(replaced, removed, inserted, swapped))
    }
    beforeLast = last
    last = current
  }
  return last[to.length] ?? 0
}

/** The one word a typo away from `word`; `undefined` where there is none, or where several are as near. */
export function closest(word: string, words: readonly string[]): string | undefined {
  // A long value is no typo, and the comparison is quadratic.
  if (word.length > 40) return undefined
  const ranked = words
    .map((candidate) => ({ candidate, edits: distance(word.toLowerCase(), candidate) }))
    .filter(({ edits }) => edits <= 2)
    .sort((left, right) => left.edits - right.edits)
  const [best, second] = ranked
  return best !== undefined && best.edits !== second?.edits ? best.candidate : undefined
}
