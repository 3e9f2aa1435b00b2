import { BACKEND_INPUTS, readBackend } from './backend'
import { bucketName } from './bucket'
import { complete } from './complete'
import { readInfrastructure } from './infrastructure'
import { DEFAULT_OUTPUT_DIRECTORY, outputDirectory } from './output-directory'
import { InvalidInput } from './problems'
import { inputReader, type InputReader } from './reader'
import { regionCode } from './region'
import { boolean, choice } from './scalars'
import {
  type Command,
  COMMANDS,
  type Request,
  type GithubConfiguration,
  type InputSource,
  type OutputConfiguration,
  type TerraformConfiguration,
  type ValohaiConfiguration,
} from './types'
import { DEFAULT_ORIGIN, valohaiOrigin, valohaiProject, valohaiToken } from './valohai'
import { awsProviderVersion, TERRAFORM_VERSION, terraformVersion } from './versions'

export { InvalidInput, type InputProblem } from './problems'
export { secretsOf } from './secrets'
export { INPUT_NAMES, INPUTS, OUTPUTS, type InputDefinition, type InputName, type OutputName } from './inputs'
export { COMMANDS } from './types'
export type * from './types'

/**
 * Turns raw inputs into the one configuration of a run. Looks at nothing but the source, and at
 * the working and home directories, which are no place for exported files to replace.
 *
 * @throws InvalidInput naming every problem there is; no message shows a secret
 */
export function parseRequest(source: InputSource): Request {
  const reader = inputReader(source)
  const command = reader.read('command', choice(COMMANDS))
  const store = readInfrastructure(reader)
  const terraform = readTerraform(reader, command)
  const valohai = readValohai(reader, command)
  const output = readOutput(reader, command, source)
  const github = readGithub(reader)

  const parts = complete({ command, store, terraform, output, github })
  if (reader.problems().length > 0 || parts === undefined) throw new InvalidInput(reader.problems())
  return { ...parts, valohai, wish: 'apply', writes: parts.command === 'apply' }
}

function readTerraform(
  reader: InputReader,
  command: Command | undefined,
): TerraformConfiguration | undefined {
  const bucket = reader.peek('bucket', bucketName)
  const region = reader.peek('region', regionCode)
  return complete({
    version: reader.read('terraform-version', terraformVersion) ?? TERRAFORM_VERSION,
    versionIsExplicit: reader.text('terraform-version') !== undefined,
    awsProviderVersion: reader.read('aws-provider-version', awsProviderVersion),
    backend: readBackend(reader, command, bucket, region),
  })
}

/** Valohai as the command needs it: always to apply, for a plan both or neither, for synth not at all. */
function readValohai(reader: InputReader, command: Command | undefined): ValohaiConfiguration | undefined {
  const project = reader.read('valohai-project', valohaiProject)
  if (command === undefined || command === 'synth') return undefined

  const hasToken = reader.text('valohai-token') !== undefined
  const hasProject = reader.text('valohai-project') !== undefined
  if (command === 'plan' && !hasToken && !hasProject) return undefined
  if (!hasProject) {
    const without = command === 'plan' ? ', or leave the token out to plan without Valohai' : ''
    reader.report(
      'valohai-project',
      'Nothing is given',
      `Give the project, for example "acme/churn-model"${without}`,
    )
  }
  if (!hasToken) {
    const without = command === 'plan' ? '; or leave the project out to plan without Valohai' : ''
    reader.report(
      'valohai-token',
      'Nothing is given',
      'Give ${{ secrets.VALOHAI_TOKEN }} or set VALOHAI_TOKEN; ' +
        `a secret is empty where it is not set, and in workflows from forks${without}`,
    )
  }
  const origin = reader.peek('valohai-url', valohaiOrigin) ?? DEFAULT_ORIGIN
  return complete({ origin, token: reader.read('valohai-token', valohaiToken), project })
}

function readOutput(
  reader: InputReader,
  command: Command | undefined,
  { environment }: InputSource,
): OutputConfiguration | undefined {
  const home = [environment.HOME, environment.USERPROFILE].find((path) => path !== undefined && path !== '')
  const directory = reader.read('output-dir', outputDirectory(home)) ?? DEFAULT_OUTPUT_DIRECTORY
  const layout = reader.read('layout', choice(['root', 'module']))
  const force = reader.read('force', boolean)
  const runs = command === 'apply' || command === 'plan'

  if (runs && layout === 'module') {
    reader.report(
      'layout',
      `A module has no provider and no backend, so ${command} cannot run it`,
      'Leave it out, or use it with synth',
    )
  }
  if (runs && force === true) {
    reader.report('force', `It is for synth alone, not for ${command}`, 'Leave it out')
  }
  if (command === 'synth' && layout === 'module') {
    for (const input of BACKEND_INPUTS) {
      if (!reader.isExplicit(input)) continue
      const fix = 'Leave it out, or leave layout out: the configuration that calls the module has the backend'
      reader.report(input, 'A module has no backend', fix)
    }
  }
  return complete({
    directory,
    directoryIsExplicit: reader.text('output-dir') !== undefined,
    format: reader.read('format', choice(['hcl', 'json'])),
    layout,
    force,
  })
}

function readGithub(reader: InputReader): GithubConfiguration | undefined {
  const comment = reader.read('comment', boolean)
  // The table's default is an expression for GitHub's runner, not a token.
  return comment === undefined ? undefined : { comment, token: reader.text('github-token') }
}
