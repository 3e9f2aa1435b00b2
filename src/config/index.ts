import { readBackend } from './backend'
import type { CommandRow } from './command'
import type { InputValues } from './inputs'
import { readOutputs } from './outputs-file'
import { InvalidInput } from './problems'
import { readInputs, type Reading } from './reader'
import type { Backend, InputSource, Request } from './request'
import type { StoreOutputs } from '../store/outputs'
import { storeSpec } from './store'
import { checkTogether } from './together'

export { type CommandRow, takes } from './command'
export { homeDirectory, settleHome } from './home'
export { InvalidInput, type InputProblem } from './problems'
export { withoutValues } from './command-line'
export { secretsIn, secretsOf } from './secrets'
export { INPUT_NAMES, INPUTS, type Input, type InputName, type InputValues } from './inputs'
export { OUTPUTS, type OutputName } from './outputs'
export type * from './request'

/** What was asked for. */
export interface Invocation<Row extends CommandRow = CommandRow> {
  readonly command: Row
  readonly request: Request
  /** Every input by its name, for those that concern the command alone. */
  readonly inputs: InputValues
}

/**
 * Turns raw inputs into what was asked for. Looks at nothing but the source, and at the working and home
 * directories, which are no place for exported files to replace.
 *
 * @param commands all there are
 * @throws InvalidInput naming every problem there is; no message shows a secret
 */
export function parseRequest<Row extends CommandRow>(
  source: InputSource,
  commands: readonly Row[],
): Invocation<Row> {
  const asGiven = readInputs(source, commands)
  const outputs = readOutputs(asGiven, source.get('region')?.trim())
  const reading = outputs === undefined ? asGiven : completed(asGiven, outputs)
  const { command, values, problems } = reading
  checkTogether(reading)
  const backend = readBackend(reading)
  if (problems.length > 0 || command === undefined || backend === undefined) throw new InvalidInput(problems)

  // Nothing is wrong with any of them, so each has its value.
  const inputs = values as InputValues
  const request = requestOf(command.name, reading, inputs, backend)
  return { command, inputs, request: outputs === undefined ? request : { ...request, outputs } }
}

/** What Terraform that was applied says of the store stands, whatever inputs would make of it. */
function completed<Row extends CommandRow>(
  reading: Reading<Row>,
  { bucket, user, role, kmsKeyArn }: StoreOutputs,
): Reading<Row> {
  const values = {
    ...reading.values,
    bucket: bucket.name,
    region: bucket.region,
    'iam-user-name': user.name,
    multipart: role !== undefined,
    'multipart-role-name': role?.name,
    'kms-key-arn': kmsKeyArn,
  }
  return { ...reading, values }
}

function requestOf(command: string, { isGiven }: Reading, inputs: InputValues, backend: Backend): Request {
  const { 'valohai-project': projects, 'valohai-token': token, 'valohai-url': origin } = inputs
  return {
    command,
    store: storeSpec(inputs),
    terraform: {
      version: inputs['terraform-version'],
      versionIsExplicit: isGiven('terraform-version'),
      awsProviderVersion: inputs['aws-provider-version'],
      backend,
    },
    valohai: projects === undefined || token === undefined ? undefined : { origin, token, projects },
    output: {
      directory: inputs['output-dir'],
      directoryIsExplicit: isGiven('output-dir'),
      format: inputs.format === 'json' ? 'json' : 'hcl',
      layout: inputs.layout,
      force: inputs.force,
    },
    github: { comment: inputs.comment, issue: inputs.issue, token: inputs['github-token'] },
    aws: { allowedAccountIds: inputs['allowed-account-ids'], proveKey: inputs['prove-key'] },
  }
}
