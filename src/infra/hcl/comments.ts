import { LINE_WIDTH } from './strings'

/**
 * Wraps a comment to `# …` lines. Line breaks in the text stay; a wrapped line continues under the text
 * of its first line, so that `- items` stay lists.
 *
 * @param indent columns the lines are indented by, which count towards their width
 */
export function commentLines(text: string, indent = 0): string[] {
  const pad = ' '.repeat(indent)
  return text
    .trimEnd()
    .split(/\r\n|[\n\r\u2028\u2029]/)
    .flatMap((line) => wrap(line, LINE_WIDTH - indent - '# '.length))
    .map((line) => `${pad}# ${line}`.trimEnd())
}

function wrap(line: string, width: number): string[] {
  // Nothing a terminal would obey, and nothing that reads differently from what it says.
  const visible = line.replace(/\t/g, '  ').replace(/[\p{Cc}\p{Cf}\p{Surrogate}]/gu, '')
  const lead = /^\s*(?:[-*]\s+|\d+\.\s+)?/.exec(visible)?.[0] ?? ''
  const hanging = ' '.repeat(lead.length)
  const lines: string[] = []
  let current = lead
  for (const word of visible.slice(lead.length).split(/\s+/)) {
    const joint = current === lead || current === hanging ? '' : ' '
    if (joint !== '' && current.length + joint.length + word.length > width) {
      lines.push(current)
      current = `${hanging}${word}`
    } else {
      current += `${joint}${word}`
    }
  }
  return [...lines, current]
}
