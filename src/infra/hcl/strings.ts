/** A line is broken where its shape allows when it would be longer than this. */
export const LINE_WIDTH = 96

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
const MERGING =
  /\p{M}|[\u1100-\u11FF\uA960-\uA97F\uD7B0-\uD7FF\u{1F1E6}-\u{1F1FF}]|[\u{1F3FB}-\u{1F3FF}]|[\u0D4E\u{111C2}\u{111C3}\u{113D1}\u{1193F}\u{11941}\u{11A3A}\u{11A84}-\u{11A89}\u{11D46}\u{11F02}]/gu

/** Text that Terraform reads as it stands: a quoted string in which nothing is evaluated. */
export function quote(text: string): string {
  return `"${escape(text).replace(/([$%])\{/g, '$1$1{')}"`
}

/**
 * Text that Terraform evaluates: `${x}` alone is the expression `x`, anything else a quoted string whose
 * interpolations stay. Next to text, an interpolation is a reference: it has no braces of its own.
 */
export function template(text: string): string {
  if (isInterpolation(text)) return text.slice(2, -1)
  const parts = text.split(/((?<!\$)\$\{[^{}]*\})/)
  return `"${parts.map((part, index) => (index % 2 === 1 ? part : escape(part))).join('')}"`
}

/** Whether `text` is one `${…}` from its first character to its last. */
function isInterpolation(text: string): boolean {
  if (!text.startsWith('${')) return false
  let depth = 0
  for (const { 0: brace, index } of text.matchAll(/[{}]/g)) {
    depth += brace === '{' ? 1 : -1
    if (depth === 0) return index === text.length - 1
  }
  return false
}

/** A key of an object: a word where it can be one, narrower than HCL, which allows `-` and letters beyond ASCII. */
export function keyOf(text: string): string {
  if (/^[A-Za-z_]\w*$/.test(text) && !KEYWORDS.has(text)) return text
  // Equals signs are aligned by the width of keys, so what would make it uncertain is escaped. Composed first,
  // as Terraform composes every string, so that letters with accents stay readable.
  return quote(text.normalize('NFC')).replace(MERGING, codePoint)
}

/** Columns that `terraform fmt` counts for a key or a line of plain text. */
export function columns(text: string): number {
  return Array.from(text).length
}

function escape(text: string): string {
  return (
    text
      .replace(/\p{Surrogate}/gu, '\uFFFD')
      // What HCL writes with a letter after the backslash, JSON writes the same.
      .replace(/[\\"\n\r\t]/g, (character) => JSON.stringify(character).slice(1, -1))
      .replace(INVISIBLE, codePoint)
  )
}

function codePoint(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase()
  return code.length > 4 ? `\\U${code.padStart(8, '0')}` : `\\u${code.padStart(4, '0')}`
}
