import { type Invocation, InvalidInput } from '../config'
import { cloudFormationTemplate } from '../deployer/cloudformation'
import { notesOf } from '../deployer/notes'
import { terraformConfiguration } from '../deployer/terraform'
import { type Deployment, deployerPolicies } from '../store/deployer-policy'
import { DELETE_BUCKET, together } from '../store/deployer-rights'
import { roleName } from '../store/names'
import type { Door, Result } from './command'
import { COMMANDS } from './index'

const FORMATS = {
  json: (deployment: Deployment) => JSON.stringify(deployerPolicies(deployment).policy, null, 2),
  terraform: terraformConfiguration,
  cloudformation: cloudFormationTemplate,
}

/** Prints the policy of the role that runs commands, and what else an account needs for it. */
export function run(invocation: Invocation, { reporter }: Door): Promise<Result> {
  const { inputs, request } = invocation
  const deployment = deploymentOf(invocation)
  const format = inputs.format === 'terraform' || inputs.format === 'cloudformation' ? inputs.format : 'json'
  const text = FORMATS[format](deployment)
  const notes = notesOf(deployment, format)
  for (const note of notes) reporter.info(note)
  return Promise.resolve({
    outputs: {},
    lines: text.split('\n'),
    report: (report) => report.printed(request, { text, notes }),
  })
}

/** @throws InvalidInput where the deploying role would have the name of the role that it makes */
function deploymentOf({ inputs, request: { store, terraform } }: Invocation): Deployment {
  const { backend } = terraform
  const rights = COMMANDS.filter(({ name }) => inputs.for.includes(name)).flatMap((row) => row.rights ?? [])
  const deployment: Deployment = {
    store,
    state: backend.type === 's3' ? backend : undefined,
    commands: inputs.for,
    rights: together([...rights, ...(inputs['delete-bucket'] ? [DELETE_BUCKET] : [])]),
    accountId: inputs['allowed-account-ids'][0],
    subjects: inputs['github-repository'],
  }
  const { name } = deployerPolicies(deployment)
  // To IAM two names that differ in their case alone are one.
  if (roleName(store).toLowerCase() !== name.toLowerCase()) return deployment
  throw new InvalidInput([
    {
      input: 'multipart-role-name',
      problem: `"${name}" is the name of the deploying role, which could then give itself any right`,
      fix: 'Write another name',
    },
  ])
}
