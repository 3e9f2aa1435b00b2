/**
 * Writes what is generated from the table of inputs: `action.yml`, and the reference tables of the README.
 * `tsx scripts/docs.ts --check` writes nothing and fails where a file is stale.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import * as path from 'node:path'
import { parse } from 'yaml'
import { INPUT_NAMES, INPUTS, type InputName, OUTPUTS } from '../src/config/inputs'

const HEADER = `# Generated from src/config/inputs.ts by \`npm run docs\`: edit that table, not this file.
name: Valohai S3 data store
description: Makes a private S3 bucket with Terraform and sets it up as a data store of a Valohai project.
author: valohai-s3-action contributors
branding:
  icon: database
  color: blue
`

const RUNS = `runs:
  using: node24
  main: dist/index.js
`

const WIDTH = 100

/** Where the description of an input in `action.yml` ends, and the words about its default begin. */
const DEFAULT_MARK = ' Default: '

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** Words in lines of a width; what is longer has a line of its own. */
function wrapped(text: string, indent: string): string {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && indent.length + last.length + 1 + word.length <= WIDTH) {
      lines[lines.length - 1] = `${last} ${word}`
    } else {
      lines.push(word)
    }
  }
  return lines.map((line) => indent + line).join('\n')
}

const description = (text: string): string => `    description: >-\n${wrapped(text, '      ')}\n`

function inputYaml(name: InputName): string {
  const input = INPUTS[name]
  const words = input.defaultText === undefined ? '' : `${DEFAULT_MARK}${input.defaultText}.`
  // The environment comes before a default, and a default of the runner's would hide that nothing was given.
  const required = input.required?.length === 3 && input.environment === undefined
  const value = input.default === undefined ? '' : `    default: ${quoted(input.default)}\n`
  return `  ${name}:\n${description(input.description + words)}    required: ${String(required)}\n${value}`
}

/** The whole of `action.yml`, as prettier formats it. */
export function actionYaml(): string {
  const inputs = INPUT_NAMES.filter((name) => INPUTS[name].cliOnly !== true).map(inputYaml)
  const outputs = Object.entries(OUTPUTS).map(
    ([name, output]) => `  ${name}:\n${description(output.description)}`,
  )
  return `${HEADER}inputs:\n${inputs.join('')}outputs:\n${outputs.join('')}${RUNS}`
}

interface ActionMetadata {
  readonly inputs: Readonly<Record<string, { description: string; required: boolean; default?: string }>>
  readonly outputs: Readonly<Record<string, { description: string }>>
}

const row = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n')

/** The README's two tables, from the text of `action.yml`. */
export function readmeTables(yaml: string): { readonly inputs: string; readonly outputs: string } {
  const action = parse(yaml) as ActionMetadata
  const inputs = Object.entries(action.inputs).map(([name, input]) => {
    const [text = '', words] = input.description.split(DEFAULT_MARK)
    const value = input.default === undefined ? words?.replace(/\.$/, '') : `\`${input.default}\``
    return [`\`${name}\``, input.required ? '**required**' : (value ?? 'none'), text]
  })
  const outputs = Object.entries(action.outputs).map(([name, output]) => [`\`${name}\``, output.description])
  return {
    inputs: table(['Input', 'Default', 'Meaning'], inputs),
    outputs: table(['Output', 'Meaning'], outputs),
  }
}

/**
 * The README with its tables renewed between `<!-- inputs -->` and `<!-- /inputs -->`, likewise `outputs`.
 *
 * @throws Error where a pair of marks is missing
 */
export function renewedReadme(readme: string, yaml: string): string {
  return Object.entries(readmeTables(yaml)).reduce((text, [name, content]) => {
    const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
    const from = text.indexOf(start)
    const to = text.indexOf(end)
    if (from < 0 || to < from) throw new Error(`README.md needs ${start} and ${end} around its table`)
    return `${text.slice(0, from + start.length)}\n\n${content}\n\n${text.slice(to)}`
  }, readme)
}

/** Each generated file under `root` with its new text. A README that does not exist is left alone. */
export function generatedFiles(root: string): ReadonlyMap<string, string> {
  const yaml = actionYaml()
  const files = new Map([['action.yml', yaml]])
  const readme = path.join(root, 'README.md')
  if (existsSync(readme)) files.set('README.md', renewedReadme(readFileSync(readme, 'utf8'), yaml))
  return files
}

/** The generated files whose text under `root` is another. */
export function staleFiles(root: string): readonly string[] {
  return [...generatedFiles(root)]
    .filter(([name, text]) => {
      const file = path.join(root, name)
      return !existsSync(file) || readFileSync(file, 'utf8') !== text
    })
    .map(([name]) => name)
}

function main(root: string, check: boolean): void {
  const stale = staleFiles(root)
  if (!check) {
    const files = generatedFiles(root)
    for (const name of stale) writeFileSync(path.join(root, name), files.get(name) ?? '')
  }
  const said = check ? 'is stale: run `npm run docs` and commit it' : 'written'
  for (const name of stale) console.log(`${name} ${said}`)
  if (check && stale.length > 0) process.exitCode = 1
}

if (path.basename(process.argv[1] ?? '') === 'docs.ts') {
  main(path.resolve(import.meta.dirname, '..'), process.argv.includes('--check'))
}
