import { deployerPolicies } from '../../src/store/deployer-policy'
import type { PolicyDocument } from '../../src/store/policies'
import { ACCOUNT, type AwsCall } from '../support/aws-calls'
import { deployment } from '../support/deployment'
import { allows, DEPLOYER } from '../support/judge'

const IAM = `arn:aws:iam::${ACCOUNT}`
const USER = `${IAM}:user/valohai-my-valohai-bucket`
const ROLE = `${IAM}:role/valohai-my-valohai-bucket-multipart`
const BUCKET = 'arn:aws:s3:::my-valohai-bucket'
const STATE_BUCKET = `${BUCKET}-tfstate`
const STATE = `${STATE_BUCKET}/valohai-s3/my-valohai-bucket.tfstate`

const APPLY = deployerPolicies(deployment({ 'github-repository': 'acme/data' }))
const BOUNDARY = APPLY.boundaryArn

const call = (action: string, resource: string, boundary?: string): AwsCall => ({
  action,
  resource,
  context: boundary === undefined ? {} : { 'iam:PermissionsBoundary': boundary },
})

const statementsOf = ({ Statement }: PolicyDocument) =>
  Statement as readonly { Sid: string; Action: readonly string[]; Resource: readonly string[] }[]

const actionsOf = (policy: PolicyDocument): readonly string[] =>
  statementsOf(policy).flatMap(({ Action }) => Action)

describe('the known ways to become more than one is', () => {
  it.each<[string, AwsCall]>([
    ['a policy of its own role', call('iam:PutRolePolicy', DEPLOYER, BOUNDARY)],
    ['a policy attached to its own role', call('iam:AttachRolePolicy', DEPLOYER, BOUNDARY)],
    ['the trust policy of its own role', call('iam:UpdateAssumeRolePolicy', DEPLOYER)],
    [
      'the role that its own template makes',
      call('iam:PutRolePolicy', `${IAM}:role/${APPLY.name}`, BOUNDARY),
    ],
    ['a user without a boundary', call('iam:CreateUser', USER)],
    ['a user with a boundary of its choice', call('iam:CreateUser', USER, `${IAM}:policy/mine`)],
    [
      "a user with AWS's own policy as the boundary",
      call('iam:CreateUser', USER, 'arn:aws:iam::aws:policy/AdministratorAccess'),
    ],
    ['another user', call('iam:CreateUser', `${USER}-2`, BOUNDARY)],
    [
      'a user of that name under another path',
      call('iam:CreateUser', `${IAM}:user/a/valohai-my-valohai-bucket`, BOUNDARY),
    ],
    ['a policy of a user without a boundary', call('iam:PutUserPolicy', USER)],
    ['a managed policy for the user', call('iam:AttachUserPolicy', USER, BOUNDARY)],
    ['a group for the user', call('iam:AddUserToGroup', `${IAM}:group/administrators`)],
    ['a password for the user', call('iam:CreateLoginProfile', USER)],
    ["another user's key", call('iam:CreateAccessKey', `${IAM}:user/administrator`)],
    ["another user's key made active", call('iam:UpdateAccessKey', `${IAM}:user/administrator`)],
    ["the user's boundary removed", call('iam:DeleteUserPermissionsBoundary', USER, BOUNDARY)],
    ["the user's boundary exchanged", call('iam:PutUserPermissionsBoundary', USER, `${IAM}:policy/mine`)],
    ["the role's boundary removed", call('iam:DeleteRolePermissionsBoundary', ROLE, BOUNDARY)],
    ["the role's boundary exchanged", call('iam:PutRolePermissionsBoundary', ROLE, `${IAM}:policy/mine`)],
    ['a role without a boundary', call('iam:CreateRole', ROLE)],
    ['another role', call('iam:CreateRole', `${ROLE}-2`, BOUNDARY)],
    ['a policy of a role without a boundary', call('iam:PutRolePolicy', ROLE)],
    ['another version of the boundary', call('iam:CreatePolicyVersion', BOUNDARY)],
    ['an older version of the boundary', call('iam:SetDefaultPolicyVersion', BOUNDARY)],
    ['the boundary deleted', call('iam:DeletePolicy', BOUNDARY)],
    ['another version of its own policy', call('iam:CreatePolicyVersion', `${IAM}:policy/${APPLY.name}`)],
    ['the role passed to a service', call('iam:PassRole', ROLE)],
    ['its own role passed to a service', call('iam:PassRole', DEPLOYER)],
    ['any role assumed', call('sts:AssumeRole', `${IAM}:role/administrator`)],
    [
      'an OIDC provider changed',
      call(
        'iam:UpdateOpenIDConnectProviderThumbprint',
        `${IAM}:oidc-provider/token.actions.githubusercontent.com`,
      ),
    ],
    ['another bucket opened', call('s3:PutBucketPolicy', `${BUCKET}-2`)],
    ['the data read', call('s3:GetObject', `${BUCKET}/data/1/output.csv`)],
    ['the data deleted', call('s3:DeleteObject', `${BUCKET}/data/1/output.csv`)],
    ['the bucket deleted', call('s3:DeleteBucket', BUCKET)],
    ['the state deleted', call('s3:DeleteObject', STATE)],
    ["another store's state read", call('s3:GetObject', `${STATE_BUCKET}/valohai-s3/another.tfstate`)],
    ["another user's policies read", call('iam:GetUserPolicy', `${IAM}:user/administrator`)],
  ])('%s is refused', async (_, asked) => {
    expect(await allows(APPLY.policy, asked)).toBe(false)
  })

  it.each<[string, AwsCall]>([
    ['gets a user with the boundary', call('iam:CreateUser', USER, BOUNDARY)],
    ['gives an older user its boundary', call('iam:PutUserPermissionsBoundary', USER, BOUNDARY)],
    ['makes a key of the user', call('iam:CreateAccessKey', USER)],
    ['gives an older role its boundary', call('iam:PutRolePermissionsBoundary', ROLE, BOUNDARY)],
    ['puts back the trust policy of the role', call('iam:UpdateAssumeRolePolicy', ROLE)],
    ['takes the user down', call('iam:DeleteUser', USER)],
    ['takes down a policy of an older user', call('iam:DeleteUserPolicy', USER)],
    ['sets a lifecycle rule', call('s3:PutLifecycleConfiguration', BUCKET)],
    ['tags by S3 Control', call('s3:TagResource', BUCKET)],
    ['looks whose any key is', call('iam:GetUser', `${IAM}:user/somebody/else`)],
    ['unlocks the state', call('s3:DeleteObject', `${STATE}.tflock`)],
  ])('but a run %s', async (_, asked) => {
    expect(await allows(APPLY.policy, asked)).toBe(true)
  })
})

describe('what has the boundary', () => {
  const everything = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }
  const boundary = APPLY.boundary?.document

  it.each<[string, boolean, AwsCall]>([
    ['reads the data', true, call('s3:GetObject', `${BUCKET}/data/1/output.csv`)],
    ['assumes the multipart role', true, call('sts:AssumeRole', ROLE)],
    ['assumes another role', false, call('sts:AssumeRole', DEPLOYER)],
    ['reads the state', false, call('s3:GetObject', STATE)],
    ['makes itself a key', false, call('iam:CreateAccessKey', USER)],
    ['removes its boundary', false, call('iam:DeleteUserPermissionsBoundary', USER)],
  ])('with all rights %s: %s', async (_, isAllowed, asked) => {
    expect(await allows(everything, asked, boundary)).toBe(isAllowed)
  })

  it('uses the KMS keys of the store, those of earlier objects too', async () => {
    const [now, before, other] = ['1', '2', '3'].map(
      (digit) => `arn:aws:kms:eu-west-1:${ACCOUNT}:key/${digit.repeat(8)}-90ab-cdef-1234-567890abcdef`,
    ) as [string, string, string]
    const { boundary } = deployerPolicies(deployment({ 'kms-key-arn': now, 'kms-decrypt-key-arns': before }))
    for (const action of ['kms:Decrypt', 'kms:GenerateDataKey']) {
      expect(await allows(everything, call(action, now), boundary?.document)).toBe(true)
      expect(await allows(everything, call(action, before), boundary?.document)).toBe(true)
      expect(await allows(everything, call(action, other), boundary?.document)).toBe(false)
    }
  })

  it('is not made where one is given, which is then the one that is asked for', async () => {
    const given = `${IAM}:policy/security/developers`
    const { policy, boundary, boundaryArn } = deployerPolicies(deployment({ 'permissions-boundary': given }))
    expect([boundary, boundaryArn]).toEqual([undefined, given])
    expect(await allows(policy, call('iam:CreateUser', USER, given))).toBe(true)
    expect(await allows(policy, call('iam:CreateUser', USER, BOUNDARY))).toBe(false)
  })
})

describe('names', () => {
  it.each([
    ['a*b', 'aXb'],
    ['a?b', 'aXb'],
    ['a${aws:username}b', 'aXb'],
  ])('a state key like %s is taken as it is', async (name, other) => {
    const { policy } = deployerPolicies(deployment({ 'state-key': `${name}.tfstate` }))
    expect(await allows(policy, call('s3:GetObject', `${STATE_BUCKET}/${name}.tfstate`))).toBe(true)
    expect(await allows(policy, call('s3:GetObject', `${STATE_BUCKET}/${other}.tfstate`))).toBe(false)
  })

  it('no ARN has a wildcard but those of users that are looked at', () => {
    const resources = statementsOf(APPLY.policy).flatMap(({ Resource }) => Resource)
    expect(resources.filter((arn) => arn.includes('*'))).toEqual([`${IAM}:user/*`])
    expect(actionsOf(APPLY.policy).filter((action) => action.includes('*'))).toEqual([])
  })

  it('are those of inputs, path and partition too', () => {
    const { policy, boundaryArn } = deployerPolicies(
      deployment({
        region: 'cn-north-1',
        'iam-path': '/ml/',
        'iam-user-name': 'writer',
        'multipart-role-name': 'uploads',
        'state-bucket': 'central-states',
        'state-key': 'ml.tfstate',
      }),
    )
    const arns = Object.fromEntries(statementsOf(policy).map(({ Sid, Resource }) => [Sid, Resource]))
    expect(arns).toMatchObject({
      Bucket: ['arn:aws-cn:s3:::my-valohai-bucket'],
      StateBucket: ['arn:aws-cn:s3:::central-states'],
      StateLock: ['arn:aws-cn:s3:::central-states/ml.tfstate.tflock'],
      User: [`arn:aws-cn:iam::${ACCOUNT}:user/ml/writer`],
      Role: [`arn:aws-cn:iam::${ACCOUNT}:role/ml/uploads`],
    })
    expect(boundaryArn).toBe(`arn:aws-cn:iam::${ACCOUNT}:policy/boundary-valohai-my-valohai-bucket`)
  })

  it("with manage-bucket: false are the project's, and the bucket is looked at alone", async () => {
    const { name, policy } = deployerPolicies(
      deployment({ 'manage-bucket': 'false', 'valohai-project': 'acme/churn-model' }),
    )
    expect(name).toBe('apply-valohai-my-valohai-bucket-acme-churn-model')
    expect(await allows(policy, call('s3:PutBucketPolicy', BUCKET))).toBe(false)
    expect(await allows(policy, call('s3:GetBucketPolicy', BUCKET))).toBe(true)
    expect(await allows(policy, call('iam:CreateAccessKey', `${USER}-acme-churn-model`))).toBe(true)
  })

  it('with the longest of all stay within what IAM takes', () => {
    const longest = deployment({ bucket: 'b'.repeat(63), 'state-bucket': 's'.repeat(63) })
    const { name, policy, boundary } = deployerPolicies(longest)
    expect(JSON.stringify(policy).length).toBeLessThanOrEqual(6144)
    expect([name.length, boundary?.name.length]).toEqual([64, 64])
  })
})

describe('what is asked for', () => {
  it('to plan is to look: nothing is made, so there is no boundary', () => {
    const { policy, boundary, name } = deployerPolicies(deployment({ for: 'plan' }))
    expect(actionsOf(policy).filter((action) => !/:(Get|List)/.test(action))).toEqual([])
    expect([boundary, name]).toEqual([undefined, 'plan-valohai-my-valohai-bucket'])
  })

  it.each(['apply', 'rotate-key', 'plan\napply'])('for %s is all that a run does', async (commands) => {
    const { policy } = deployerPolicies(deployment({ for: commands }))
    expect(actionsOf(policy)).toEqual(actionsOf(APPLY.policy))
    expect(await allows(policy, call('s3:DeleteBucket', BUCKET))).toBe(false)
  })

  it('with delete-bucket is to delete the bucket too, and not the state bucket', async () => {
    const { policy } = deployerPolicies(deployment({ 'delete-bucket': 'true' }))
    expect(await allows(policy, call('s3:DeleteBucket', BUCKET))).toBe(true)
    expect(await allows(policy, call('s3:DeleteBucket', STATE_BUCKET))).toBe(false)
  })

  it('with another backend is nothing about a state in S3', () => {
    const { policy } = deployerPolicies(deployment({ backend: 'gcs', 'backend-config': 'bucket=states' }))
    expect(statementsOf(policy).filter(({ Sid }) => Sid.startsWith('State'))).toEqual([])
  })

  it("is the use of the state's KMS key, where the backend has one", async () => {
    const key = `arn:aws:kms:eu-west-1:${ACCOUNT}:key/12345678-90ab-cdef-1234-567890abcdef`
    const inputs = { 'backend-config': `kms_key_id=${key}` }
    const apply = deployerPolicies(deployment(inputs)).policy
    const plan = deployerPolicies(deployment({ ...inputs, for: 'plan' })).policy
    expect(await allows(apply, call('kms:GenerateDataKey', key))).toBe(true)
    expect(await allows(plan, call('kms:Decrypt', key))).toBe(true)
    expect(await allows(plan, call('kms:GenerateDataKey', key))).toBe(false)
  })
})

describe('the trust policy', () => {
  const subjectsOf = (lines: string, region = 'eu-west-1') => {
    const { trust } = deployerPolicies(deployment({ 'github-repository': lines, region }))
    const [statement] = (trust?.().Statement ?? []) as { Condition: { StringEquals: object } }[]
    return statement?.Condition.StringEquals
  }

  it.each([
    ['acme/data', 'repo:acme/data:ref:refs/heads/main'],
    ['acme/data:ref:refs/heads/release/1', 'repo:acme/data:ref:refs/heads/release/1'],
    ['repo:acme/data:environment:production', 'repo:acme/data:environment:production'],
    ['acme/data:pull_request', 'repo:acme/data:pull_request'],
    ['acme@12/data@34:environment:a b', 'repo:acme@12/data@34:environment:a b'],
  ])('of %s is that subject alone, for AWS', (line, subject) => {
    expect(subjectsOf(line)).toEqual({
      'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
      'token.actions.githubusercontent.com:sub': [subject],
    })
  })

  it('of several has each, and in China another audience', () => {
    expect(subjectsOf('acme/data\nacme/plans:pull_request', 'cn-north-1')).toEqual({
      'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com.cn',
      'token.actions.githubusercontent.com:sub': [
        'repo:acme/data:ref:refs/heads/main',
        'repo:acme/plans:pull_request',
      ],
    })
  })

  it('is not there without a repository', () => {
    expect(deployerPolicies(deployment()).trust).toBeUndefined()
  })
})
