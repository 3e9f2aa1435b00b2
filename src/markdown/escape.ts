/**
 * Escaping of values for Markdown as GitHub renders it. Nothing that goes through here can end the element it
 * stands in, become markup of its own, or notify a person or a team.
 */

/** Longest value that is shown whole in a line of text or a cell of a table, in UTF-16 code units. */
const LONGEST_INLINE = 200

const ZERO_WIDTH_SPACE = '\u200b'

// Control characters and those that turn the direction of the text around, which would let a value look like
// another one. Line feed and tab stay.
const INVISIBLE =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu
const LONE_SURROGATE = /\p{Surrogate}/gu

/** Characters that mean something to Markdown, HTML, GitHub's own syntax, or a cell of a table. */
const SPECIAL = /[\\`*_{}[\]()<>#|~&$!"'=+@:]/g

/**
 * Text whose every character can be seen: other line ends become line feeds, control characters and those
 * that turn the text around are written out (`\u{202e}`), halves of characters become `�`.
 */
export function visible(text: string): string {
  return text
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(LONE_SURROGATE, '\ufffd')
    .replaceAll(INVISIBLE, (character) => `\\u{${character.charCodeAt(0).toString(16).padStart(4, '0')}}`)
}

/** A value as inline code, in a line of text as well as in a cell of a table. Always one line, and never empty. */
export function code(value: string): string {
  const line = inline(value)
  if (line === '') return '<code> </code>'
  // Plain backticks where a person may read the source; what they cannot hold goes as entities.
  return /^[\w./:@%+,=~^?;()[\]{}*#!"'& -]+$/.test(line) && line.trim() === line
    ? `\`${line}\``
    : `<code>${line.replaceAll(/[^\p{L}\p{N} -]/gu, entity)}</code>`
}

/** A value as plain text, in a line of text as well as in a cell of a table. Always one line. */
export function text(value: string): string {
  return inline(value, Infinity)
    .replaceAll(SPECIAL, (character) => entity(character) + (/[@#]/.test(character) ? ZERO_WIDTH_SPACE : ''))
    .replace(/^(\d+)([.)])/, (_, digits: string, mark: string) => digits + entity(mark))
    .replace(/^[-+]/, entity)
    .replaceAll(/\bwww\./gi, (www) => `${www.slice(0, -1)}&#46;`)
}

/**
 * A fenced block. Its fence is longer than any run of its mark in the content, which so cannot end it.
 *
 * @param language what the block is highlighted as, e.g. `hcl`; a word of ours, not a value
 */
export function fence(content: string, language = ''): string {
  const body = visible(content).replace(/\n$/, '')
  const marks = ['`', '~'].map((mark) => mark.repeat(Math.max(3, longestRun(body, mark) + 1)))
  const mark = marks.reduce((shortest, one) => (one.length < shortest.length ? one : shortest))
  return `${mark}${language}\n${body}\n${mark}`
}

/** A link, or its label alone where the address is not one of the web. `label` is Markdown already. */
export function link(label: string, address: string | undefined): string {
  if (address === undefined || !URL.canParse(address)) return label
  const { protocol, href } = new URL(address)
  if (protocol !== 'https:' && protocol !== 'http:') return label
  const safe = href.replaceAll(/[^\w:/?#@!$&+,;=.~%-]/g, encode)
  return `[${label}](${safe})`
}

/** The label of a node or an edge of a Mermaid diagram, in its quotes. Each line is a value. */
export function mermaidLabel(...lines: readonly string[]): string {
  const escaped = lines.map((line) =>
    // Mermaid writes entities with a number sign, and reads everything else that is not a word as syntax.
    inline(line).replaceAll(
      /[^\p{L}\p{N} ._/·-]/gu,
      (character) => `#${character.codePointAt(0) ?? 0xfffd};`,
    ),
  )
  return `"${escaped.join('<br/>')}"`
}

/** A fold that begins closed. `content` is Markdown; `title` is plain text of ours. */
export function fold(title: string, content: string): string {
  return `<details><summary>${title}</summary>\n\n${content}\n\n</details>`
}

/** A table. Cells are Markdown of one line; none where there are no rows. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return ''
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

function inline(value: string, longest = LONGEST_INLINE): string {
  const line = visible(value).replaceAll(/\s+/g, ' ')
  if (line.length <= longest) return line
  return `${line.slice(0, wholeCharacters(line, longest - 1))}…`
}

/** The last place at or before `end` that is not inside a character of two code units. */
export function wholeCharacters(value: string, end: number): number {
  const last = value.charCodeAt(end - 1)
  return end > 0 && end < value.length && last >= 0xd800 && last <= 0xdbff ? end - 1 : end
}

function entity(character: string): string {
  return `&#${character.codePointAt(0) ?? 0xfffd};`
}

function encode(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
}

function longestRun(content: string, mark: string): number {
  let longest = 0
  let run = 0
  for (const character of content) {
    run = character === mark ? run + 1 : 0
    longest = Math.max(longest, run)
  }
  return longest
}
