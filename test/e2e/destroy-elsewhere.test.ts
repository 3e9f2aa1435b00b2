import { ListRolesCommand, ListUsersCommand } from '@aws-sdk/client-iam'
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  ListObjectVersionsCommand,
  PutBucketCorsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import type { StepResult } from '../support/action-runner'
import { iamClient, readBucket, s3Client } from '../support/describe-aws'
import { emptyBucket } from '../support/empty-bucket'
import { openSandbox, type Sandbox } from './sandbox'
import { useStore } from './story'

const BUCKET = 'acme-data-lake'
const OURS = { 'manage-bucket': 'false' }
const THEIRS = { ...OURS, 'valohai-project': 'acme/vision' }
const DESTROY = { command: 'destroy', confirm: BUCKET }
const NAMES = {
  ours: `valohai-${BUCKET}-acme-churn-model`,
  theirs: `valohai-${BUCKET}-acme-vision`,
}

// One story, in order: each test begins where the one before it ended.
let sandbox: Sandbox
let untouched: object

beforeAll(async () => {
  const projects = ['churn-model', 'vision'].map((name, index) => ({
    name,
    id: `0185c0de-0000-4000-8000-00000000000${index + 1}`,
  }))
  sandbox = await openSandbox(BUCKET, { projects })
  await makeBucket()
  untouched = await bucket()
  await run(0, OURS)
  await run(0, THEIRS)
})

afterAll(() => sandbox.close())

/** The bucket of a team that works without this action. */
async function makeBucket(): Promise<void> {
  const s3 = s3Client(sandbox.emulator)
  const Bucket = BUCKET
  await s3.send(
    new CreateBucketCommand({
      Bucket,
      CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
    }),
  )
  const VersioningConfiguration = { Status: 'Enabled' } as const
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }))
  await s3.send(
    new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: [{ Key: 'owner', Value: 'data-team' }] } }),
  )
  const Statement = {
    Sid: 'Partner',
    Effect: 'Allow',
    Principal: { AWS: 'arn:aws:iam::210987654321:root' },
    Action: 's3:GetObject',
    Resource: `arn:aws:s3:::${BUCKET}/*`,
  }
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [Statement] })
  await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }))
  const CORSRules = [{ AllowedOrigins: ['https://tool.example'], AllowedMethods: ['PUT'] }]
  await s3.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules } }))
  const rule = {
    ID: 'theirs',
    Status: 'Enabled',
    Filter: { Prefix: 'tmp/' },
    Expiration: { Days: 3 },
  } as const
  await s3.send(
    new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules: [rule] } }),
  )
  for (const Body of ['of last year', 'of this year'])
    await s3.send(new PutObjectCommand({ Bucket, Key: 'kept.txt', Body }))
}

/** All that is set on the bucket, and every version of what is in it. */
async function bucket(): Promise<object> {
  const { Versions, DeleteMarkers } = await versions()
  return { ...(await readBucket(sandbox.emulator, BUCKET)), Versions, DeleteMarkers }
}

const versions = () =>
  s3Client(sandbox.emulator).send(new ListObjectVersionsCommand({ Bucket: BUCKET, Prefix: 'kept' }))

async function run(exitCode: number, inputs: Readonly<Record<string, string>>): Promise<StepResult> {
  const step = await sandbox.step(inputs)
  if (step.exitCode !== exitCode) throw new Error(`It ended with ${step.exitCode}:\n${step.stdout}`)
  return step
}

const stores = () => sandbox.valohai.state.stores.filter(({ deleted }) => !deleted)
const defaults = () => sandbox.valohai.state.projects.map((project) => project.default_store)

/** Names of every user and role of the account. */
async function identities(): Promise<(string | undefined)[]> {
  const iam = iamClient(sandbox.emulator)
  const { Users = [] } = await iam.send(new ListUsersCommand())
  const { Roles = [] } = await iam.send(new ListRolesCommand())
  return [...Users.map(({ UserName }) => UserName), ...Roles.map(({ RoleName }) => RoleName)].sort()
}

const both = [NAMES.ours, `${NAMES.ours}-multipart`, NAMES.theirs, `${NAMES.theirs}-multipart`]

test('to delete a bucket that is managed elsewhere is refused as bad input', async () => {
  const { stdout } = await run(1, { ...DESTROY, ...OURS, 'delete-bucket': 'true' })
  expect(stdout).toMatch(/delete-bucket.*With manage-bucket: false no setting of the bucket is touched/s)
  expect([await bucket(), await identities(), stores().length]).toEqual([untouched, both, 2])
})

test('without the word it tells that the bucket is managed elsewhere, and changes nothing', async () => {
  const { stdout } = await run(1, { ...OURS, command: 'destroy' })
  expect(stdout).toContain(`Stays: the bucket ${BUCKET}, which is managed elsewhere.`)
  expect([await bucket(), await identities(), stores().length]).toEqual([untouched, both, 2])
})

test('store, user, role and key of the project go, and neither the bucket nor another store of it is touched', async () => {
  const [, theirs] = stores()
  expect((await run(0, { ...DESTROY, ...OURS })).outputs).toMatchObject({ 'store-action': 'deleted' })
  expect(await bucket()).toEqual(untouched)
  expect(await identities()).toEqual([NAMES.theirs, `${NAMES.theirs}-multipart`])
  expect(stores()).toEqual([theirs])
  expect(defaults()).toEqual([null, theirs?.id])
  await useStore(sandbox.emulator, theirs!)
  expect((await run(0, { ...THEIRS, command: 'plan' })).outputs).toMatchObject({ changes: 'false' })
})

test('again there is nothing to do; apply makes it once more, beside the other', async () => {
  expect((await run(0, { ...DESTROY, ...OURS })).outputs).toMatchObject({ changes: 'false' })
  expect((await run(0, OURS)).outputs).toMatchObject({ 'store-action': 'created', 'default-store': 'true' })
  expect(await identities()).toEqual(both)
  for (const store of stores()) await useStore(sandbox.emulator, store)
  expect(await bucket()).toEqual(untouched)
})

test('what is left of a store goes too where the bucket is gone', async () => {
  await emptyBucket(sandbox.emulator, BUCKET)
  await s3Client(sandbox.emulator).send(new DeleteBucketCommand({ Bucket: BUCKET }))
  await run(0, { ...DESTROY, ...THEIRS })
  expect(await identities()).toEqual([NAMES.ours, `${NAMES.ours}-multipart`])
  expect(stores()).toHaveLength(1)
})
