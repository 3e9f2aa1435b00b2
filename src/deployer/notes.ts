import { ACCOUNT, type Deployment, deployerPolicies, isKeyArn } from '../store/deployer-policy'

/** IAM's limit for a policy of its own, in characters without spaces between them. */
const LONGEST_POLICY = 6144

/**
 * What a person has to know beside the policies, a paragraph each.
 *
 * @param format the printed one: where that is the policy document alone, the other documents stand here
 */
export function notesOf(
  deployment: Deployment,
  format: 'json' | 'hcl' | 'terraform' | 'cloudformation',
): readonly string[] {
  const { policy, boundary, boundaryArn, trust } = deployerPolicies(deployment)
  const { store, state, rights, accountId } = deployment
  const isAlone = format === 'json'
  const makesUsers = rights.BoundedUser !== undefined
  const key = state?.extra.kms_key_id
  const indented = (document?: object): string => JSON.stringify(document, null, 2)
  const notes: readonly [holds: boolean, note: string][] = [
    [
      isAlone && accountId === undefined,
      `Replace ${ACCOUNT} by the number of the account, or give it as \`allowed-account-ids\`.`,
    ],
    [
      isAlone && boundary !== undefined,
      `The boundary, to be made first as the policy ${boundaryArn}:\n${indented(boundary?.document)}`,
    ],
    [
      makesUsers,
      `Give each run \`permissions-boundary: ${boundaryArn}\`: without it IAM lets this role make no user.`,
    ],
    [isAlone && trust !== undefined, `The trust policy of the role:\n${indented(trust?.())}`],
    [
      !isAlone && trust === undefined,
      'There is no role in it: `github-repository` says which workflows may assume one.',
    ],
    [format === 'cloudformation', 'CloudFormation asks for CAPABILITY_NAMED_IAM to launch it.'],
    [
      makesUsers && store.kmsKeyArn !== undefined,
      'Before `kms-key-arn` changes, make the boundary again, with the earlier key as one of `kms-decrypt-key-arns`.',
    ],
    [
      key !== undefined && !isKeyArn(key),
      `The state is encrypted with the KMS key ${key ?? ''}: grant kms:Decrypt and kms:GenerateDataKey on its ARN, too.`,
    ],
    [
      state === undefined,
      'The state is in a backend other than S3, whose own documents say which rights it needs.',
    ],
    [
      JSON.stringify(policy).length > LONGEST_POLICY,
      `IAM takes no policy of more than ${LONGEST_POLICY} characters, and this one is longer: shorten names, state key or path.`,
    ],
  ]
  return notes.filter(([holds]) => holds).map(([, note]) => note)
}
