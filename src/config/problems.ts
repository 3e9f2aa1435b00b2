/** What is wrong with a value, and what to write instead: two clauses without a full stop. */
export interface Finding {
  readonly problem: string
  readonly fix: string
}

/** A finding and the input it is about. */
export interface InputProblem extends Finding {
  readonly input: string
}

/** A value that was understood, or everything that is wrong with it. */
export type Parsed<T> = { readonly value: T } | { readonly findings: readonly Finding[] }

/** Takes the text of one input and returns what it means. Pure: fallbacks and origins are the reader's. */
export type Parser<T> = (text: string) => Parsed<T>

export const valid = <T>(value: T): Parsed<T> => ({ value })

export const invalid = (problem: string, fix: string): { readonly findings: readonly Finding[] } => ({
  findings: [{ problem, fix }],
})

/** Thrown before anything was touched. The message lists every problem, one a line, without secrets. */
export class InvalidInput extends Error {
  override readonly name = 'InvalidInput'

  constructor(readonly problems: readonly InputProblem[]) {
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`
    const lines = problems.map(({ input, problem, fix }) => `- ${input}: ${problem}. ${fix}.`)
    super([`Invalid input: ${count}. Nothing was changed.`, ...lines].join('\n'))
  }
}

const LONGEST_SHOWN = 100

/**
 * A value as messages show it: in quotes, on one line, and cut where it is long. Control characters are
 * escaped, since a workflow's log obeys lines that begin with `::`.
 */
export function show(value: string): string {
  const points = Array.from(value)
  const cut = points.length > LONGEST_SHOWN ? `${points.slice(0, LONGEST_SHOWN).join('')}…` : value
  return JSON.stringify(cut).replace(/[\u007f-\u009f\u2028\u2029]/gu, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(items: readonly string[], word = 'and'): string {
  if (items.length < 2) return items.join('')
  return `${items.slice(0, -1).join(', ')} ${word} ${items.at(-1) ?? ''}`
}
