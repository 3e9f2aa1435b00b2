import { LINE_WIDTH } from './strings'

/**
 * Wraps a comment to `# …` lines. Line breaks in the text stay.
 *
 * @param indent columns the lines are indented by, which count towards their width
 */
export function commentLines(text: string, indent = 0): string[] {
  const pad = ' '.repeat(indent)
  return text
    .split(/\r\n|[\n\r\u2028\u2029]/)
    .flatMap((line) => wrap(line, LINE_WIDTH - indent - '# '.length))
    .map((line) => `${pad}# ${line}`.trimEnd())
}

function wrap(line: string, width: number): string[] {
  // Nothing that a terminal obeys, or that reads differently from what it says.
  const visible = line.replace(/[\p{Cc}\p{Cf}\p{Surrogate}]/gu, '')
  const lines = ['']
  for (const word of visible.split(' ')) {
    const current = lines.at(-1) ?? ''
    if (current === '') lines[lines.length - 1] = word
    else if (current.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = `${current} ${word}`
  }
  return lines
}
