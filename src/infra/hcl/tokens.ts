/** One token of an HCL expression. A quoted template is one token, with its parts inside. */
export type Token = PlainToken | TemplateToken

export interface PlainToken {
  readonly kind: 'identifier' | 'number' | 'symbol'
  readonly text: string
}

export interface TemplateToken {
  readonly kind: 'template'
  readonly parts: readonly TemplatePart[]
}

/** A piece of a template: decoded text, `${…}`, or `%{…}`; the flags are the `~` markers. */
export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'interpolation' | 'directive'
      readonly tokens: readonly Token[]
      readonly trimBefore: boolean
      readonly trimAfter: boolean
    }

const OPEN = new Set(['(', '[', '{'])
const CLOSE = new Set([')', ']', '}'])

/** Whether the token is one of `texts`, and a symbol or a word rather than a string. */
export function isToken(token: Token | undefined, ...texts: readonly string[]): boolean {
  return token !== undefined && token.kind !== 'template' && texts.includes(token.text)
}

export function isOpen(token: Token | undefined): boolean {
  return token?.kind === 'symbol' && OPEN.has(token.text)
}

export function isClose(token: Token | undefined): boolean {
  return token?.kind === 'symbol' && CLOSE.has(token.text)
}

/** A word or symbol that did not come from source text. */
export function plain(kind: PlainToken['kind'], text: string): PlainToken {
  return { kind, text }
}

/** A quoted string that reads as `text`. */
export function textToken(text: string): TemplateToken {
  return { kind: 'template', parts: text === '' ? [] : [{ kind: 'text', text }] }
}

/** The text of a template without any interpolation; undefined when it has one. */
export function constantText(token: Token | undefined): string | undefined {
  if (token?.kind !== 'template') return undefined
  const texts = token.parts.map((part) => (part.kind === 'text' ? part.text : undefined))
  return texts.includes(undefined) ? undefined : texts.join('')
}

/**
 * Splits at the separators that stand outside of all brackets.
 *
 * @param limit most pieces to make; the last one keeps further separators
 */
export function splitTokens(
  tokens: readonly Token[],
  separators: readonly string[],
  limit = Number.POSITIVE_INFINITY,
): Token[][] {
  const pieces: Token[][] = [[]]
  let depth = 0
  for (const token of tokens) {
    if (isClose(token)) depth -= 1
    if (depth === 0 && token.kind === 'symbol' && separators.includes(token.text) && pieces.length < limit) {
      pieces.push([])
    } else {
      pieces.at(-1)?.push(token)
    }
    if (isOpen(token)) depth += 1
  }
  return pieces
}

/** Whether the first token opens a bracket that the last one closes. */
export function isOneGroup(tokens: readonly Token[]): boolean {
  if (!isOpen(tokens[0])) return false
  let depth = 0
  for (const [index, token] of tokens.entries()) {
    if (isOpen(token)) depth += 1
    if (isClose(token)) depth -= 1
    if (depth === 0) return index === tokens.length - 1
  }
  return false
}
