import type { Finding } from './problems'

/** One `key=value`, and the line it stands on, counted from 1. */
export interface KeyValue {
  readonly line: number
  readonly key: string
  readonly value: string
}

export interface KeyValues {
  readonly pairs: readonly KeyValue[]
  readonly findings: readonly Finding[]
}

/**
 * Reads one `key=value` a line. Empty lines and lines that begin with `#` are passed over; spaces around
 * the key and the value are not part of them; the value may hold further `=`.
 * Findings name the line only: what stands on it may be a secret.
 */
export function keyValues(text: string): KeyValues {
  const lines = text.split(/\r\n|\r|\n/).map((line, index) => ({ line: index + 1, content: line.trim() }))
  const pairs: KeyValue[] = []
  const findings: Finding[] = []
  for (const { line, content } of lines) {
    if (content === '' || content.startsWith('#')) continue
    const equals = content.indexOf('=')
    if (equals < 1) {
      findings.push({
        problem: equals === 0 ? `Line ${line} has nothing before the "="` : `Line ${line} has no "="`,
        fix: 'Write one key=value a line',
      })
      continue
    }
    pairs.push({ line, key: content.slice(0, equals).trim(), value: content.slice(equals + 1).trim() })
  }
  return { pairs, findings }
}

/** The pairs whose key an earlier pair has, with the line of that one. */
export function repeated(
  pairs: readonly KeyValue[],
  same: (key: string) => string,
): readonly { readonly pair: KeyValue; readonly earlier: KeyValue }[] {
  const first = new Map<string, KeyValue>()
  return pairs.flatMap((pair) => {
    const earlier = first.get(same(pair.key))
    if (earlier !== undefined) return [{ pair, earlier }]
    first.set(same(pair.key), pair)
    return []
  })
}
