import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { actionYaml, readmeTables, renewedReadme, staleFiles } from '../scripts/docs'
import { COMMANDS } from '../src/commands'
import { INPUT_NAMES, INPUTS, OUTPUTS } from '../src/config'

const root = `${__dirname}/..`

interface Action {
  readonly runs: object
  readonly branding: object
  readonly inputs: Record<string, { description: string; required: boolean; default?: string }>
  readonly outputs: Record<string, { description: string }>
}

const action = parse(readFileSync(`${root}/action.yml`, 'utf8')) as Action

describe('action.yml', () => {
  it('is what the tables make', () => {
    expect(readFileSync(`${root}/action.yml`, 'utf8')).toBe(actionYaml())
  })

  it('has every input but those of the command line, and every output', () => {
    expect(Object.keys(action.inputs)).toEqual(INPUT_NAMES.filter((name) => INPUTS[name].cliOnly !== true))
    expect(Object.keys(action.outputs)).toEqual(Object.keys(OUTPUTS))
    expect(action.runs).toEqual({ using: 'node24', main: 'dist/index.js' })
    expect(action.branding).toEqual({ icon: 'database', color: 'blue' })
  })

  it('has the defaults of the table, and none where the environment comes first', () => {
    for (const [name, input] of Object.entries(action.inputs)) {
      const definition = INPUTS[name as keyof typeof INPUTS]
      expect(input.default).toBe(definition.default ?? definition.runnerDefault)
      expect(input.description.startsWith(definition.description)).toBe(true)
      if (definition.environment !== undefined) expect(input.default).toBeUndefined()
    }
    expect(action.inputs['github-token']?.default).toBe('${{ github.token }}')
  })

  it('requires what every command needs and no variable can give', () => {
    expect(Object.keys(action.inputs).filter((name) => action.inputs[name]?.required)).toEqual(['bucket'])
  })

  it('lists every command', () => {
    for (const { name, summary } of COMMANDS) {
      expect(action.inputs.command?.description).toContain(`\`${name}\`: ${summary}`)
    }
  })

  it('says which commands take an input, where not all do or only some need it', () => {
    const ending = (name: string): string | undefined =>
      / For ([^.]*)\./.exec(action.inputs[name]?.description ?? '')?.[1]
    expect(ending('valohai-project')).toBe(
      '`apply` (needed), `plan`, `check`, `rotate-key` (needed), `destroy` (needed), `synth`, `connect` (needed) and `deployer-policy`',
    )
    expect(ending('layout')).toBe('`synth`')
    expect(ending('bucket')).toBeUndefined()
    expect(ending('cors')).toBeUndefined()
  })

  it('says every environment variable there is', () => {
    for (const [name, input] of Object.entries(action.inputs)) {
      for (const variable of INPUTS[name as keyof typeof INPUTS].environment ?? []) {
        expect(input.description).toContain(`\`${variable}\``)
      }
    }
  })
})

describe('README', () => {
  const marks = (...names: readonly string[]): string =>
    names.map((name) => `<!-- ${name} -->\nOLD\n<!-- /${name} -->`).join('\nb\n')
  const readme = `a\n${marks('inputs', 'outputs', 'commands', 'deploy-policy', 'boundary', 'options')}\nc\n`

  it('has a row for each command, input and output', () => {
    const { commands, inputs, options, outputs } = readmeTables()
    expect(inputs).toContain('| `bucket` | **required** | all | Name of the S3 bucket.')
    expect(inputs).toContain('| `cors` | `true` | all | Whether')
    expect(inputs).toContain('| `region` | `AWS_REGION`, then `AWS_DEFAULT_REGION` | all | AWS region')
    expect(inputs).toContain(
      '| `valohai-project` | none | `apply` (needed), `plan`, `check`, `rotate-key` (needed), `destroy` (needed), `synth`, `connect` (needed), `deployer-policy` | The Valohai project',
    )
    expect(options).toContain('| `--force` | `synth` | ')
    expect(commands.split('\n')).toHaveLength(COMMANDS.length + 2)
    // Each of the two has a head of two lines.
    expect([...inputs.split('\n'), ...options.split('\n')]).toHaveLength(INPUT_NAMES.length + 4)
    expect(outputs.split('\n')).toHaveLength(Object.keys(OUTPUTS).length + 2)
  })

  it('is renewed between its marks alone, and then stays as it is', () => {
    const renewed = renewedReadme(readme)
    expect(renewed).toMatch(
      /^a\n<!-- inputs -->\n\n\| Input [^]*\n\n<!-- \/inputs -->\nb\n[^]*<!-- \/options -->\nc\n$/,
    )
    expect(renewed).not.toContain('OLD')
    expect(renewedReadme(renewed)).toBe(renewed)
  })

  it('fails where a mark is missing', () => {
    expect(() => renewedReadme('<!-- inputs -->')).toThrow(
      'needs <!-- deploy-policy --> and <!-- /deploy-policy -->',
    )
  })
})

it('no generated file is stale', () => {
  expect(staleFiles(root)).toEqual([])
})
