import { isToken, type PlainToken, type TemplatePart, type Token } from './tokens'

const IDENTIFIER = /[\p{ID_Start}_][\p{ID_Continue}-]*/uy
const NUMBER = /\d+(\.\d+)?([eE][+-]?\d+)?/y
const SYMBOL = /\.\.\.|=>|==|!=|<=|>=|&&|\|\||::|[{}[\]().,:?=!<>+\-*/%]/y
const BLANK = /[ \t\r]+|\/\*[^]*?\*\/|(?:#|\/\/)[^\n]*/y
const HEREDOC = /<<-?[\p{ID_Start}_]/uy
const CLOSER: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' }
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' }

/** Where the reader is in the text; the scan functions move it on. */
interface Cursor {
  readonly source: string
  at: number
}

/**
 * Reads an HCL expression.
 *
 * @throws when it is no expression, e.g. for a quote that is never closed
 */
export function tokenize(source: string): Token[] {
  const cursor = { source, at: 0 }
  const tokens = scanTokens(cursor)
  if (cursor.at < source.length) fail(cursor, 'unexpected "}"')
  return tokens
}

/**
 * Reads a string of Terraform's JSON syntax as the template it is: `${…}` and `%{…}` are sequences,
 * `$${` and `%%{` are text, a backslash is just a backslash.
 *
 * @throws when a sequence in it is no expression
 */
export function parseTemplate(source: string): TemplatePart[] {
  return scanTemplate({ source, at: 0 }, false)
}

/** Reads up to the end, or to the `}` that closes the sequence around it. */
function scanTokens(cursor: Cursor): Token[] {
  const tokens: Token[] = []
  const closers: string[] = []
  let newline = false
  for (;;) {
    if (cursor.source[cursor.at] === '\n') {
      newline = true
      cursor.at += 1
      continue
    }
    if (match(cursor, BLANK) !== undefined) continue
    const next = cursor.source[cursor.at]
    if (next === undefined || endsSequence(cursor, closers)) break
    // Between the items of an object a line break separates as a comma does; everywhere else it is a blank.
    if (newline && closers.at(-1) === '}' && separates(tokens, next))
      tokens.push({ kind: 'symbol', text: ',' })
    newline = false
    tokens.push(next === '"' ? scanString(cursor) : scanPlain(cursor, closers))
  }
  if (closers.length > 0) fail(cursor, `missing ${JSON.stringify(closers.at(-1))}`)
  return tokens
}

function endsSequence(cursor: Cursor, closers: readonly string[]): boolean {
  return closers.length === 0 && /^~?\}/.test(cursor.source.slice(cursor.at, cursor.at + 2))
}

function separates(tokens: readonly Token[], next: string): boolean {
  return next !== ',' && next !== '}' && !isToken(tokens.at(-1), ',', '{') && !inFor(tokens)
}

/** Whether the innermost open brace starts a for expression, in which line breaks mean nothing. */
function inFor(tokens: readonly Token[]): boolean {
  let depth = 0
  for (let index = tokens.length - 1; index >= 0; index -= 1) {
    if (isToken(tokens[index], ')', ']', '}')) depth += 1
    if (isToken(tokens[index], '(', '[', '{')) depth -= 1
    if (depth < 0) return isToken(tokens[index + 1], 'for')
  }
  return false
}

function scanPlain(cursor: Cursor, closers: string[]): PlainToken {
  if (peek(cursor, HEREDOC) !== undefined) fail(cursor, 'a heredoc inside an expression is not supported')
  const identifier = match(cursor, IDENTIFIER)
  if (identifier !== undefined) return { kind: 'identifier', text: identifier }
  const number = match(cursor, NUMBER)
  if (number !== undefined) return { kind: 'number', text: number }
  const text = match(cursor, SYMBOL) ?? fail(cursor, `unexpected ${JSON.stringify(cursor.source[cursor.at])}`)
  const closer = CLOSER[text]
  if (closer !== undefined) closers.push(closer)
  else if (Object.values(CLOSER).includes(text) && closers.pop() !== text)
    fail(cursor, `unexpected "${text}"`)
  return { kind: 'symbol', text }
}

function scanString(cursor: Cursor): Token {
  cursor.at += 1
  return { kind: 'template', parts: scanTemplate(cursor, true) }
}

/** @param quoted inside quotes, where backslashes escape; else the whole rest of the text */
function scanTemplate(cursor: Cursor, quoted: boolean): TemplatePart[] {
  const parts: TemplatePart[] = []
  let text = ''
  const flush = (): void => {
    if (text !== '') parts.push({ kind: 'text', text })
    text = ''
  }
  for (;;) {
    const character = cursor.source[cursor.at]
    if (character === undefined) {
      if (quoted) fail(cursor, 'a string without its closing quote')
      break
    }
    if (quoted && character === '"') {
      cursor.at += 1
      break
    }
    if (character === '$' || character === '%') {
      const marks = match(cursor, character === '$' ? /\$+/y : /%+/y) ?? ''
      if (cursor.source[cursor.at] !== '{') {
        text += marks
      } else if (marks.length === 1) {
        flush()
        parts.push(scanSequence(cursor, marks))
      } else {
        text += `${marks.slice(1)}{`
        cursor.at += 1
      }
    } else if (quoted && character === '\\') {
      text += scanEscape(cursor)
    } else if (quoted && character === '\n') {
      fail(cursor, 'a line break inside a quoted string')
    } else {
      text += character
      cursor.at += 1
    }
  }
  flush()
  return parts
}

/** Reads `{…}` after its `$` or `%`. */
function scanSequence(cursor: Cursor, mark: string): TemplatePart {
  cursor.at += 1
  const trimBefore = match(cursor, /~/y) !== undefined
  const tokens = scanTokens(cursor)
  const trimAfter = match(cursor, /~/y) !== undefined
  if (match(cursor, /\}/y) === undefined) fail(cursor, `"${mark}{" without its "}"`)
  if (tokens.length === 0) fail(cursor, `an empty "${mark}{}"`)
  return { kind: mark === '$' ? 'interpolation' : 'directive', tokens, trimBefore, trimAfter }
}

function scanEscape(cursor: Cursor): string {
  const escape =
    match(cursor, /\\(?:u[\dA-Fa-f]{4}|U[\dA-Fa-f]{8}|[nrt"\\])/y) ?? fail(cursor, 'an unknown escape')
  const letter = escape.charAt(1)
  if (escape.length === 2) return ESCAPES[letter] ?? letter
  const code = Number.parseInt(escape.slice(2), 16)
  // HCL has no surrogate pairs: one half is no character, even with the other half beside it.
  const valid = code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff)
  return valid ? String.fromCodePoint(code) : '\uFFFD'
}

function peek(cursor: Cursor, pattern: RegExp): string | undefined {
  pattern.lastIndex = cursor.at
  return pattern.exec(cursor.source)?.[0]
}

function match(cursor: Cursor, pattern: RegExp): string | undefined {
  const text = peek(cursor, pattern)
  cursor.at += text?.length ?? 0
  return text
}

function fail(cursor: Cursor, problem: string): never {
  throw new Error(
    `Cannot read the Terraform expression ${cursor.source}: ${problem} at character ${cursor.at + 1}`,
  )
}
