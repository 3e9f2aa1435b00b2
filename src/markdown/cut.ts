import { wholeCharacters } from './escape'

/** What a limit counts. Characters are UTF-16 code units: never fewer than the characters a person counts. */
export type Unit = 'characters' | 'bytes'

/** How far back from the limit a line's end is looked for, before a line is cut in two. */
const LONGEST_REST = 2_000

/** The size of a text. Bytes are those of UTF-8. */
export function sizeOf(text: string, unit: Unit): number {
  return unit === 'characters' ? text.length : Buffer.byteLength(text)
}

/**
 * The beginning of a text that is no larger than `limit`: whole lines where that loses little, whole
 * characters always.
 */
export function headOf(text: string, limit: number, unit: Unit): string {
  if (sizeOf(text, unit) <= limit) return text
  const room = Math.max(0, Math.floor(limit))
  const head = unit === 'characters' ? text.slice(0, wholeCharacters(text, room)) : headOfBytes(text, room)
  const end = head.lastIndexOf('\n')
  return end > 0 && head.length - end <= LONGEST_REST ? head.slice(0, end) : head
}

function headOfBytes(text: string, limit: number): string {
  const bytes = Buffer.from(text)
  let end = limit
  // 10xxxxxx goes on with a character that began before.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1
  return bytes.toString('utf8', 0, end)
}
