import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { COMMANDS } from '../../src/commands'
import {
  INPUT_NAMES,
  InvalidInput,
  type InputName,
  type InputProblem,
  parseRequest,
  takes,
} from '../../src/config'
import { source, TOKEN, type Values } from '../config/source'
import { OUTPUTS } from '../support/outputs'

const DIRECTORY = mkdtempSync(path.join(tmpdir(), 'valohai-s3-table-'))
writeFileSync(
  path.join(DIRECTORY, 'outputs.json'),
  OUTPUTS.text(OUTPUTS.root({ bucket: 'my-valohai-bucket' })),
)
afterAll(() => rmSync(DIRECTORY, { recursive: true }))

/** A right value, other than the default, of each input that is needed or left to a command. */
const RIGHT: Partial<Record<InputName, string>> = {
  bucket: 'my-valohai-bucket',
  region: 'eu-west-1',
  'valohai-project': 'acme/churn-model',
  'valohai-token': TOKEN,
  layout: 'module',
  force: 'true',
  'detailed-exitcode': 'true',
  'outputs-file': path.join(DIRECTORY, 'outputs.json'),
}

const valuesOf = (names: readonly InputName[]): Values =>
  Object.fromEntries(names.map((name) => [name, RIGHT[name] ?? '']))

const problemsOf = (inputs: Values): readonly InputProblem[] => {
  try {
    parseRequest(source(inputs), COMMANDS)
    return []
  } catch (error) {
    if (error instanceof InvalidInput) return error.problems
    throw error
  }
}

describe.each(COMMANDS.map((command) => [command.name, command] as const))('%s', (name, command) => {
  const needed = valuesOf(command.needs)

  it('is enough with what it needs', () => {
    const { request, command: row } = parseRequest(source({ ...needed, command: name }), COMMANDS)
    expect(row).toBe(command)
    expect(request.command).toBe(name)
  })

  it.each(command.needs)('is refused without %s, and told what to write', (input) => {
    const problems = problemsOf({ ...needed, [input]: '', command: name })
    expect(problems.map((problem) => problem.input)).toEqual([input])
    expect(problems[0]).toMatchObject({ problem: 'Nothing is given', fix: expect.stringMatching(/^Give /) })
  })

  it('has a file that runs it', async () => {
    expect(await command.load()).toEqual({ run: expect.any(Function) })
  })
})

describe('inputs of which a command takes all or none', () => {
  const rows = COMMANDS.flatMap((command) =>
    (command.optional?.inputs ?? []).map((input) => ({ command, input })),
  )

  it.each(rows)('$command.name: $input', ({ command, input }) => {
    const { name, needs, optional } = command
    const inputs = optional?.inputs ?? []
    const alone = problemsOf({ ...valuesOf([...needs, input]), command: name })
    expect(alone.map((problem) => problem.input)).toEqual(inputs.filter((other) => other !== input))
    for (const { fix } of alone) expect(fix).toContain(`or leave ${input} out to ${optional?.without}`)
    expect(problemsOf({ ...valuesOf([...needs, ...inputs]), command: name })).toEqual([])
  })
})

describe('inputs that a command does not take', () => {
  const strays = COMMANDS.flatMap((command) =>
    INPUT_NAMES.filter((name) => !takes(command, name) && RIGHT[name] !== undefined).map(
      (name) => [command, name] as const,
    ),
  )
  const left = (input: InputName): boolean => ['layout', 'force', 'detailed-exitcode'].includes(input)

  it.each(strays.map(([command, input]) => [command.name, input, command] as const))(
    '%s with %s',
    (name, input, command) => {
      const inputs = { ...valuesOf(command.needs), ...valuesOf([input]), command: name }
      expect(problemsOf(inputs).map((problem) => problem.input)).toEqual(left(input) ? [input] : [])
    },
  )

  it('are taken at their defaults, which action.yml always gives', () => {
    const defaults = { layout: 'root', force: 'False', comment: 'true', format: 'hcl', backend: 's3' }
    for (const { name } of COMMANDS) {
      const inputs = {
        ...valuesOf(['bucket', 'region', 'valohai-project', 'valohai-token', 'outputs-file']),
        ...defaults,
      }
      expect(problemsOf({ ...inputs, command: name })).toEqual([])
    }
  })

  it('are checked all the same, besides secrets', () => {
    const inputs = {
      ...valuesOf(['bucket', 'region']),
      command: 'synth',
      comment: 'no',
      'valohai-token': 'a b',
    }
    expect(problemsOf(inputs).map((problem) => problem.input)).toEqual(['comment'])
  })
})

it('no command has the name of another', () => {
  const names = COMMANDS.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
})
