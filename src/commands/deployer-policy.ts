import type { Invocation } from '../config'
import { cloudFormationTemplate } from '../deployer/cloudformation'
import { deploymentOf } from '../deployer/deployment'
import { notesOf } from '../deployer/notes'
import { terraformConfiguration } from '../deployer/terraform'
import { type Deployment, deployerPolicies } from '../store/deployer-policy'
import type { Door, Result } from './command'
import { COMMANDS } from './index'

const FORMATS = {
  json: (deployment: Deployment) => JSON.stringify(deployerPolicies(deployment).policy, null, 2),
  hcl: terraformConfiguration,
  terraform: terraformConfiguration,
  cloudformation: cloudFormationTemplate,
}

/** Prints the policy of the role that runs commands, and what else an account needs for it. */
export function run(invocation: Invocation, { reporter }: Door): Promise<Result> {
  const { inputs, request } = invocation
  const deployment = deploymentOf(invocation, COMMANDS)
  const format = inputs.format ?? 'json'
  const text = FORMATS[format](deployment)
  const notes = notesOf(deployment, format)
  for (const note of notes) reporter.info(note)
  return Promise.resolve({
    outputs: {},
    lines: text.split('\n'),
    report: (report) => report.printed(request, { text, notes }),
  })
}
