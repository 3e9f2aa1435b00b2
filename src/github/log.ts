const ZERO_WIDTH_SPACE = '\u200b'

/**
 * A text for a workflow's log, in which the runner finds no command of its own: it obeys lines that begin with
 * `::`, and `##[` anywhere, whoever wrote them.
 */
export function inert(message: string): string {
  return message
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/^(\s*):(?=:)/gm, `$1${ZERO_WIDTH_SPACE}:`)
    .replaceAll('##[', `##${ZERO_WIDTH_SPACE}[`)
}
