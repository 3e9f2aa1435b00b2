const SPREAD = /^\.\.\.\$\{(.*)\}$/s

/**
 * Ends a list of a policy with the items of another list, which an expression gives: what JSON cannot say, and
 * each notation of Terraform's says in its own way.
 */
export const spread = (expression: string): string => `...\${${expression}}`

/** What is spread at the end of a list, and the items before it. */
export function splitSpread<T>(list: readonly T[]): { items: readonly T[]; rest: string | undefined } {
  const last = list.at(-1)
  const rest = typeof last === 'string' ? SPREAD.exec(last)?.[1] : undefined
  return { items: rest === undefined ? list : list.slice(0, -1), rest }
}

/** The same in a policy as JSON text, which Terraform reads as a template: others' items are put into the text. */
export function spreadInText(policy: string): string {
  return policy
    .replaceAll(/\["\.\.\.\$\{([\w.]+)\}"\]/g, '${jsonencode($1)}')
    .replaceAll(/,"\.\.\.\$\{([\w.]+)\}"\]/g, '%{ for item in $1 },${jsonencode(item)}%{ endfor }]')
}
