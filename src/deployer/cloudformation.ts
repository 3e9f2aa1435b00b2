import { audienceOf, type Deployment, deployerPolicies, GITHUB_ISSUER } from '../store/deployer-policy'
import { PROVIDER_WORDS } from './words'

/** CloudFormation's own; no name can have it in it, since a policy has a `$` of a name as `${$}`. */
const ACCOUNT_ID = '${AWS::AccountId}'

/**
 * A CloudFormation template, in JSON, that a person can launch in the console: the boundary, the policy, and with
 * GitHub's workflows the role that they assume and the OIDC provider, unless the account has one. Names need
 * `CAPABILITY_NAMED_IAM`.
 */
export function cloudFormationTemplate(deployment: Deployment): string {
  const { name, policy, boundary, trust, partition } = deployerPolicies(deployment, ACCOUNT_ID)
  const bucket = deployment.store.bucketName
  const template = {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: `What ${deployment.commands.join(', ')} of valohai-s3 may do for the bucket ${bucket}.`,
    ...(trust && {
      Parameters: { GitHubProviderArn: { Type: 'String', Default: '', Description: PROVIDER_WORDS } },
      Conditions: { MakesProvider: { 'Fn::Equals': [{ Ref: 'GitHubProviderArn' }, ''] } },
    }),
    Resources: {
      ...(boundary && { Boundary: managedPolicy(boundary.name, boundary.document) }),
      Policy: managedPolicy(name, policy),
      ...(trust && {
        GitHubProvider: {
          Type: 'AWS::IAM::OIDCProvider',
          Condition: 'MakesProvider',
          // There is one in an account, so by then others may use it.
          DeletionPolicy: 'Retain',
          UpdateReplacePolicy: 'Retain',
          Properties: { Url: `https://${GITHUB_ISSUER}`, ClientIdList: [audienceOf(partition)] },
        },
        Role: {
          Type: 'AWS::IAM::Role',
          Properties: {
            RoleName: name,
            AssumeRolePolicyDocument: trust({
              'Fn::If': ['MakesProvider', { Ref: 'GitHubProvider' }, { Ref: 'GitHubProviderArn' }],
            }),
            ManagedPolicyArns: [{ Ref: 'Policy' }],
          },
        },
      }),
    },
    Outputs: {
      ...(trust && { RoleArn: outputOf({ 'Fn::GetAtt': ['Role', 'Arn'] }) }),
      PolicyArn: outputOf({ Ref: 'Policy' }),
      ...(boundary && { PermissionsBoundary: outputOf({ Ref: 'Boundary' }) }),
    },
  }
  return JSON.stringify(template, evaluated, 2)
}

const managedPolicy = (ManagedPolicyName: string, PolicyDocument: object) => ({
  Type: 'AWS::IAM::ManagedPolicy',
  Properties: { ManagedPolicyName, PolicyDocument },
})

const outputOf = (Value: unknown) => ({ Value })

/** Strings with the account in them are read by `Fn::Sub`, for which `${!` is a `${` that stays. */
function evaluated(key: string, value: unknown): unknown {
  if (typeof value !== 'string' || key === 'Fn::Sub' || !value.includes(ACCOUNT_ID)) return value
  const parts = value.split(ACCOUNT_ID).map((part) => part.replaceAll('${', '${!'))
  return { 'Fn::Sub': parts.join(ACCOUNT_ID) }
}
