import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetBucketEncryptionCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import type { StepResult } from '../support/action-runner'
import { iamClient, readBucket, readRole, readUser, s3Client } from '../support/describe-aws'
import { CreateUserCommand } from '@aws-sdk/client-iam'
import { filesBelow, objectVersions, openSandbox, shownLog, type Sandbox } from './sandbox'

const BUCKET = 'acme-churn-outputs'
const ACCOUNT = '123456789012'
const USER = `valohai-${BUCKET}`
const ROLE = `valohai-${BUCKET}-multipart`
const RESOURCES = [`arn:aws:s3:::${BUCKET}`, `arn:aws:s3:::${BUCKET}/*`]

let sandbox: Sandbox
let first: StepResult
let second: StepResult

beforeAll(async () => {
  sandbox = await openSandbox(BUCKET, { ownProvider: true })
  const inputs = {
    versioning: 'true',
    // Old versions that expire are a lifecycle rule, for which Terraform waits 55 s; a nightly test has it.
    'noncurrent-days': '0',
    'store-name': 'Churn "outputs" ${x} %{y} `z`',
    tags: 'team=ml\ncost-center=1234',
  }
  first = await sandbox.step(inputs)
  second = await sandbox.step(inputs)
})

afterAll(() => sandbox.close())

test('the first run succeeds and tells what it made', () => {
  expect(first).toMatchObject({ exitCode: 0 })
  expect(first.outputs).toMatchObject({
    changes: 'true',
    'to-add': '12',
    'to-change': '0',
    'to-destroy': '0',
    bucket: BUCKET,
    'bucket-arn': `arn:aws:s3:::${BUCKET}`,
    region: 'eu-west-1',
    'iam-user-arn': `arn:aws:iam::${ACCOUNT}:user/${USER}`,
    'multipart-role-arn': `arn:aws:iam::${ACCOUNT}:role/${ROLE}`,
    'store-action': 'created',
    'store-id': sandbox.valohai.state.stores[0]?.id,
    'default-store': 'true',
  })
})

test('the bucket is private, encrypted, TLS only, tagged, and has the CORS rules of the guide', async () => {
  const bucket = await readBucket(sandbox.emulator, BUCKET)
  expect(bucket.location).toBe('eu-west-1')
  expect(bucket.publicAccessBlock).toEqual({
    BlockPublicAcls: true,
    BlockPublicPolicy: true,
    IgnorePublicAcls: true,
    RestrictPublicBuckets: true,
  })
  expect(bucket.ownership).toEqual([{ ObjectOwnership: 'BucketOwnerEnforced' }])
  expect(bucket.encryption?.[0]?.ApplyServerSideEncryptionByDefault).toEqual({ SSEAlgorithm: 'AES256' })
  expect(bucket.versioning).toBe('Enabled')
  expect(bucket.policy).toEqual({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'DenyInsecureTransport',
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:*',
        Resource: RESOURCES,
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ],
  })
  expect(bucket.cors).toHaveLength(2)
  expect(bucket.cors).toEqual(
    expect.arrayContaining([
      {
        AllowedOrigins: ['*'],
        AllowedMethods: ['GET'],
        AllowedHeaders: ['Authorization'],
        MaxAgeSeconds: 3000,
      },
      {
        AllowedOrigins: [sandbox.valohai.url],
        AllowedMethods: ['POST'],
        AllowedHeaders: ['Authorization'],
        MaxAgeSeconds: 3000,
      },
    ]),
  )
  expect(bucket.tags).toEqual(
    expect.arrayContaining([
      { Key: 'team', Value: 'ml' },
      { Key: 'cost-center', Value: '1234' },
    ]),
  )
})

test('the user has the two statements of the guide and one active key', async () => {
  const { user, policy, keys } = await readUser(sandbox.emulator, USER)
  expect(policy).toEqual({
    Version: '2012-10-17',
    Statement: [
      { Sid: 'AllowBucketAccess', Effect: 'Allow', Action: ['s3:*'], Resource: RESOURCES },
      {
        Sid: 'AllowListAccess',
        Effect: 'Allow',
        Action: ['s3:ListAllMyBuckets'],
        Resource: ['arn:aws:s3:::*'],
      },
    ],
  })
  expect(keys.map(({ AccessKeyId, Status }) => [AccessKeyId, Status])).toEqual([
    [first.outputs['access-key-id'], 'Active'],
  ])
  expect(user?.Tags).toEqual(expect.arrayContaining([{ Key: 'cost-center', Value: '1234' }]))
})

test('the role trusts the user alone and has the actions of the guide, and s3:GetBucketLocation', async () => {
  const { trust, policy } = await readRole(sandbox.emulator, ROLE)
  expect(trust).toEqual({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${ACCOUNT}:user/${USER}` },
        Action: 'sts:AssumeRole',
      },
    ],
  })
  expect(policy).toEqual({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'MultipartAccess',
        Effect: 'Allow',
        Action: [
          's3:AbortMultipartUpload',
          's3:GetBucketLocation',
          's3:GetObject',
          's3:ListBucket',
          's3:ListBucketMultipartUploads',
          's3:ListBucketVersions',
          's3:ListMultipartUploadParts',
          's3:PutObject',
        ],
        Resource: RESOURCES,
      },
    ],
  })
})

test('the state bucket is private, versioned, encrypted and TLS only', async () => {
  const state = await readBucket(sandbox.emulator, `${BUCKET}-tfstate`)
  expect(state.publicAccessBlock).toMatchObject({ BlockPublicAcls: true, RestrictPublicBuckets: true })
  expect(state.versioning).toBe('Enabled')
  expect(JSON.stringify(state.policy)).toContain('"aws:SecureTransport":"false"')
  const s3 = s3Client(sandbox.emulator)
  const { ServerSideEncryptionConfiguration: encryption } = await s3.send(
    new GetBucketEncryptionCommand({ Bucket: `${BUCKET}-tfstate` }),
  )
  expect(encryption?.Rules?.[0]?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm).toBe('AES256')
})

test('the proof left nothing in the bucket', async () => {
  const written = Object.keys(await objectVersions(sandbox.emulator, BUCKET))
  expect(written.filter((key) => key.startsWith('.valohai-s3-action'))).toEqual([])
})

test('Valohai has one store with the key, and it is the default', () => {
  const { stores, projects } = sandbox.valohai.state
  expect(stores).toHaveLength(1)
  expect(stores[0]).toMatchObject({
    name: 'Churn "outputs" ${x} %{y} `z`',
    type: 's3',
    access_mode: 'single_project',
    allow_read: true,
    allow_write: true,
    configuration: {
      bucket: BUCKET,
      region: 'eu-west-1',
      access_key_id: first.outputs['access-key-id'],
      multipart_upload_iam_role: `arn:aws:iam::${ACCOUNT}:role/${ROLE}`,
    },
  })
  expect(projects[0]?.default_store).toBe(stores[0]?.id)
})

test('the second run changes nothing', () => {
  expect(second).toMatchObject({ exitCode: 0 })
  expect(second.outputs).toMatchObject({
    changes: 'false',
    'to-add': '0',
    'to-change': '0',
    'to-destroy': '0',
    'store-action': 'unchanged',
    'store-id': first.outputs['store-id'],
    'access-key-id': first.outputs['access-key-id'],
    'default-store': 'true',
  })
  expect(sandbox.storesPosted()).toBe(1)
})

describe('secrets', () => {
  test('occur nowhere: not in the state or its older versions, the work directories, the logs or the outputs', async () => {
    const secret = String(sandbox.valohai.state.stores[0]?.configuration.secret_access_key)
    expect(secret).toMatch(/^\S{40}$/)
    const places = {
      ...(await objectVersions(sandbox.emulator, `${BUCKET}-tfstate`)),
      ...filesBelow(sandbox.directory),
      ...Object.fromEntries(
        [first, second].flatMap((step, index) => [
          [`stdout ${index}`, shownLog(step)],
          [`stderr ${index}`, step.stderr],
          [`outputs ${index}`, JSON.stringify(step.outputs)],
          [`summary ${index}`, step.summary],
        ]),
      ),
    }
    // The reading itself works: the state is among the places, and holds the key's id.
    expect(Object.keys(places).filter((place) => place.includes('.tfstate '))).not.toEqual([])
    expect(Object.values(places).join('\n')).toContain(first.outputs['access-key-id'])
    for (const hidden of [secret, sandbox.valohai.token]) {
      const encoded = [hidden, Buffer.from(hidden).toString('base64'), encodeURIComponent(hidden)]
      const found = Object.entries(places).filter(([, text]) => encoded.some((form) => text.includes(form)))
      expect(found.map(([place]) => place)).toEqual([])
    }
  })

  test('are masked before anything else is said of them', () => {
    const secret = String(sandbox.valohai.state.stores[0]?.configuration.secret_access_key)
    expect(first.stdout.indexOf(`::add-mask::${sandbox.valohai.token}`)).toBe(0)
    expect(first.stdout).toContain(`::add-mask::${secret}`)
  })
})

describe('with IAM enforced', () => {
  const other = 'somebody-elses-bucket'

  beforeAll(async () => {
    await s3Client(sandbox.emulator).send(
      new CreateBucketCommand({
        Bucket: other,
        CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
      }),
    )
    await sandbox.emulator.enforceIam(true)
  })

  afterAll(() => sandbox.emulator.enforceIam(false))

  const key = () => {
    const { configuration } = sandbox.valohai.state.stores[0]!
    return {
      accessKeyId: String(configuration.access_key_id),
      secretAccessKey: String(configuration.secret_access_key),
    }
  }

  test("the store's key writes, reads and deletes in its own bucket", async () => {
    const s3 = s3Client(sandbox.emulator, key())
    await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'output.txt', Body: 'output' }))
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'output.txt' }))
    expect(await Body?.transformToString()).toBe('output')
    await s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'output.txt' }))
  })

  test.each([
    ['another bucket', () => new PutObjectCommand({ Bucket: other, Key: 'output.txt', Body: 'output' })],
    ['the state', () => new ListObjectsV2Command({ Bucket: `${BUCKET}-tfstate` })],
  ])('it is refused in %s', async (_, command) => {
    await expect(s3Client(sandbox.emulator, key()).send(command() as PutObjectCommand)).rejects.toMatchObject(
      {
        $metadata: { httpStatusCode: 403 },
      },
    )
  })

  test('it may not touch IAM', async () => {
    const iam = iamClient(sandbox.emulator)
    iam.config.credentials = () => Promise.resolve(key())
    await expect(iam.send(new CreateUserCommand({ UserName: 'mallory' }))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 403 },
    })
  })

  test('the role uploads and may not delete', async () => {
    // The emulator does not know that a trust policy alone lets a user of the same account assume the role.
    await sandbox.emulator.enforceIam(false)
    const sts = new STSClient({ endpoint: sandbox.emulator.url, region: 'eu-west-1', credentials: key() })
    const { Credentials: temporary } = await sts.send(
      new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${ACCOUNT}:role/${ROLE}`, RoleSessionName: 'test' }),
    )
    await sandbox.emulator.enforceIam(true)
    const s3 = s3Client(sandbox.emulator, {
      accessKeyId: temporary?.AccessKeyId ?? '',
      secretAccessKey: temporary?.SecretAccessKey ?? '',
      ...{ sessionToken: temporary?.SessionToken },
    })
    await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'part.txt', Body: 'part' }))
    await expect(s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'part.txt' }))).rejects.toMatchObject(
      {
        $metadata: { httpStatusCode: 403 },
      },
    )
  })
})
