import type { Expression } from './expression'

/** Gives the comment for a path, e.g. `policy.Statement[0]`. */
export type CommentLookup = (path: string) => string | undefined

/**
 * Puts comments on the entries of an expression. A path goes by keys and list indexes; a function call
 * adds nothing to it, so the first statement in `policy = jsonencode({ Statement = [{…}] })` is
 * `policy.Statement[0]`.
 */
export function annotate(expression: Expression, path: string, lookup: CommentLookup): Expression {
  switch (expression.kind) {
    case 'object':
      return {
        ...expression,
        items: expression.items.map((item) => withComment(item, `${path}.${unquoted(item.key)}`, lookup)),
      }
    case 'tuple':
      return {
        ...expression,
        items: expression.items.map((item, index) => withComment(item, `${path}[${index}]`, lookup)),
      }
    case 'call':
      return {
        ...expression,
        items: expression.items.map((item) => ({ ...item, value: annotate(item.value, path, lookup) })),
      }
    case 'flat':
    case 'for':
    case 'operation':
      return expression
  }
}

function withComment<T extends { readonly value: Expression }>(
  item: T,
  path: string,
  lookup: CommentLookup,
): T {
  const comment = lookup(path)
  const value = annotate(item.value, path, lookup)
  return comment === undefined ? { ...item, value } : { ...item, value, comment }
}

function unquoted(key: string): string {
  return key.replace(/^"(.*)"$/, '$1')
}
