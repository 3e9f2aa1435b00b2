import { escapeText } from './strings'
import { isClose, isOpen, isToken, type TemplatePart, type Token } from './tokens'

const OPERATORS = ['+', '*', '/', '%', '-', '==', '!=', '>', '>=', '<', '<=', '&&', '||', '!']
/** Words that stand between two operands rather than being one. */
const INFIX_WORDS = ['for', 'in', 'if']

/**
 * Prints tokens on one line, spaced as `terraform fmt` spaces them.
 *
 * @throws when two operands follow each other, which is what unescaped quotes in a string come out as
 */
export function printTokens(tokens: readonly Token[]): string {
  let text = ''
  for (const [index, token] of tokens.entries()) {
    const next = tokens[index + 1]
    // fmt keeps a trailing comma, but on one line nobody writes it.
    if (isToken(token, ',') && isClose(next)) continue
    if (endsOperand(token) && startsOperand(next)) {
      throw new Error(
        `Not a Terraform expression, an operator is missing (unescaped quotes?): ${raw(tokens)}`,
      )
    }
    text += printToken(token)
    if (next !== undefined && spaceAfter(token, tokens[index - 1], next)) text += ' '
  }
  return text
}

/** Prints one token; a template with its quotes. */
export function printToken(token: Token): string {
  return token.kind === 'template' ? `"${token.parts.map(printPart).join('')}"` : token.text
}

function printPart(part: TemplatePart): string {
  if (part.kind === 'text') return escapeText(part.text)
  const inside = printTokens(part.tokens)
  const before = part.trimBefore ? '~' : ''
  const after = part.trimAfter ? '~' : ''
  // fmt sets a brace apart from the sequence's own.
  const open = isToken(part.tokens[0], '{') ? ' ' : ''
  const close = isToken(part.tokens.at(-1), '}') ? ' ' : ''
  return `${part.kind === 'directive' ? '%' : '$'}{${before}${open}${inside}${close}${after}}`
}

function isOperandWord(token: Token): boolean {
  return token.kind === 'template' || token.kind === 'number' || token.kind === 'identifier'
}

function endsOperand(token: Token): boolean {
  return (isOperandWord(token) && !isToken(token, ...INFIX_WORDS)) || isClose(token)
}

function startsOperand(token: Token | undefined): boolean {
  return token !== undefined && isOperandWord(token) && !isToken(token, ...INFIX_WORDS)
}

/** `spaceAfterToken` of hashicorp/hcl's hclwrite/format.go, for the tokens an expression can have. */
function spaceAfter(token: Token, before: Token | undefined, after: Token): boolean {
  if (token.kind === 'identifier' && isToken(after, '(')) return false
  if (isToken(token, '::') || isToken(after, '::')) return false
  if (isToken(token, '.') || isToken(after, '.')) return false
  if (isToken(after, ',', '...')) return false
  if (isToken(token, ',')) return true
  if (isToken(token, 'in') && before?.kind === 'identifier') return true
  if (isToken(after, '[') && (token.kind === 'identifier' || token.kind === 'number' || isClose(token)))
    return false
  if (isToken(token, '!')) return false
  if (isToken(token, '-')) return !negates(before)
  if (isToken(token, '{') || isToken(after, '}')) return !(isToken(token, '{') && isToken(after, '}'))
  return !isOpen(token) && !isClose(after)
}

/** Whether a minus after `before` is a sign rather than a subtraction. */
function negates(before: Token | undefined): boolean {
  return before === undefined || isOpen(before) || isToken(before, '=', ':', ',', '?', ...OPERATORS)
}

function raw(tokens: readonly Token[]): string {
  return tokens.map(printToken).join(' ')
}
