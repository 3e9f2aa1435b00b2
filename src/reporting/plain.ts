const ZERO_WIDTH_SPACE = '\u200b'

/**
 * A text of anybody's (Valohai's, AWS's, Terraform's, a file's) for a terminal or a log, where it is to be read
 * and not obeyed: a terminal obeys escape sequences, and the log of a workflow or a pipeline the commands in it,
 * whichever program of a step wrote them.
 *
 * Control characters, and those that turn the direction of writing, are shown. They are not taken out, since what
 * is left could be read as something else, a secret included.
 */
export function plain(text: string): string {
  return inert(
    text.replaceAll(/\r\n/g, '\n').replaceAll(
      // What a terminal obeys, and what hides or turns text around.
      /(?![\n\t])[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu,
      (character) => {
        const code = character.charCodeAt(0)
        // The pictures of the characters below the blank follow each other, ␀ first.
        return code < 0x20 ? String.fromCharCode(0x2400 + code) : '\ufffd'
      },
    ),
  )
}

/** The same, on one line. */
export function plainLine(text: string): string {
  return plain(text.replaceAll('\n', '\u240a'))
}

/** GitHub's runner obeys lines that begin with `::`, and `##[` anywhere; Azure Pipelines `##vso[`. */
function inert(text: string): string {
  return text
    .replaceAll(/^(\s*):(?=:)/gm, `$1${ZERO_WIDTH_SPACE}:`)
    .replaceAll(/##(?=(vso)?\[)/gi, `##${ZERO_WIDTH_SPACE}`)
}
