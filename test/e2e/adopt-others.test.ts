import {
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  GetRoleCommand,
  ListAttachedUserPoliciesCommand,
  ListUserTagsCommand,
  TagUserCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam'
import {
  CreateBucketCommand,
  PutBucketAclCommand,
  PutBucketCorsCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  type CORSRule,
  type LifecycleRule,
} from '@aws-sdk/client-s3'
import { iamClient, readBucket, s3Client } from '../support/describe-aws'
import { openSandbox, type Sandbox } from './sandbox'

const BUCKET = 'acme-of-others'
const Bucket = BUCKET
const KMS = 'arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-4333-8444-555555555555'
const ADOPT = { adopt: 'true', 'kms-key-arn': KMS }
const USER = `valohai-${BUCKET}`
const ROLE = `valohai-${BUCKET}-multipart`

const PARTNER = {
  Sid: 'Partner',
  Effect: 'Allow',
  Principal: { AWS: 'arn:aws:iam::210987654321:role/partner' },
  Action: ['s3:GetObject'],
  Resource: `arn:aws:s3:::${BUCKET}/shared/*`,
}
const LEGAL = {
  Effect: 'Deny',
  Principal: '*',
  Action: 's3:DeleteObject',
  Resource: [`arn:aws:s3:::${BUCKET}/legal/*`],
  Condition: { StringNotEquals: { 'aws:PrincipalTag/team': ['legal', 'audit'] } },
}
const TOOL: CORSRule = {
  ID: 'tool',
  AllowedOrigins: ['https://tool.example'],
  AllowedMethods: ['PUT'],
  AllowedHeaders: ['*'],
  ExposeHeaders: ['ETag'],
  MaxAgeSeconds: 60,
}
const EXPIRY: LifecycleRule[] = [
  { ID: 'expire-tmp', Status: 'Enabled', Filter: { Prefix: 'tmp/' }, Expiration: { Days: 30 } },
  {
    ID: 'archive',
    Status: 'Enabled',
    Filter: { And: { Prefix: 'a/', Tags: [{ Key: 'keep', Value: 'long' }] } },
    Transitions: [{ Days: 30, StorageClass: 'STANDARD_IA' }],
    NoncurrentVersionExpiration: { NoncurrentDays: 5 },
  },
]

let sandbox: Sandbox
const s3 = () => s3Client(sandbox.emulator)
const iam = () => iamClient(sandbox.emulator)

const trust = (...principals: object[]): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: principals.map((Principal) => ({ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' })),
  })
const OUR_USER = { AWS: `arn:aws:iam::123456789012:user/${USER}` }
const putPolicy = (...Statement: object[]) =>
  s3().send(
    new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify({ Version: '2012-10-17', Statement }) }),
  )

beforeAll(async () => {
  sandbox = await openSandbox(BUCKET)
  await s3().send(
    new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } }),
  )
  await s3().send(
    new PutBucketOwnershipControlsCommand({
      Bucket,
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
    }),
  )
  await s3().send(
    new PutBucketEncryptionCommand({
      Bucket,
      ServerSideEncryptionConfiguration: {
        Rules: [
          {
            ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: KMS },
            BucketKeyEnabled: false,
          },
        ],
      },
    }),
  )
  await putPolicy(PARTNER, LEGAL)
  await s3().send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules: [TOOL] } }))
  await s3().send(
    new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules: EXPIRY } }),
  )
  const TagSet = [{ Key: 'owner', Value: 'data-team' }]
  await s3().send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet } }))
  await iam().send(new CreateUserCommand({ UserName: USER }))
  await iam().send(new TagUserCommand({ UserName: USER, Tags: [{ Key: 'team', Value: 'ml' }] }))
  const PolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Deny', Action: 'ec2:*', Resource: '*' }],
  })
  const { Policy } = await iam().send(new CreatePolicyCommand({ PolicyName: 'of-security', PolicyDocument }))
  await iam().send(new AttachUserPolicyCommand({ UserName: USER, PolicyArn: Policy!.Arn! }))
  await iam().send(
    new CreateRoleCommand({
      RoleName: ROLE,
      MaxSessionDuration: 43_200,
      AssumeRolePolicyDocument: trust(OUR_USER),
    }),
  )
})

afterAll(() => sandbox.close())

describe('a plan that would have to change what is there stops, and names what keeps it', () => {
  const plan = async (inputs: Record<string, string> = {}): Promise<string> => {
    const step = await sandbox.step({ ...ADOPT, command: 'plan', ...inputs })
    expect(step.exitCode).toBe(1)
    return step.stdout
  }

  test('the encryption with another key', async () => {
    const said = await plan({ 'kms-key-arn': '' })
    expect(said).toContain('aws_s3_bucket_server_side_encryption_configuration.store')
    expect(said).toContain(KMS)
    expect(said).toContain('to keep it: kms-key-arn')
  })

  test('versioning that was suspended', async () => {
    const suspended = { Status: 'Suspended' } as const
    await s3().send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: suspended }))
    expect(await plan({ versioning: 'true' })).toContain('leave versioning out')
  })

  test('a statement of our name with another text', async () => {
    await putPolicy(PARTNER, LEGAL, { ...LEGAL, Sid: 'DenyInsecureTransport' })
    expect(await plan()).toContain('The statement DenyInsecureTransport')
    await putPolicy(PARTNER, LEGAL)
  })

  test('a role that trusts somebody else too', async () => {
    const update = (PolicyDocument: string) =>
      iam().send(new UpdateAssumeRolePolicyCommand({ RoleName: ROLE, PolicyDocument }))
    await update(trust(OUR_USER, { Service: 'lambda.amazonaws.com' }))
    expect(await plan()).toContain('trusts lambda.amazonaws.com too')
    await update(trust(OUR_USER))
  })

  test('ACLs in use', async () => {
    const own = (ObjectOwnership: 'ObjectWriter' | 'BucketOwnerEnforced') =>
      s3().send(
        new PutBucketOwnershipControlsCommand({
          Bucket,
          OwnershipControls: { Rules: [{ ObjectOwnership }] },
        }),
      )
    await own('ObjectWriter')
    await s3().send(new PutBucketAclCommand({ Bucket, ACL: 'public-read' }))
    expect(await plan()).toContain('The ACL of acme-of-others grants access to others')
    await s3().send(new PutBucketAclCommand({ Bucket, ACL: 'private' }))
    await own('BucketOwnerEnforced')
  })

  test('a policy that lets everybody in', async () => {
    await putPolicy(PARTNER, { ...PARTNER, Sid: 'Everybody', Principal: '*' })
    expect(await plan()).toContain('public-access-block: false')
    await putPolicy(PARTNER, LEGAL)
  })
})

/** What others made is there still. */
async function expectOthers(more: { statements?: object[]; rules?: CORSRule[] } = {}): Promise<void> {
  const bucket = await readBucket(sandbox.emulator, BUCKET)
  const { Statement } = bucket.policy as { Statement: object[] }
  expect(Statement).toEqual(expect.arrayContaining([PARTNER, LEGAL, ...(more.statements ?? [])]))
  expect(bucket.cors).toEqual(expect.arrayContaining([TOOL, ...(more.rules ?? [])]))
  expect(bucket.lifecycle).toEqual(EXPIRY)
  expect(bucket.tags).toContainEqual({ Key: 'owner', Value: 'data-team' })
  expect(bucket.encryption?.[0]?.BucketKeyEnabled).toBe(false)
  const { Tags } = await iam().send(new ListUserTagsCommand({ UserName: USER }))
  expect(Tags).toContainEqual({ Key: 'team', Value: 'ml' })
  const { AttachedPolicies } = await iam().send(new ListAttachedUserPoliciesCommand({ UserName: USER }))
  expect(AttachedPolicies?.map(({ PolicyName }) => PolicyName)).toEqual(['of-security'])
  const { Role } = await iam().send(new GetRoleCommand({ RoleName: ROLE }))
  expect(Role?.MaxSessionDuration).toBe(43_200)
}

// Lifecycle rules of others alone are left alone: nothing asked for one of ours.
const AS_IT_IS = { 'abort-multipart-days': '' }

test('an adoption keeps every statement, rule, tag and attribute, and is quiet afterwards', async () => {
  const step = await sandbox.step({ ...ADOPT, ...AS_IT_IS })
  expect(step).toMatchObject({ exitCode: 0, outputs: { 'to-destroy': '0', 'store-action': 'created' } })
  expect(step.stdout).toContain('7 to import')
  await expectOthers()
  expect((await readBucket(sandbox.emulator, BUCKET)).cors).toHaveLength(3)
  expect(await sandbox.step({ ...ADOPT, ...AS_IT_IS })).toMatchObject({ outputs: { changes: 'false' } })
})

test('what others add half a year later is kept too; ours that they changed is put back', async () => {
  const later = { ...PARTNER, Sid: 'Later', Resource: `arn:aws:s3:::${BUCKET}/later/*` }
  const rule = { ...TOOL, ID: 'later' }
  const before = await readBucket(sandbox.emulator, BUCKET)
  const [ours] = (before.policy as { Statement: [object] }).Statement
  await putPolicy(PARTNER, LEGAL, { ...ours, Action: 's3:GetObject' }, later)
  const CORSRules = [...before.cors!, rule]
  await s3().send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules } }))
  const step = await sandbox.step({ ...ADOPT, ...AS_IT_IS })
  expect(step).toMatchObject({ exitCode: 0, outputs: { 'to-add': '0', 'to-change': '1', 'to-destroy': '0' } })
  await expectOthers({ statements: [later, ours], rules: [rule] })
  expect(await sandbox.step({ ...ADOPT, ...AS_IT_IS })).toMatchObject({ outputs: { changes: 'false' } })
})

test('a user with a second key keeps it, named', async () => {
  const { AccessKey } = await iam().send(new CreateAccessKeyCommand({ UserName: USER }))
  const step = await sandbox.step({ ...ADOPT, ...AS_IT_IS, command: 'plan' })
  expect(step).toMatchObject({ exitCode: 0, outputs: { changes: 'false' } })
  expect(step.stdout).toContain(`${AccessKey!.AccessKeyId}`)
  expect(step.stdout).toContain('made by hand: no run knows it')
})

test('CORS rules switched off are left as they are; switched on again, they are what they were', async () => {
  const off = { ...ADOPT, ...AS_IT_IS, cors: 'false' }
  const before = (await readBucket(sandbox.emulator, BUCKET)).cors
  const step = await sandbox.step(off)
  expect(step).toMatchObject({ exitCode: 0, outputs: { changes: 'true', 'to-destroy': '0' } })
  expect((await readBucket(sandbox.emulator, BUCKET)).cors).toEqual(before)
  expect(await sandbox.step(off)).toMatchObject({ outputs: { changes: 'false' } })
  const on = await sandbox.step({ ...ADOPT, ...AS_IT_IS })
  expect(on).toMatchObject({ exitCode: 0, outputs: { 'to-add': '0', 'to-change': '0', 'to-destroy': '0' } })
  expect(on.stdout).toContain('import aws_s3_bucket_cors_configuration.store')
  expect((await readBucket(sandbox.emulator, BUCKET)).cors).toHaveLength(before!.length)
})
