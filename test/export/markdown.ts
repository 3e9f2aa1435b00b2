/** A fenced block of Markdown. */
export interface Fence {
  readonly language: string
  readonly lines: readonly string[]
}

/**
 * The structure of a Markdown text, a line of it for each line: what a value must not change. Fails where a
 * fence, a fold or a table is not whole.
 */
export function skeleton(markdown: string): string[] {
  const out: string[] = []
  let fence: string | undefined
  let columns: number | undefined
  let folds = 0
  for (const line of markdown.split('\n')) {
    if (fence !== undefined) {
      const closes = new RegExp(`^${fence[0] ?? ''}{${fence.length},}$`).test(line)
      if (closes) fence = undefined
      out.push(closes ? 'fence end' : 'fence line')
      continue
    }
    const open = /^(`{3,}|~{3,})([\w]*)$/.exec(line)
    if (open !== null) {
      fence = open[1]
      out.push(`fence ${open[2] ?? ''}`)
      continue
    }
    if (line.startsWith('|')) {
      const count = cells(line).length
      columns ??= count
      if (count !== columns) throw new Error(`A row of ${count} cells in a table of ${columns}: ${line}`)
      out.push(`row of ${count}`)
      continue
    }
    columns = undefined
    folds += line.split('<details>').length - line.split('</details>').length
    const heading = /^#+ /.exec(line)?.[0]
    const marker = /^<!-- \w+ -->$/.exec(line)?.[0]
    out.push(marker ?? (heading === undefined ? (line === '' ? '' : 'text') : `heading ${heading}`))
  }
  if (fence !== undefined) throw new Error('A fence is not closed')
  if (folds !== 0) throw new Error('A fold is not closed')
  return out
}

/** The cells of a row of a table, split as GitHub splits them: at every pipe without a backslash, in code too. */
export function cells(row: string): string[] {
  return row
    .replace(/^\|/, '')
    .replace(/\|$/, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim())
}

export function fences(markdown: string): Fence[] {
  return [...markdown.matchAll(/^(`{3,}|~{3,})(\w*)\n([^]*?)\n\1$/gm)].map(
    ([, , language = '', content = '']) => ({
      language,
      lines: content.split('\n'),
    }),
  )
}

/** The text between a heading of the second level and the next one. */
export function sectionOf(markdown: string, title: string): string {
  const [, rest] = markdown.split(`\n## ${title}\n`)
  if (rest === undefined) throw new Error(`There is no section "${title}"`)
  return rest.split(/\n## |\n<!-- /)[0] ?? ''
}
