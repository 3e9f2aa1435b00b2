import { cloudFormationTemplate } from '../../src/deployer/cloudformation'
import { terraformConfiguration } from '../../src/deployer/terraform'
import { deployerPolicies } from '../../src/store/deployer-policy'
import { ACCOUNT } from '../support/aws-calls'
import { deployment } from '../support/deployment'
import { evaluate, fmtDiff } from '../infra/hcl/terraform'

const GITHUB = { 'github-repository': 'acme/data:environment:production' }
const HOSTILE = { 'state-key': 'a${b}*?%{c}${AWS::AccountId}/"x\\.tfstate' }

interface Template {
  readonly Parameters?: object
  readonly Resources: Readonly<
    Record<string, { readonly Type: string; readonly Properties: Record<string, unknown> }>
  >
  readonly Outputs: object
}

/** A template as CloudFormation evaluates it, but for references. */
const launched = (inputs: Readonly<Record<string, string>>): Template =>
  JSON.parse(cloudFormationTemplate(deployment(inputs)), (_, value: unknown) => {
    const text = (value as { 'Fn::Sub'?: string } | null)?.['Fn::Sub']
    return text === undefined ? value : text.replaceAll('${AWS::AccountId}', ACCOUNT).replaceAll('${!', '${')
  }) as Template

describe.each<[string, Record<string, string>]>([
  ['a known account', {}],
  ['an account that is not known', { 'allowed-account-ids': '' }],
  ['a name full of what formats evaluate', { ...HOSTILE, 'allowed-account-ids': '' }],
  ['a plan', { for: 'plan' }],
])('for %s', (_, inputs) => {
  const { policy, boundary, name } = deployerPolicies(
    deployment({ ...inputs, 'allowed-account-ids': ACCOUNT }),
  )

  it('CloudFormation makes the very policies', () => {
    const { Policy, Boundary } = launched(inputs).Resources
    expect(Policy?.Properties).toEqual({ ManagedPolicyName: name, PolicyDocument: policy })
    expect(Boundary?.Properties.PolicyDocument).toEqual(boundary?.document)
  })

  it('Terraform makes the very policies, and leaves the file as it is written', () => {
    const text = terraformConfiguration(deployment(inputs))
    expect(fmtDiff([`${text}\n`])).toBe('')
    const policies = [...text.matchAll(/^ {2}policy = (jsonencode\([^]*?^ {2}\}\))/gm)].map(
      ([, document = '']) => document,
    )
    const account = '${data.aws_caller_identity.current.account_id}'
    const evaluated = policies.map((document) => {
      const file = `locals {\n  policy = ${document.replaceAll(account, ACCOUNT)}\n}\n`
      return evaluate('main.tf', file, 'jsondecode(local.policy)')
    })
    expect(evaluated).toEqual([...(boundary === undefined ? [] : [boundary.document]), policy])
  })
})

describe('with GitHub', () => {
  it('CloudFormation makes the role, and the provider unless the account has one', () => {
    const { Parameters, Resources, Outputs } = launched(GITHUB)
    const provider = { 'Fn::If': ['MakesProvider', { Ref: 'GitHubProvider' }, { Ref: 'GitHubProviderArn' }] }
    expect(Parameters).toMatchObject({ GitHubProviderArn: { Default: '' } })
    expect(Resources.GitHubProvider).toMatchObject({
      Condition: 'MakesProvider',
      DeletionPolicy: 'Retain',
      Properties: { Url: 'https://token.actions.githubusercontent.com', ClientIdList: ['sts.amazonaws.com'] },
    })
    expect(Resources.Role?.Properties).toEqual({
      RoleName: 'apply-valohai-my-valohai-bucket',
      AssumeRolePolicyDocument: deployerPolicies(deployment(GITHUB)).trust?.(provider),
      ManagedPolicyArns: [{ Ref: 'Policy' }],
    })
    expect(Object.keys(Outputs)).toEqual(['RoleArn', 'PolicyArn', 'PermissionsBoundary'])
  })

  it('Terraform makes them, too', () => {
    const text = terraformConfiguration(deployment(GITHUB))
    expect(fmtDiff([`${text}\n`])).toBe('')
    expect(text).toContain('"repo:acme/data:environment:production"')
    expect(text).toMatch(/count += var\.github_provider_arn == "" \? 1 : 0/)
    expect(text).toMatch(/Federated = one\(concat\(aws_iam_openid_connect_provider\.github\[\*\]\.arn/)
  })

  it('without it there is no role', () => {
    expect(Object.keys(launched({}).Resources)).toEqual(['Boundary', 'Policy'])
    expect(terraformConfiguration(deployment())).not.toContain('aws_iam_role')
  })
})
