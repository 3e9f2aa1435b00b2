import type { Parser } from './problems'

/**
 * One value a line, each read by the same parser; findings name the line. Empty lines and lines that begin with
 * `#` are passed over, and a value that is repeated counts once.
 */
export function lines<T>(parser: (text: string) => ReturnType<Parser<T>>): Parser<readonly T[]> {
  return (text) => {
    const written = text
      .split(/\r\n|\r|\n/)
      .map((line, index) => ({ number: index + 1, content: line.trim() }))
      .filter(({ content }) => content !== '' && !content.startsWith('#'))
    const read = written.map(({ number, content }) => ({ number, parsed: parser(content) }))
    const findings = read.flatMap(({ number, parsed }) =>
      'value' in parsed
        ? []
        : parsed.findings.map(({ problem, fix }) => ({
            problem: written.length === 1 ? problem : `Line ${number}: ${problem}`,
            fix,
          })),
    )
    if (findings.length > 0) return { findings }
    return { value: [...new Set(read.flatMap(({ parsed }) => ('value' in parsed ? [parsed.value] : [])))] }
  }
}
