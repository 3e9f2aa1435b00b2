import { LINE_WIDTH } from './strings'

/**
 * Wraps a comment to `# …` lines. Line breaks in the text stay.
 *
 * @param indent columns the lines are indented by, which count towards their width
 */
export function commentLines(text: string, indent = 0): string[] {
  const pad = ' '.repeat(indent)
  return (
    text
      // What ends a line, and so a comment, for Terraform or for a reader.
      .split(/\r\n|[\n\r\u2028\u2029]/)
      .flatMap((line) => wrap(line, LINE_WIDTH - indent - '# '.length))
      // Without what a terminal obeys or what reads differently from what it says.
      .map((line) => `${pad}# ${line.replace(/[\p{Cc}\p{Cf}\p{Surrogate}]/gu, '')}`.trimEnd())
  )
}

function wrap(line: string, width: number): string[] {
  const lines = ['']
  for (const word of line.split(' ')) {
    const current = lines.at(-1) ?? ''
    if (current === '') lines[lines.length - 1] = word
    else if (current.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = `${current} ${word}`
  }
  return lines
}
