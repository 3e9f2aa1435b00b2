import type { JsonValue } from '../infra/hcl'

/** One `run` of a test file: a plan, and what has to hold of it. @param question printed above it */
export function run(name: string, question: string, ...parts: readonly string[]): string {
  return [`# ${question}\nrun "${name}" {\n  command = plan`, ...parts].join('\n\n').concat('\n}')
}

/** What has to hold in a run. @param message what is wrong where it does not */
export function assert(condition: string, message: string): string {
  // `terraform fmt` aligns the two where both are of one line.
  const key = condition.includes('\n') ? 'condition' : 'condition    '
  return `  assert {\n    ${key} = ${condition}\n    error_message = ${quoted(message)}\n  }`
}

/** Values of variables for a run. @param values expressions by name */
export function variables(values: Readonly<Record<string, string>>): string {
  const widest = Math.max(...Object.keys(values).map((name) => name.length))
  const lines = Object.entries(values).map(([name, value]) => `    ${name.padEnd(widest)} = ${value}\n`)
  return `  variables {\n${lines.join('')}  }`
}

/** A value as a string of HCL in which nothing is evaluated. */
export function quoted(value: string): string {
  return asTemplate(JSON.stringify(value))
}

/** A scalar or a list of scalars as HCL. */
export function literal(value: JsonValue): string {
  return Array.isArray(value) ? `[${value.map(literal).join(', ')}]` : asTemplate(JSON.stringify(value))
}

/** A condition: the attribute holds this very JSON. */
export function isJson(attribute: string, value: object): string {
  const json = asTemplate(JSON.stringify(value, null, 2)).replaceAll('\n', '\n      ')
  return `jsondecode(${attribute}) == jsondecode(<<-JSON\n      ${json}\n      JSON\n    )`
}

/** Text in a string or a heredoc of HCL, both of which evaluate what stands in `${}` and `%{}`. */
function asTemplate(text: string): string {
  return text.replaceAll(/[$%](?=\{)/g, '$&$&')
}
