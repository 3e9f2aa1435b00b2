/** A value as one word of a POSIX shell's command line. */
export function shellWord(value: string): string {
  return /^[\w./:@%+=,-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`
}

/** A command with its options, one to a line where there are several. */
export function shellCommand(command: string, ...options: readonly string[]): string {
  return [command, ...options].join(' \\\n  ')
}
