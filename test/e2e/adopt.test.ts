import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  GetRoleCommand,
  ListAccessKeysCommand,
  ListRolePoliciesCommand,
  ListUserPoliciesCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam'
import {
  CreateBucketCommand,
  GetObjectCommand,
  PutBucketCorsCommand,
  PutBucketEncryptionCommand,
  PutBucketOwnershipControlsCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
} from '@aws-sdk/client-s3'
import { iamClient, readBucket, s3Client } from '../support/describe-aws'
import { openSandbox, type Sandbox } from './sandbox'

const BUCKET = 'acme-by-hand'
const USER = 'valohai-user-of-ours'
const ROLE = 'valohai-big-outputs'
const NAMES = { adopt: 'true', 'iam-user-name': USER, 'multipart-role-name': ROLE }

let sandbox: Sandbox
let key: { accessKeyId: string; secretAccessKey: string }

const corsRule = (origin: string, method: string) => ({
  AllowedOrigins: [origin],
  AllowedMethods: [method],
  AllowedHeaders: ['Authorization'],
  MaxAgeSeconds: 3000,
})

/** A policy of one statement on the bucket, as the guide has them. */
const onBucket = (sid: string, actions: string[]): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: sid,
        Effect: 'Allow',
        Action: actions,
        Resource: [`arn:aws:s3:::${BUCKET}`, `arn:aws:s3:::${BUCKET}/*`],
      },
    ],
  })

// The guide, followed by hand with the console's defaults of today; names are as people choose them.
beforeAll(async () => {
  sandbox = await openSandbox(BUCKET)
  const s3 = s3Client(sandbox.emulator)
  const iam = iamClient(sandbox.emulator)
  const Bucket = BUCKET
  await s3.send(
    new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } }),
  )
  await s3.send(
    new PutPublicAccessBlockCommand({
      Bucket,
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    }),
  )
  await s3.send(
    new PutBucketOwnershipControlsCommand({
      Bucket,
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
    }),
  )
  await s3.send(
    new PutBucketEncryptionCommand({
      Bucket,
      ServerSideEncryptionConfiguration: {
        Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' }, BucketKeyEnabled: true }],
      },
    }),
  )
  await s3.send(
    new PutBucketCorsCommand({
      Bucket,
      CORSConfiguration: { CORSRules: [corsRule('*', 'GET'), corsRule(sandbox.valohai.url, 'POST')] },
    }),
  )
  await s3.send(new PutObjectCommand({ Bucket, Key: 'of-last-year', Body: 'an output' }))

  const { User } = await iam.send(new CreateUserCommand({ UserName: USER }))
  const policy = { PolicyName: 'AllowBucket', PolicyDocument: onBucket('AllowBucketAccess', ['s3:*']) }
  await iam.send(new PutUserPolicyCommand({ UserName: USER, ...policy }))
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: USER }))
  key = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! }
  const { Role } = await iam.send(
    new CreateRoleCommand({
      RoleName: ROLE,
      Description: 'For outputs over 5 GB',
      MaxSessionDuration: 43_200,
      AssumeRolePolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { AWS: User!.Arn }, Action: 'sts:AssumeRole' }],
      }),
    }),
  )
  const rolePolicy = {
    PolicyName: 'Multipart',
    PolicyDocument: onBucket('MultipartAccess', ['s3:PutObject']),
  }
  await iam.send(new PutRolePolicyCommand({ RoleName: ROLE, ...rolePolicy }))

  const answer = await fetch(`${sandbox.valohai.url}/api/v0/stores/`, {
    method: 'POST',
    headers: { authorization: `Token ${sandbox.valohai.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      name: 'Our outputs',
      type: 's3',
      project: sandbox.valohai.state.projects[0]!.id,
      access_mode: 'single_project',
      configuration: {
        bucket: BUCKET,
        region: 'eu-west-1',
        access_key_id: key.accessKeyId,
        secret_access_key: key.secretAccessKey,
        multipart_upload_iam_role: Role!.Arn,
      },
    }),
  })
  expect(answer.status).toBe(201)
})

afterAll(() => sandbox.close())

/** The store's key, as Valohai uses it. */
async function expectKeyToWork(): Promise<void> {
  const { access_key_id: accessKeyId, secret_access_key: secretAccessKey } =
    sandbox.valohai.state.stores[0]!.configuration
  const s3 = s3Client(sandbox.emulator, {
    accessKeyId: String(accessKeyId),
    secretAccessKey: String(secretAccessKey),
  })
  const object = { Bucket: BUCKET, Key: 'written-by-the-test' }
  await s3.send(new PutObjectCommand({ ...object, Body: 'x' }))
  await s3.send(new GetObjectCommand(object))
}

test.each(['plan', 'apply'])('%s without `adopt` stops, and says whose the key is', async (command) => {
  const step = await sandbox.step({ command })
  expect(step.exitCode).toBe(1)
  expect(step.stdout).toContain(`of the IAM user ${USER}, which no run made`)
  expect(step.stdout).toContain('adopt: true')
  expect(step.stdout).toContain(`iam-user-name: ${USER}`)
  expect(await stateBuckets()).toEqual([])
  await expectKeyToWork()
})

test('a plan with it shows imports and what is added, and takes nothing away', async () => {
  const step = await sandbox.step({ ...NAMES, command: 'plan' })
  expect(step).toMatchObject({
    exitCode: 0,
    outputs: { changes: 'true', 'to-add': '3', 'to-destroy': '0', 'store-action': 'unchanged' },
  })
  for (const address of ['aws_s3_bucket_cors_configuration.store', 'aws_iam_access_key.store["1"]'])
    expect(step.stdout).toContain(`import ${address}`)
  expect(await stateBuckets()).toEqual([])
})

test('an apply takes over, and everything that was there is there still', async () => {
  const step = await sandbox.step(NAMES)
  expect(step).toMatchObject({
    exitCode: 0,
    outputs: { 'store-action': 'unchanged', 'access-key-id': key.accessKeyId, 'to-destroy': '0' },
  })
  await expectKeyToWork()
  const iam = iamClient(sandbox.emulator)
  const { AccessKeyMetadata } = await iam.send(new ListAccessKeysCommand({ UserName: USER }))
  expect(AccessKeyMetadata?.map(({ AccessKeyId }) => AccessKeyId)).toEqual([key.accessKeyId])
  const { PolicyNames: ofUser } = await iam.send(new ListUserPoliciesCommand({ UserName: USER }))
  expect(ofUser?.sort()).toEqual(['AllowBucket', 'valohai-store'])
  const { PolicyNames: ofRole } = await iam.send(new ListRolePoliciesCommand({ RoleName: ROLE }))
  expect(ofRole?.sort()).toEqual(['Multipart', 'valohai-multipart'])
  const { Role } = await iam.send(new GetRoleCommand({ RoleName: ROLE }))
  expect(Role).toMatchObject({ Description: 'For outputs over 5 GB', MaxSessionDuration: 43_200 })
  const bucket = await readBucket(sandbox.emulator, BUCKET)
  expect(bucket.cors).toHaveLength(2)
  expect(bucket.encryption?.[0]?.BucketKeyEnabled).toBe(true)
  const s3 = s3Client(sandbox.emulator)
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'of-last-year' }))
  expect(await Body?.transformToString()).toBe('an output')
  expect(sandbox.valohai.state.stores.map(({ name }) => name)).toEqual(['Our outputs'])
})

test('every run after it changes nothing, and a rotation goes the ordinary way', async () => {
  // `adopt` has done its work, whether it stays or not.
  for (const inputs of [NAMES, { ...NAMES, adopt: 'false' }])
    expect(await sandbox.step(inputs)).toMatchObject({ exitCode: 0, outputs: { changes: 'false' } })
  const rotated = await sandbox.step({ ...NAMES, command: 'rotate-key' })
  expect(rotated).toMatchObject({ exitCode: 0, outputs: { 'store-action': 'updated' } })
  expect(sandbox.valohai.state.stores[0]?.configuration.access_key_id).not.toBe(key.accessKeyId)
  await expectKeyToWork()
})

/** The state's bucket, once there is one. */
async function stateBuckets(): Promise<unknown[]> {
  const answer = await fetch(`${sandbox.emulator.url}/moto-api/data.json`)
  const { s3 } = (await answer.json()) as { s3?: { FakeBucket?: { name?: string }[] } }
  return (s3?.FakeBucket ?? []).filter(({ name }) => name === `${BUCKET}-tfstate`)
}
