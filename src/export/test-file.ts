import { layout, layoutAssignments } from '../infra/hcl/layout'
import type { JsonValue } from '../infra/hcl/json'
import { quote } from '../infra/hcl/strings'

/** One `run` block of a test file of Terraform's. */
export interface Run {
  /** A word: letters, digits and underscores. */
  readonly name: string
  /** The question that the run answers, and those after it that have none; printed above the block. */
  readonly comment?: string
  readonly variables?: Readonly<Record<string, JsonValue>>
  readonly asserts?: readonly Assert[]
  /** Addresses of the variables that have to refuse their value. */
  readonly expectFailures?: readonly string[]
}

export interface Assert {
  /** An expression of Terraform's language. Values in it have to come from `hcl` or `hclAt`. */
  readonly condition: string
  /** What is wrong where it does not hold. */
  readonly message: string
}

/** Blocks as text: `terraform fmt` leaves it as it is. */
export function printRun({ name, comment, variables, asserts = [], expectFailures }: Run): string {
  const parts = [
    '  command = plan',
    ...(variables === undefined ? [] : [block('variables', variables, 2)]),
    ...(expectFailures === undefined
      ? []
      : [`  expect_failures = [\n${expectFailures.map((address) => `    ${address},`).join('\n')}\n  ]`]),
    ...asserts.map(printAssert),
  ]
  const heading = comment === undefined ? '' : `# ${comment}\n`
  return `${heading}run ${quote(name)} {\n${parts.join('\n\n')}\n}`
}

function printAssert({ condition, message }: Assert): string {
  const lines = layoutAssignments(
    [
      { key: 'condition', text: condition },
      { key: 'error_message', text: quote(message) },
    ],
    4,
  )
  return `  assert {\n${lines}\n  }`
}

/** `header { key = value … }`, indented. */
export function block(header: string, values: Readonly<Record<string, JsonValue>>, indent: number): string {
  const pad = ' '.repeat(indent)
  const assignments = Object.entries(values).map(([key, value]) => ({
    key,
    text: layout(value, quote, indent + 2, indent + 2 + key.length + 3, true),
  }))
  return `${pad}${header} {\n${layoutAssignments(assignments, indent + 2)}\n${pad}}`
}

/** A value as an expression that stands in the condition of an `assert`; nothing in it is evaluated. */
export function hcl(value: JsonValue): string {
  return layout(value, quote, 4, 40)
}

/** Text as a whole condition: `actual == value`. */
export function equals(actual: string, value: JsonValue): string {
  return `${actual} == ${hcl(value)}`
}
