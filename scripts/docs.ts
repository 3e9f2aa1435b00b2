/**
 * Writes what is generated from the tables of commands and inputs: `action.yml`, and the reference of the README.
 * `tsx scripts/docs.ts --check` writes nothing and fails where a file is stale.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import * as path from 'node:path'
import { COMMANDS } from '../src/commands'
import { type Input, INPUT_NAMES, INPUTS, type InputName, OUTPUTS, takes } from '../src/config'
import { parseRequest } from '../src/config'
import { BUCKET_INPUTS } from '../src/config/inputs/store'
import { listed } from '../src/config/problems'
import { deploymentOf } from '../src/deployer/deployment'
import { deployerPolicies } from '../src/store/deployer-policy'

const HEADER = `# Generated from src/commands and src/config by \`npm run docs\`: edit those tables, not this file.
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

/** What an input means, in full sentences. */
function meaningOf(name: InputName): string {
  const commands = COMMANDS.map((command) => `\`${command.name}\`: ${command.summary}`)
  return [INPUTS[name].description, ...(name === 'command' ? commands : [])].join(' ')
}

/** Whether no command does without it; the file of `outputs-file` says what those of the bucket do. */
const isNeededByAll = (name: InputName): boolean =>
  COMMANDS.every(
    ({ needs }) =>
      needs.some((one) => one === name) || (name in BUCKET_INPUTS && needs[0] === 'outputs-file'),
  )

/** The commands that take an input, and which of them need it; empty where that is the same for all. */
function takersOf(name: InputName): readonly string[] {
  const takers = COMMANDS.filter((command) => takes(command, name))
  const isSameForAll =
    takers.length === COMMANDS.length &&
    (isNeededByAll(name) || !takers.some(({ needs }) => needs.includes(name)))
  return isSameForAll
    ? []
    : takers.map((command) => `\`${command.name}\`${command.needs.includes(name) ? ' (needed)' : ''}`)
}

const inputsWhere = (isWanted: (input: Input) => boolean): readonly InputName[] =>
  INPUT_NAMES.filter((name) => isWanted(INPUTS[name]))

const ofTheAction = inputsWhere(({ cliOnly }) => cliOnly !== true)
const ofTheCommandLine = inputsWhere(({ cliOnly }) => cliOnly === true)

function inputYaml(name: InputName): string {
  const { default: text, runnerDefault, defaultText, environment } = INPUTS[name]
  const takers = takersOf(name)
  const words = [
    meaningOf(name),
    ...(takers.length === 0 ? [] : [`For ${listed(takers)}.`]),
    ...(defaultText === undefined ? [] : [`Default: ${defaultText}.`]),
  ].join(' ')
  // The runner would refuse what the environment can give as well.
  const required = isNeededByAll(name) && environment === undefined
  const shown = text ?? runnerDefault
  const value = shown === undefined ? '' : `    default: ${quoted(shown)}\n`
  return `  ${name}:\n${description(words)}    required: ${String(required)}\n${value}`
}

/** The whole of `action.yml`, as prettier formats it. */
export function actionYaml(): string {
  const inputs = ofTheAction.map(inputYaml)
  const outputs = Object.entries(OUTPUTS).map(
    ([name, output]) => `  ${name}:\n${description(output.description)}`,
  )
  return `${HEADER}inputs:\n${inputs.join('')}outputs:\n${outputs.join('')}${RUNS}`
}

const row = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n')

function inputRow(name: InputName): readonly string[] {
  const { default: text, runnerDefault, defaultText, environment } = INPUTS[name]
  const shown = text ?? runnerDefault
  const value = shown === undefined ? (defaultText ?? 'none') : `\`${shown}\``
  const required = isNeededByAll(name) && environment === undefined
  const takers = takersOf(name)
  return [
    `\`${name}\``,
    required ? '**required**' : value,
    takers.length === 0 ? 'all' : takers.join(', '),
    meaningOf(name),
  ]
}

const json = (document: object | undefined): string =>
  `\`\`\`json\n${JSON.stringify(document, null, 2)}\n\`\`\``

/** What `deployer-policy` prints for the bucket of the README's examples, in the account of AWS's. */
function exampleOfPolicies() {
  const inputs: Readonly<Record<string, string>> = {
    command: 'deployer-policy',
    bucket: 'my-valohai-bucket',
    region: 'eu-west-1',
    'allowed-account-ids': '123456789012',
  }
  return deployerPolicies(
    deploymentOf(parseRequest({ get: (name) => inputs[name], environment: {} }, COMMANDS), COMMANDS),
  )
}

/** What the README has between marks, by their names. */
export function readmeTables(): Readonly<
  Record<'boundary' | 'commands' | 'deploy-policy' | 'inputs' | 'options' | 'outputs', string>
> {
  const { policy, boundary } = exampleOfPolicies()
  return {
    'deploy-policy': json(policy),
    boundary: json(boundary?.document),
    commands: table(
      ['Command', 'What it does'],
      COMMANDS.map(({ name, summary }) => [`\`${name}\``, summary]),
    ),
    inputs: table(['Input', 'Default', 'For', 'Meaning'], ofTheAction.map(inputRow)),
    options: table(
      ['Option', 'For', 'Meaning'],
      ofTheCommandLine.map((name) => [`\`--${name}\``, takersOf(name).join(', '), INPUTS[name].description]),
    ),
    outputs: table(
      ['Output', 'Meaning'],
      Object.entries(OUTPUTS).map(([name, output]) => [`\`${name}\``, output.description]),
    ),
  }
}

/**
 * The README with each of its tables renewed, between `<!-- inputs -->` and `<!-- /inputs -->` for one.
 *
 * @throws Error where a pair of marks is missing
 */
export function renewedReadme(readme: string): string {
  return Object.entries(readmeTables()).reduce((text, [name, content]) => {
    const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
    const from = text.indexOf(start)
    const to = text.indexOf(end)
    if (from < 0 || to < from) throw new Error(`README.md needs ${start} and ${end} around its table`)
    return `${text.slice(0, from + start.length)}\n\n${content}\n\n${text.slice(to)}`
  }, readme)
}

/** Each generated file under `root` with its new text. A README that does not exist is left alone. */
export function generatedFiles(root: string): ReadonlyMap<string, string> {
  const files = new Map([['action.yml', actionYaml()]])
  const readme = path.join(root, 'README.md')
  if (existsSync(readme)) files.set('README.md', renewedReadme(readFileSync(readme, 'utf8')))
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
