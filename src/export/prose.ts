/** Plain words of ours as Markdown, in a line of text as well as in a cell of a table; not for values. */
export function prose(words: string): string {
  return words.replaceAll(/[\\|_*<`]/g, '\\$&')
}
