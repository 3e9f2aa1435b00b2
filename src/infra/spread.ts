const SPREAD = /^\.\.\.\$\{(.*)\}$/s

/**
 * Ends a list of a policy with the items of another list, which an expression gives: what JSON cannot say, and
 * each notation of Terraform's says in its own way.
 */
export const spread = (expression: string): string => `...\${${expression}}`

/** The same in HCL. @param print prints the items of a list of its own */
export function printList<T>(list: readonly T[], print: (items: readonly T[]) => string): string {
  const last = list.at(-1)
  const rest = typeof last === 'string' ? SPREAD.exec(last)?.[1] : undefined
  if (rest === undefined) return print(list)
  return list.length === 1 ? rest : `concat(${print(list.slice(0, -1))}, ${rest})`
}

/** The same in a policy as JSON text, which Terraform reads as a template: others' items are put into the text. */
export function spreadInText(policy: string): string {
  return policy
    .replaceAll(/\["\.\.\.\$\{([\w.]+)\}"\]/g, '${jsonencode($1)}')
    .replaceAll(/,"\.\.\.\$\{([\w.]+)\}"\]/g, '%{ for item in $1 },${jsonencode(item)}%{ endfor }]')
}
