import { isObject, type JsonValue } from './json'
import { parseTemplate, tokenize } from './lexer'
import { isPlainKey, quoteKey } from './strings'
import { printToken, printTokens } from './flat'
import {
  constantText,
  isOneGroup,
  isToken,
  plain,
  splitTokens,
  textToken,
  type TemplatePart,
  type Token,
} from './tokens'

/**
 * An expression as far as its layout needs it: what may go over several lines has a shape of its own,
 * everything else is `flat` text on one line.
 */
export type Expression =
  | { readonly kind: 'flat'; readonly text: string }
  | { readonly kind: 'object'; readonly items: readonly ObjectItem[] }
  | { readonly kind: 'tuple'; readonly items: readonly TupleItem[] }
  | { readonly kind: 'call'; readonly name: string; readonly items: readonly TupleItem[] }
  | { readonly kind: 'for'; readonly open: '[' | '{'; readonly intro: string; readonly body: string }
  | {
      readonly kind: 'operation'
      readonly first: Expression
      readonly rest: readonly Operand[]
      readonly parenthesized: boolean
    }

export interface ObjectItem {
  /** As printed, with its quotes or parentheses. */
  readonly key: string
  readonly value: Expression
  readonly comment?: string
}

export interface TupleItem {
  readonly value: Expression
  readonly comment?: string
}

/** An operator that a line may be broken at, and what follows it. */
export interface Operand {
  readonly operator: string
  readonly value: Expression
}

/**
 * How Terraform reads a JSON string: as a `template`, the rule; as `literal` text where it evaluates
 * nothing; as a `bare` expression where it expects a reference or a type.
 */
export type Mode = 'template' | 'literal' | 'bare'

/** Turns a value of Terraform's JSON syntax into an expression. */
export function expressionOf(value: JsonValue, mode: Mode): Expression {
  if (typeof value === 'string') return parse(tokensOf(value, mode))
  if (Array.isArray(value)) {
    return { kind: 'tuple', items: value.map((item: JsonValue) => ({ value: expressionOf(item, mode) })) }
  }
  if (isObject(value)) {
    const items = Object.entries(value).map(([key, item]) => ({
      key: jsonKeyOf(key, mode),
      value: expressionOf(item, mode),
    }))
    return { kind: 'object', items }
  }
  return { kind: 'flat', text: JSON.stringify(value) }
}

/** A key of JSON is a string: one that is an interpolation as a whole is an expression, never a word. */
function jsonKeyOf(key: string, mode: Mode): string {
  const tokens = tokensOf(key, mode === 'bare' ? 'literal' : mode)
  return tokens[0]?.kind === 'template' ? keyOf(tokens) : parenthesize(tokens)
}

function tokensOf(text: string, mode: Mode): Token[] {
  if (mode === 'literal') return [textToken(text)]
  const parts = parseTemplate(text)
  const [only] = parts
  if (parts.length === 1 && only !== undefined && isWholeInterpolation(only)) return [...only.tokens]
  return mode === 'bare' ? tokenize(text) : [{ kind: 'template', parts }]
}

/** `"${x}"` is the value `x` itself, of whatever type, and so printed without quotes. */
function isWholeInterpolation(part: TemplatePart): part is Exclude<TemplatePart, { kind: 'text' }> {
  return part.kind === 'interpolation'
}

/** Recognizes the shapes that can be laid out; a sequence of tokens that is none of them stays flat. */
export function parse(tokens: readonly Token[]): Expression {
  if (tokens.length === 0) throw new Error('Not a Terraform expression: an operand is missing')
  const operation = parseOperation(tokens, false)
  if (operation !== undefined) return operation
  const [first] = tokens
  if (isToken(first, '(') && isOneGroup(tokens)) {
    return parseOperation(tokens.slice(1, -1), true) ?? flat(tokens)
  }
  if (isToken(first, '[', '{') && isOneGroup(tokens)) {
    const inside = tokens.slice(1, -1)
    if (isToken(inside[0], 'for')) return parseFor(inside, isToken(first, '{') ? '{' : '[')
    return isToken(first, '{') ? parseObject(inside) : { kind: 'tuple', items: parseItems(inside) }
  }
  const paren = tokens.findIndex((token) => isToken(token, '('))
  const name = tokens.slice(0, paren)
  if (paren > 0 && name.every((token) => isName(token)) && isOneGroup(tokens.slice(paren))) {
    return { kind: 'call', name: printTokens(name), items: parseItems(tokens.slice(paren + 1, -1)) }
  }
  return flat(tokens)
}

/** A conditional, or a chain of `||` or `&&`: in that order, the weaker binding first. */
function parseOperation(tokens: readonly Token[], parenthesized: boolean): Expression | undefined {
  const [condition = [], branches] = splitTokens(tokens, ['?'], 2)
  if (branches !== undefined) {
    const [yes, no] = splitBranches(branches)
    return {
      kind: 'operation',
      first: parse(condition),
      rest: [
        { operator: '?', value: parse(yes) },
        { operator: ':', value: parse(no) },
      ],
      parenthesized,
    }
  }
  for (const operator of ['||', '&&']) {
    const [first = [], ...rest] = splitTokens(tokens, [operator])
    if (rest.length > 0) {
      const operands = rest.map((operand) => ({ operator, value: parse(operand) }))
      return { kind: 'operation', first: parse(first), rest: operands, parenthesized }
    }
  }
  return undefined
}

/** Splits `a : b`, where `a` may be a conditional itself. */
function splitBranches(tokens: readonly Token[]): [readonly Token[], readonly Token[]] {
  const pieces = splitTokens(tokens, [':'])
  let open = 0
  for (const [index, piece] of pieces.slice(0, -1).entries()) {
    open += splitTokens(piece, ['?']).length - 1
    if (open === 0) return [joinColons(pieces.slice(0, index + 1)), joinColons(pieces.slice(index + 1))]
    open -= 1
  }
  throw new Error(`Not a Terraform expression, a conditional without its ":": ${printTokens(tokens)}`)
}

function joinColons(pieces: readonly Token[][]): Token[] {
  return pieces.flatMap((piece, index) => (index === 0 ? piece : [plain('symbol', ':'), ...piece]))
}

function isName(token: Token): boolean {
  return token.kind === 'identifier' || isToken(token, '::')
}

function parseItems(tokens: readonly Token[]): TupleItem[] {
  return splitTokens(tokens, [','])
    .filter((item) => item.length > 0)
    .map((item) => ({ value: parse(item) }))
}

function parseObject(tokens: readonly Token[]): Expression {
  const items = splitTokens(tokens, [','])
    .filter((item) => item.length > 0)
    .map((item) => {
      const [key = [], value] = splitTokens(item, ['=', ':'], 2)
      if (value === undefined || value.length === 0) {
        throw new Error(`Not a Terraform expression, an object's key without a value: ${printTokens(item)}`)
      }
      return { key: keyOf(key), value: parse(value) }
    })
  return { kind: 'object', items }
}

function parseFor(tokens: readonly Token[], open: '[' | '{'): Expression {
  const [intro = [], body = []] = splitTokens(tokens, [':'], 2)
  return { kind: 'for', open, intro: printTokens(intro), body: printTokens(body) }
}

/** A key is a word where it can be one; an expression as a key stands in parentheses. */
function keyOf(tokens: readonly Token[]): string {
  const [only] = tokens
  if (only !== undefined && tokens.length === 1) {
    const text = constantText(only)
    if (text !== undefined) return isPlainKey(text) ? text : quoteKey(text)
    if (only.kind !== 'symbol') return printToken(only)
  }
  return parenthesize(tokens)
}

function parenthesize(tokens: readonly Token[]): string {
  const text = printTokens(tokens)
  return isToken(tokens[0], '(') && isOneGroup(tokens) ? text : `(${text})`
}

function flat(tokens: readonly Token[]): Expression {
  return { kind: 'flat', text: printTokens(modernize(tokens)) }
}

/**
 * CDKTF writes splats in the form of Terraform 0.11, `a.b.*.c`. People write `a.b[*].c`, which is the
 * same as long as nothing but attributes follows.
 */
function modernize(tokens: readonly Token[]): readonly Token[] {
  const star = tokens.findIndex((token, index) => isToken(token, '*') && isToken(tokens[index - 1], '.'))
  if (star < 0) return tokens
  const path = [...tokens.slice(0, star - 1), ...tokens.slice(star + 1)]
  if (!path.every((token) => token.kind === 'identifier' || isToken(token, '.'))) return tokens
  const splat = [plain('symbol', '['), plain('symbol', '*'), plain('symbol', ']')]
  return [...tokens.slice(0, star - 1), ...splat, ...tokens.slice(star + 1)]
}
