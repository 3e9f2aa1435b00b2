import { type HclBlock, type JsonObject, type JsonValue, printBlocks } from '../infra/hcl'
import { audienceOf, type Deployment, deployerPolicies, GITHUB_ISSUER } from '../store/deployer-policy'
import type { PolicyDocument } from '../store/policies'
import { PROVIDER_WORDS } from './words'

/** No name can have it in it, since a policy has a `$` of a name as `${$}`. */
const ACCOUNT_ID = '${data.aws_caller_identity.current.account_id}'

/**
 * Terraform, in HCL, for the administrator of an account: the boundary, the policy, and with GitHub's workflows the
 * role that they assume and the OIDC provider, unless the account has one.
 */
export function terraformConfiguration(deployment: Deployment): string {
  const { name, policy, boundary, trust, partition } = deployerPolicies(deployment, ACCOUNT_ID)
  const blocks = [
    VERSIONS,
    ...(trust === undefined ? [] : [PROVIDER_VARIABLE]),
    ...(deployment.accountId === undefined ? [block('data', ['aws_caller_identity', 'current'], {})] : []),
    ...(boundary === undefined ? [] : [policyBlock('boundary', boundary.name, boundary.document)]),
    policyBlock('deployer', name, policy),
    ...(trust === undefined ? [] : role(name, trust(PROVIDER_ARN), audienceOf(partition))),
    output('policy_arn', 'aws_iam_policy.deployer.arn'),
    ...(boundary === undefined ? [] : [output('permissions_boundary', 'aws_iam_policy.boundary.arn')]),
  ]
  return printBlocks(blocks).trimEnd()
}

const block = (type: string, labels: readonly string[], body: JsonObject, comment?: string): HclBlock => ({
  type,
  labels,
  body,
  comment,
})

const output = (name: string, value: string): HclBlock => block('output', [name], { value: `\${${value}}` })

const VERSIONS = block('terraform', [], {
  required_providers: { aws: { source: 'hashicorp/aws', version: '>= 5.100.0' } },
})

const PROVIDER_VARIABLE = block('variable', ['github_provider_arn'], {
  type: 'string',
  description: PROVIDER_WORDS,
  default: '',
})

/** The provider that is made, else the one that the account has. */
const PROVIDER_ARN =
  '${one(concat(aws_iam_openid_connect_provider.github[*].arn, compact([var.github_provider_arn])))}'

const policyBlock = (label: string, name: string, document: PolicyDocument): HclBlock =>
  block('resource', ['aws_iam_policy', label], { name, policy: asTemplate(document) })

/** A document in which Terraform evaluates the expressions of this file alone. */
function asTemplate(document: PolicyDocument): string {
  const escaped = (text: string): string => text.replaceAll(/[$%](?=\{)/g, '$&$&')
  return JSON.stringify(document, (_, value: unknown) =>
    typeof value === 'string' && value !== PROVIDER_ARN
      ? value.split(ACCOUNT_ID).map(escaped).join(ACCOUNT_ID)
      : value,
  )
}

function role(name: string, trust: PolicyDocument, audience: JsonValue): HclBlock[] {
  return [
    block(
      'resource',
      ['aws_iam_openid_connect_provider', 'github'],
      {
        count: '${var.github_provider_arn == "" ? 1 : 0}',
        url: `https://${GITHUB_ISSUER}`,
        client_id_list: [audience],
      },
      'There is one in an account, so others may come to use it, too.',
    ),
    block('resource', ['aws_iam_role', 'deployer'], { name, assume_role_policy: asTemplate(trust) }),
    block('resource', ['aws_iam_role_policy_attachment', 'deployer'], {
      role: '${aws_iam_role.deployer.name}',
      policy_arn: '${aws_iam_policy.deployer.arn}',
    }),
    output('role_arn', 'aws_iam_role.deployer.arn'),
  ]
}
