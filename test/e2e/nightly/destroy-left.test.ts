import { ListRolesCommand, ListUsersCommand } from '@aws-sdk/client-iam'
import {
  AbortMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  ListBucketsCommand,
} from '@aws-sdk/client-s3'
import type { StepResult } from '../../support/action-runner'
import { iamClient, s3Client } from '../../support/describe-aws'
import { emptyBucket } from '../../support/empty-bucket'
import { faultsOf } from '../after-kill'
import { openSandbox, type Sandbox } from '../sandbox'

const BUCKET = 'acme-half-gone'
const STATE_BUCKET = `${BUCKET}-tfstate`
const DESTROY = { command: 'destroy', confirm: BUCKET }
const WITH_BUCKET = { ...DESTROY, 'delete-bucket': 'true' }

// One story, in order: each test begins where the one before it ended.
let sandbox: Sandbox
beforeAll(async () => (sandbox = await openSandbox(BUCKET)))
afterAll(() => sandbox.close())

const s3 = () => s3Client(sandbox.emulator)

async function run(exitCode: number, inputs: Readonly<Record<string, string>> = {}): Promise<StepResult> {
  const step = await sandbox.step(inputs)
  if (step.exitCode !== exitCode) throw new Error(`It ended with ${step.exitCode}:\n${step.stdout}`)
  return step
}

/** Names of all that there is, in AWS and in Valohai. */
async function everything(): Promise<object> {
  const iam = iamClient(sandbox.emulator)
  const { Users = [] } = await iam.send(new ListUsersCommand())
  const { Roles = [] } = await iam.send(new ListRolesCommand())
  const { Buckets = [] } = await s3().send(new ListBucketsCommand())
  return {
    identities: [...Users.map(({ UserName }) => UserName), ...Roles.map(({ RoleName }) => RoleName)],
    buckets: Buckets.map(({ Name }) => Name).sort(),
    stores: sandbox.valohai.state.stores.filter(({ deleted }) => !deleted).length,
    defaults: sandbox.valohai.state.projects.map((project) => project.default_store),
  }
}

const nothing = (...buckets: string[]): object => ({ identities: [], buckets, stores: 0, defaults: [null] })

/** Apply makes one store that works, the project's default. */
async function applies(): Promise<StepResult> {
  const step = await run(0)
  expect(await faultsOf(sandbox, BUCKET, 1)).toEqual([])
  return step
}

const empty = (bucket: string): Promise<void> => emptyBucket(sandbox.emulator, bucket)

test.each([
  ['without the word', 1, { command: 'destroy' }],
  ['with the name of another bucket', 1, { ...WITH_BUCKET, confirm: 'acme-half' }],
  ['confirmed', 0, DESTROY],
  ['with the bucket', 0, WITH_BUCKET],
])('where nothing was ever made, %s, it makes nothing either', async (_what, exitCode, inputs) => {
  const { stdout, outputs } = await run(exitCode, inputs)
  expect(stdout).toContain(`Gone already: the bucket ${BUCKET}.`)
  expect(stdout).not.toContain('Stays:')
  if (exitCode === 0) expect(outputs).toMatchObject({ changes: 'false', 'store-action': 'unchanged' })
  expect(await everything()).toEqual(nothing())
})

test('a bucket with an unfinished upload alone is not deleted, and nothing else is', async () => {
  await run(0)
  const before = await everything()
  const upload = { Bucket: BUCKET, Key: 'large.bin' }
  const { UploadId } = await s3().send(new CreateMultipartUploadCommand(upload))
  expect((await run(1, WITH_BUCKET)).stdout).toContain(
    `The bucket ${BUCKET} is not empty (objects: 0, older versions and marks of deletion: 0, unfinished uploads: 1).`,
  )
  expect(await everything()).toEqual(before)
  await s3().send(new AbortMultipartUploadCommand({ ...upload, UploadId }))
  await run(0, WITH_BUCKET)
  expect(await everything()).toEqual(nothing(STATE_BUCKET))
})

test.each([DESTROY, WITH_BUCKET])('where people deleted the bucket: %j', async (inputs) => {
  await applies()
  await s3().send(new DeleteBucketCommand({ Bucket: BUCKET }))
  expect((await run(1, { ...inputs, confirm: '' })).stdout).toContain(`Gone already: the bucket ${BUCKET}.`)
  expect((await run(0, inputs)).outputs).toMatchObject({ 'store-action': 'deleted' })
  expect(await everything()).toEqual(nothing(STATE_BUCKET))
  expect((await run(0, inputs)).outputs).toMatchObject({ changes: 'false' })
})

test('where people deleted the store in Valohai', async () => {
  await applies()
  const { stores, projects } = sandbox.valohai.state
  for (const store of stores) store.deleted = true
  for (const project of projects) project.default_store = null
  expect((await run(0, DESTROY)).outputs).toMatchObject({ changes: 'true', 'store-action': 'unchanged' })
  expect(await everything()).toEqual(nothing(BUCKET, STATE_BUCKET))
})

test('where the bucket of the state is gone', async () => {
  expect((await applies()).stdout).toContain('import aws_s3_bucket.store')
  await empty(STATE_BUCKET)
  await s3().send(new DeleteBucketCommand({ Bucket: STATE_BUCKET }))
  expect((await run(0, DESTROY)).outputs).toMatchObject({ changes: 'true', 'store-action': 'deleted' })
  expect(await everything()).toEqual(nothing(BUCKET))
  expect((await run(0, DESTROY)).outputs).toMatchObject({ changes: 'false' })
  expect((await applies()).stdout).toContain('import aws_s3_bucket.store')
})

test('and a bucket that it left goes once that is asked for', async () => {
  await run(0, DESTROY)
  expect(await everything()).toEqual(nothing(BUCKET, STATE_BUCKET))
  await empty(BUCKET)
  expect((await run(0, WITH_BUCKET)).outputs).toMatchObject({ changes: 'true' })
  expect(await everything()).toEqual(nothing(STATE_BUCKET))
})
