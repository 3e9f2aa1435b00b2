import { commentLines } from './comments'
import { isObject, type JsonValue } from '../../store/json'
import { printList } from '../spread'
import { columns, keyOf, LINE_WIDTH } from './strings'

/** How the strings of a value are printed: `quote`, `template`, or as they are. */
export type PrintString = (text: string) => string

/** `key = value` as one paragraph of lines needs it to align the equals signs. */
export interface Assignment {
  readonly key: string
  /** As printed, its first line without indentation. */
  readonly text: string
  readonly comment?: string | undefined
}

/**
 * Prints a value that starts in `column` on a line indented by `indent`, further lines indented as
 * `terraform fmt` wants them. An expression of several lines is taken as it was laid out.
 *
 * @param spread whether an object with a single entry goes over several lines as well
 */
export function layout(
  value: JsonValue,
  print: PrintString,
  indent: number,
  column: number,
  spread = false,
): string {
  const pad = ' '.repeat(indent)
  const line = oneLine(value, print)
  const isScalar = typeof value !== 'object' || value === null
  if (isScalar || isEmpty(value)) return line.replaceAll('\n', `\n${pad}`)
  if (!breaks(value, spread) && column + columns(line) <= LINE_WIDTH) return line
  const inner = indent + 2
  if (!isObject(value)) {
    return printList(value, (items) => {
      const lines = items.map((item) => `${pad}  ${layout(item, print, inner, inner)},`)
      return `[\n${lines.join('\n')}\n${pad}]`
    })
  }
  const assignments = entriesOf(value).map(([key, item]) => ({
    key,
    text: layout(item, print, inner, inner + columns(key) + ' = '.length),
  }))
  return `{\n${layoutAssignments(assignments, inner)}\n${pad}}`
}

/** Prints assignments under each other, the equals signs aligned by the rules of `terraform fmt`. */
export function layoutAssignments(assignments: readonly Assignment[], indent: number): string {
  const pad = ' '.repeat(indent)
  const lines: string[] = []
  let run: Assignment[] = []
  const flush = (): void => {
    const width = Math.max(0, ...run.map(({ key }) => columns(key)))
    for (const { key, text } of run) lines.push(`${pad}${key}${' '.repeat(width - columns(key))} = ${text}`)
    run = []
  }
  for (const assignment of assignments) {
    const { text, comment } = assignment
    // A comment and a value over several lines each end the run of aligned lines.
    const endsRun = text.includes('\n')
    if (endsRun || comment !== undefined) flush()
    if (comment !== undefined) lines.push(...commentLines(comment, indent))
    run.push(assignment)
    if (endsRun) flush()
  }
  flush()
  return lines.join('\n')
}

function entriesOf(value: JsonValue): [key: string, item: JsonValue][] {
  return isObject(value) ? Object.entries(value).map(([key, item]) => [keyOf(key), item]) : []
}

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0
}

/** Whether a value goes over several lines even where one would do: two objects in one line are hard to read. */
function breaks(value: JsonValue, spread = false): boolean {
  if (Array.isArray(value)) return value.some((item: JsonValue) => breaks(item))
  if (!isObject(value)) return false
  const items = Object.values(value)
  if (items.length > (spread ? 0 : 1)) return true
  return items.some((item) => breaks(item) || (isObject(item) && !isEmpty(item)))
}

function oneLine(value: JsonValue, print: PrintString): string {
  if (typeof value === 'string') return print(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (!isObject(value)) {
    return printList(value, (items) => `[${items.map((item) => oneLine(item, print)).join(', ')}]`)
  }
  const entries = entriesOf(value).map(([key, item]) => `${key} = ${oneLine(item, print)}`)
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`
}
