/** A line is broken where its shape allows when it would be longer than this. */
export const LINE_WIDTH = 96

/** What HCL writes with a letter after the backslash. */
const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '"': '\\"',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}

/**
 * What a reader cannot see on the page: control and format characters (zero-width, right-to-left
 * override), line separators, exotic spaces. A reviewer signs off what the file shows, so these are escaped.
 */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}]|(?! )\p{Zs}/gu

/** These mean something else at the place of a key: `{ for = 1 }` starts a for expression. */
const KEYWORDS = new Set(['for', 'in', 'if', 'else', 'endif', 'endfor', 'true', 'false', 'null'])

/**
 * Characters that may merge with a neighbour to one column: marks, jamo, flags, skin tones, prefixed signs.
 * Whether they do depends on the Unicode version, of which Node and Terraform each have their own.
 */
const MERGING = new RegExp(
  [
    String.raw`\p{M}`,
    String.raw`[\u1100-\u11FF\uA960-\uA97F\uD7B0-\uD7FF]`,
    String.raw`[\u{1F1E6}-\u{1F1FF}]`,
    String.raw`[\u{1F3FB}-\u{1F3FF}]`,
    String.raw`[\u0D4E\u{111C2}\u{111C3}\u{113D1}\u{1193F}\u{11941}\u{11A3A}\u{11A84}-\u{11A89}\u{11D46}\u{11F02}]`,
  ].join('|'),
  'gu',
)

/**
 * Escapes any text to a template literal of Terraform's JSON syntax, where every evaluated string is a
 * template: `${` becomes `$${`, `%{` becomes `%%{`. CDKTF does this to the arguments of its functions only,
 * not to resource arguments, map values or map keys.
 *
 * Not for what Terraform reads without evaluating (a variable's `description` and `default`, an output's
 * `description`, `required_version`, backend settings): there JSON's text already stands for itself.
 */
export function literal(text: string): string {
  return text.replace(/([$%])\{/g, '$1$1{')
}

/** The inside of a quoted HCL string that reads as `text`, without the quotes. */
export function escapeText(text: string): string {
  const wellFormed = text.replace(/\p{Surrogate}/gu, '\uFFFD')
  const escaped = wellFormed
    .replace(/[\\"\n\r\t]/g, (character) => SHORT_ESCAPES[character] ?? character)
    .replace(INVISIBLE, escapeCodePoint)
  return literal(escaped)
}

/** A quoted HCL string that reads as `text`, e.g. for use inside an expression. */
export function quote(text: string): string {
  return `"${escapeText(text)}"`
}

/** Whether `text` can be an object key without quotes. Narrower than HCL, which allows `-` and letters beyond ASCII. */
export function isPlainKey(text: string): boolean {
  return /^[A-Za-z_]\w*$/.test(text) && !KEYWORDS.has(text)
}

/**
 * A quoted object key. What would make its width uncertain is escaped, since the equals signs are aligned
 * by it; composed first, as Terraform composes every string, so that letters with accents stay readable.
 */
export function quoteKey(text: string): string {
  return quote(text.normalize('NFC')).replace(MERGING, escapeCodePoint)
}

/** Columns that `terraform fmt` counts for a key or a line of plain text. */
export function columns(text: string): number {
  return Array.from(text).length
}

function escapeCodePoint(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase()
  return code.length > 4 ? `\\U${code.padStart(8, '0')}` : `\\u${code.padStart(4, '0')}`
}
