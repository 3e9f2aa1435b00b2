import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { actionYaml, readmeTables, renewedReadme, staleFiles } from '../scripts/docs'
import { INPUT_NAMES, INPUTS, OUTPUTS } from '../src/config/inputs'

const root = `${__dirname}/..`

interface Action {
  readonly runs: object
  readonly branding: object
  readonly inputs: Record<string, { description: string; required: boolean; default?: string }>
  readonly outputs: Record<string, { description: string }>
}

const action = parse(readFileSync(`${root}/action.yml`, 'utf8')) as Action

describe('action.yml', () => {
  it('is what the table of inputs makes', () => {
    expect(readFileSync(`${root}/action.yml`, 'utf8')).toBe(actionYaml())
  })

  it('has every input but those of the command line, and every output', () => {
    expect(Object.keys(action.inputs)).toEqual(INPUT_NAMES.filter((name) => name !== 'force'))
    expect(Object.keys(action.outputs)).toEqual(Object.keys(OUTPUTS))
    expect(action.runs).toEqual({ using: 'node24', main: 'dist/index.js' })
    expect(action.branding).toEqual({ icon: 'database', color: 'blue' })
  })

  it('has the defaults of the table, and none where the environment comes first', () => {
    for (const [name, input] of Object.entries(action.inputs)) {
      const definition = INPUTS[name as keyof typeof INPUTS]
      expect(input.default).toBe(definition.default)
      expect(input.description.startsWith(definition.description)).toBe(true)
      if (definition.environment !== undefined) expect(input.default).toBeUndefined()
    }
    expect(action.inputs['github-token']?.default).toBe('${{ github.token }}')
  })

  it('requires what every command needs and no variable can give', () => {
    expect(Object.keys(action.inputs).filter((name) => action.inputs[name]?.required)).toEqual(['bucket'])
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
  const readme = 'a\n<!-- inputs -->\nOLD\n<!-- /inputs -->\nb\n<!-- outputs --><!-- /outputs -->\nc\n'

  it('has a row for each input and output', () => {
    const { inputs, outputs } = readmeTables(actionYaml())
    expect(inputs).toContain('| `bucket` | **required** | Name of the S3 bucket.')
    expect(inputs).toContain('| `cors` | `true` | Whether')
    expect(inputs).toContain('| `region` | `AWS_REGION`, then `AWS_DEFAULT_REGION` | AWS region')
    expect(inputs).toContain('| `valohai-project` | none | The Valohai project')
    expect(inputs.split('\n')).toHaveLength(INPUT_NAMES.length - 1 + 2)
    expect(outputs.split('\n')).toHaveLength(Object.keys(OUTPUTS).length + 2)
  })

  it('is renewed between its marks alone, and then stays as it is', () => {
    const renewed = renewedReadme(readme, actionYaml())
    expect(renewed).toMatch(
      /^a\n<!-- inputs -->\n\n\| Input [^]*\n\n<!-- \/inputs -->\nb\n[^]*<!-- \/outputs -->\nc\n$/,
    )
    expect(renewed).not.toContain('OLD')
    expect(renewedReadme(renewed, actionYaml())).toBe(renewed)
  })

  it('fails where a mark is missing', () => {
    expect(() => renewedReadme('<!-- inputs -->', actionYaml())).toThrow(
      'needs <!-- inputs --> and <!-- /inputs -->',
    )
  })
})

it('no generated file is stale', () => {
  expect(staleFiles(root)).toEqual([])
})
