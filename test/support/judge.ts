import { runSimulation } from '@cloud-copilot/iam-simulate'
import { ACCOUNT, type AwsCall } from './aws-calls'

/** Who deploys in tests. */
export const DEPLOYER = `arn:aws:iam::${ACCOUNT}:role/apply-valohai`

/** The default policy of a KMS key: what IAM grants is granted. */
const KEY_POLICY = {
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'kms:*', Resource: '*' },
  ],
}

/**
 * Whether a policy lets its holder make a call, as an IAM policy simulator judges it.
 *
 * @param boundary the holder's permissions boundary. @default - none
 * @throws where the simulator takes neither the call nor the policy
 */
export async function allows(policy: object, call: AwsCall, boundary?: object): Promise<boolean> {
  const result = await runSimulation(
    {
      request: {
        principal: DEPLOYER,
        action: call.action,
        resource: { resource: call.resource, accountId: ACCOUNT },
        contextVariables: { ...call.context },
      },
      identityPolicies: [{ name: 'policy', policy }],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      ...(call.action.startsWith('kms:') && { resourcePolicy: KEY_POLICY }),
      ...(boundary && { permissionBoundaryPolicies: [{ name: 'boundary', policy: boundary }] }),
    },
    {},
  )
  if (result.resultType === 'error') {
    throw new Error(`${call.action} on ${call.resource}: ${JSON.stringify(result.errors)}`)
  }
  return result.overallResult === 'Allowed'
}
