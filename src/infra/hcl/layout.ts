import type { Expression, ObjectItem, TupleItem } from './expression'
import { commentLines } from './comments'
import { columns, LINE_WIDTH } from './strings'

/** `key = value` as one paragraph of lines needs it to align the equals signs. */
export interface Assignment {
  readonly key: string
  /** As printed, its first line without indentation. */
  readonly text: string
  readonly comment?: string
  /** Whether an empty line comes before it. */
  readonly spaced?: boolean
}

/**
 * Prints an expression that starts in `column` on a line indented by `indent`, further lines indented as
 * `terraform fmt` wants them.
 *
 * @param spread whether an object with a single entry goes over several lines as well
 */
export function layout(expression: Expression, indent: number, column: number, spread = false): string {
  if (!breaks(expression, spread)) {
    const line = oneLine(expression)
    if (column + columns(line) <= LINE_WIDTH || isEmpty(expression)) return line
  }
  switch (expression.kind) {
    case 'flat':
      return expression.text
    case 'object':
      return bracket('{', layoutObject(expression.items, indent + 2), indent)
    case 'tuple':
      return bracket('[', layoutItems(expression.items, indent + 2, 'always'), indent)
    case 'call':
      return layoutCall(expression.name, expression.items, indent, column)
    case 'for': {
      const inner = ' '.repeat(indent + 2)
      return bracket(expression.open, `${inner}${expression.intro} :\n${inner}${expression.body}`, indent)
    }
    case 'operation': {
      // Terraform ends an expression with its line, except within brackets.
      const inner = ' '.repeat(indent + 2)
      const rest = expression.rest.map(({ operator, value }) => ({
        operator,
        text: layout(value, indent + 2, indent + 2 + operator.length + 1),
      }))
      const first = layout(expression.first, indent + 2, indent + 2)
      return bracket('(', joinOperands(first, rest, inner), indent)
    }
  }
}

/** Prints assignments under each other, the equals signs aligned by the rules of `terraform fmt`. */
export function layoutAssignments(assignments: readonly Assignment[], indent: number): string {
  const pad = ' '.repeat(indent)
  const lines: string[] = []
  let group: Assignment[] = []
  const flush = (): void => {
    const width = Math.max(0, ...group.map(({ key }) => columns(key)))
    for (const { key, text } of group) lines.push(`${pad}${key}${' '.repeat(width - columns(key))} = ${text}`)
    group = []
  }
  for (const [index, assignment] of assignments.entries()) {
    // An empty line, a comment and a value over several lines each end the run of aligned lines.
    if (assignment.spaced === true && index > 0) {
      flush()
      lines.push('')
    }
    if (assignment.comment !== undefined) {
      flush()
      lines.push(...commentLines(assignment.comment, indent))
    }
    if (assignment.text.includes('\n')) flush()
    group.push(assignment)
    if (assignment.text.includes('\n')) flush()
  }
  flush()
  return lines.join('\n')
}

function layoutObject(items: readonly ObjectItem[], indent: number): string {
  return layoutAssignments(
    items.map(({ value, ...item }) => ({
      ...item,
      text: layout(value, indent, indent + columns(item.key) + ' = '.length),
    })),
    indent,
  )
}

function layoutItems(items: readonly TupleItem[], indent: number, trailingComma: 'always' | 'never'): string {
  const pad = ' '.repeat(indent)
  return items
    .flatMap(({ value, comment }, index) => {
      const comma = index < items.length - 1 || trailingComma === 'always' ? ',' : ''
      const lines = comment === undefined ? [] : commentLines(comment, indent)
      return [...lines, `${pad}${layout(value, indent, indent)}${comma}`]
    })
    .join('\n')
}

/** `jsonencode({` and `merge(var.tags, {`: the brackets of the last argument are those of the call. */
function layoutCall(name: string, items: readonly TupleItem[], indent: number, column: number): string {
  const last = items.at(-1)
  const before = items.slice(0, -1)
  if (last !== undefined && isBracketed(last.value) && !before.some(({ value }) => breaks(value))) {
    const head = `${name}(${before.map(({ value }) => `${oneLine(value)}, `).join('')}`
    const start = column + columns(head)
    if (before.length === 0 || start < LINE_WIDTH) return `${head}${layout(last.value, indent, start)})`
  }
  return bracketCall(name, layoutItems(items, indent + 2, 'never'), indent)
}

function bracketCall(name: string, inside: string, indent: number): string {
  return `${name}${bracket('(', inside, indent)}`
}

function isBracketed(expression: Expression): boolean {
  return expression.kind !== 'flat' && expression.kind !== 'operation'
}

function bracket(open: '{' | '[' | '(', inside: string, indent: number): string {
  const close = { '{': '}', '[': ']', '(': ')' }[open]
  return `${open}\n${inside}\n${' '.repeat(indent)}${close}`
}

/** A logical operator ends the line; the `?` and `:` of a conditional start theirs. */
function joinOperands(
  first: string,
  rest: readonly { readonly operator: string; readonly text: string }[],
  pad: string,
): string {
  return rest.reduce(
    (lines, { operator, text }) =>
      operator === '?' || operator === ':'
        ? `${lines}\n${pad}${operator} ${text}`
        : `${lines} ${operator}\n${pad}${text}`,
    `${pad}${first}`,
  )
}

/** Whether the expression goes over several lines even where one would do. */
function breaks(expression: Expression, spread = false): boolean {
  switch (expression.kind) {
    case 'flat':
    case 'for':
    case 'operation':
      return false
    case 'object':
      return (
        expression.items.length > (spread ? 0 : 1) || hasComment(expression.items) || nests(expression.items)
      )
    case 'tuple':
    case 'call':
      return hasComment(expression.items) || anyBreaks(expression.items)
  }
}

function isEmpty(expression: Expression): boolean {
  return 'items' in expression && expression.items.length === 0
}

/** Whether an entry breaks, or is an object again: one line for both is hard to read. */
function nests(items: readonly ObjectItem[]): boolean {
  return items.some(({ value }) => breaks(value) || (value.kind === 'object' && !isEmpty(value)))
}

function anyBreaks(items: readonly TupleItem[]): boolean {
  return items.some(({ value }) => breaks(value))
}

function hasComment(items: readonly TupleItem[]): boolean {
  return items.some(({ comment }) => comment !== undefined)
}

function oneLine(expression: Expression): string {
  switch (expression.kind) {
    case 'flat':
      return expression.text
    case 'object':
      if (expression.items.length === 0) return '{}'
      return `{ ${expression.items.map(({ key, value }) => `${key} = ${oneLine(value)}`).join(', ')} }`
    case 'tuple':
      return `[${listOf(expression.items)}]`
    case 'call':
      return `${expression.name}(${listOf(expression.items)})`
    case 'for': {
      const inside = `${expression.intro} : ${expression.body}`
      return expression.open === '[' ? `[${inside}]` : `{ ${inside} }`
    }
    case 'operation': {
      const rest = expression.rest.map(({ operator, value }) => ` ${operator} ${oneLine(value)}`).join('')
      const line = `${oneLine(expression.first)}${rest}`
      return expression.parenthesized ? `(${line})` : line
    }
  }
}

function listOf(items: readonly TupleItem[]): string {
  return items.map(({ value }) => oneLine(value)).join(', ')
}
