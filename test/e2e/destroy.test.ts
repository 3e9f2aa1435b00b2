import {
  AddUserToGroupCommand,
  CreateGroupCommand,
  GetRoleCommand,
  GetUserCommand,
  RemoveUserFromGroupCommand,
} from '@aws-sdk/client-iam'
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import type { StepResult } from '../support/action-runner'
import { iamClient, readBucket, readState, s3Client } from '../support/describe-aws'
import { emptyBucket } from '../support/empty-bucket'
import { openSandbox, type Sandbox } from './sandbox'
import { useStore } from './story'

const BUCKET = 'acme-taken-down'
const DESTROY = { command: 'destroy', confirm: BUCKET }
const SHARED = { 'store-access': 'organization', 'valohai-project': 'acme/churn-model\nacme/vision' }

const projectId = (number: number): string => `0185c0de-0000-4000-8000-00000000000${number}`

// One story, in order: each test begins where the one before it ended.
let sandbox: Sandbox

beforeAll(async () => {
  const projects = ['churn-model', 'vision'].map((name, index) => ({
    name,
    id: projectId(index + 1),
  }))
  sandbox = await openSandbox(BUCKET, { projects })
})

afterAll(() => sandbox.close())

async function run(exitCode: number, inputs: Readonly<Record<string, string>> = {}): Promise<StepResult> {
  const step = await sandbox.step(inputs)
  if (step.exitCode !== exitCode) throw new Error(`It ended with ${step.exitCode}:\n${step.stdout}`)
  return step
}

const stores = () => sandbox.valohai.state.stores.filter(({ deleted }) => !deleted)
const defaults = () => sandbox.valohai.state.projects.map((project) => project.default_store)
const s3 = () => s3Client(sandbox.emulator)
const isThere = (answer: Promise<unknown>): Promise<boolean> =>
  answer.then(
    () => true,
    () => false,
  )

/** What there is: the bucket, the user, the role, and what the state holds. */
async function world(name = `valohai-${BUCKET}`, bucket = BUCKET) {
  const iam = iamClient(sandbox.emulator)
  const state = JSON.parse(await readState(sandbox.emulator, bucket)) as { resources: unknown[] }
  return {
    bucket: await isThere(s3().send(new HeadBucketCommand({ Bucket: bucket }))),
    user: await isThere(iam.send(new GetUserCommand({ UserName: name }))),
    role: await isThere(iam.send(new GetRoleCommand({ RoleName: `${name}-multipart` }))),
    resources: state.resources.length,
    stores: stores().length,
  }
}

const TAKEN_DOWN = { bucket: true, user: false, role: false, resources: 0, stores: 0 }

test.each([
  ['without the word', {}],
  ['with the name of another bucket', { confirm: `${BUCKET}-2` }],
])('%s it tells what goes and what stays, fails, and changes nothing', async (_what, confirm) => {
  await run(0, { versioning: 'true', 'noncurrent-days': '0' })
  const before = [await world(), await readBucket(sandbox.emulator, BUCKET), structuredClone(stores())]
  const { stdout, summary } = await run(1, { command: 'destroy', ...confirm })
  const [store] = stores()
  for (const words of [
    `Goes: the data store "${BUCKET}" (${store?.id})`,
    'Executions that are running or queued with it fail',
    'Goes: the default store of acme/churn-model',
    `Goes: the IAM user valohai-${BUCKET} with ${String(store?.configuration.access_key_id)}`,
    `Goes: the role valohai-${BUCKET}-multipart`,
    `Stays: the bucket ${BUCKET} with everything in it`,
    `confirm: ${BUCKET}`,
  ]) {
    expect(stdout).toContain(words)
    expect(summary).toContain(words)
  }
  expect([await world(), await readBucket(sandbox.emulator, BUCKET), stores()]).toEqual(before)
})

test('what hangs on the user stops it by name, before anything is taken down', async () => {
  const iam = iamClient(sandbox.emulator)
  const member = { GroupName: 'people', UserName: `valohai-${BUCKET}` }
  await iam.send(new CreateGroupCommand({ GroupName: 'people' }))
  await iam.send(new AddUserToGroupCommand(member))
  const { stdout } = await run(1, DESTROY)
  expect(stdout).toContain(`The user valohai-${BUCKET}: no run made its group people`)
  await useStore(sandbox.emulator, stores()[0]!)
  await iam.send(new RemoveUserFromGroupCommand(member))
})

test('all goes but the bucket, with what is in it and its settings', async () => {
  await s3().send(new PutObjectCommand({ Bucket: BUCKET, Key: 'kept.txt', Body: 'of years ago' }))
  const settings = await readBucket(sandbox.emulator, BUCKET)
  const { outputs } = await run(0, DESTROY)
  expect(outputs).toMatchObject({ changes: 'true', 'store-action': 'deleted', 'to-destroy': '5' })
  expect(await world()).toEqual(TAKEN_DOWN)
  expect(defaults()).toEqual([null, null])
  expect(await readBucket(sandbox.emulator, BUCKET)).toEqual(settings)
  const { Body } = await s3().send(new GetObjectCommand({ Bucket: BUCKET, Key: 'kept.txt' }))
  expect(await Body?.transformToString()).toBe('of years ago')
  const history = await s3().send(
    new ListObjectVersionsCommand({ Bucket: `${BUCKET}-tfstate`, Prefix: `valohai-s3/${BUCKET}.tfstate` }),
  )
  const ofState = history.Versions?.filter(({ Key }) => Key === `valohai-s3/${BUCKET}.tfstate`) ?? []
  expect(ofState.length).toBeGreaterThan(1)
})

test('again, there is nothing to do', async () => {
  const { outputs } = await run(0, DESTROY)
  expect(outputs).toMatchObject({ changes: 'false', 'store-action': 'unchanged' })
})

test('apply takes the bucket up again, since it bears the tag', async () => {
  const { outputs, stdout } = await run(0, { versioning: 'true', 'noncurrent-days': '0' })
  expect(outputs).toMatchObject({ 'store-action': 'created', 'default-store': 'true' })
  expect(stdout).toContain('import aws_s3_bucket.store')
  await useStore(sandbox.emulator, stores()[0]!)
})

test.each(['objects', 'versions alone'])(
  'delete-bucket refuses a bucket with %s, with the count',
  async (what) => {
    const before = await world()
    if (what === 'versions alone')
      await s3().send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'kept.txt' }))
    const { stdout } = await run(1, { ...DESTROY, 'delete-bucket': 'true' })
    expect(stdout).toMatch(
      new RegExp(`The bucket ${BUCKET} is not empty .objects: ${what === 'objects' ? 1 : 0},`),
    )
    expect(await world()).toEqual(before)
    await useStore(sandbox.emulator, stores()[0]!)
  },
)

test('a store of another project with our key stops it, and with delete-bucket any other store', async () => {
  const [ours] = stores()
  const foreign = { ...structuredClone(ours!), id: 'f0e1', name: 'theirs', project: projectId(2) }
  sandbox.valohai.state.stores.push(foreign)
  expect((await run(1, DESTROY)).stdout).toContain('The store "theirs" (f0e1) of another project works with')
  foreign.configuration.access_key_id = 'AKIAOFSOMEBODY000000'
  const { stdout } = await run(1, { ...DESTROY, 'delete-bucket': 'true' })
  expect(stdout).toContain('The store "theirs" (f0e1) is for this bucket too')
  foreign.deleted = true
})

test('the store of an organization wants each project that has it as its default', async () => {
  await run(0, { ...SHARED, versioning: 'true', 'noncurrent-days': '0' })
  const [first] = SHARED['valohai-project'].split('\n')
  const { stdout } = await run(1, { ...DESTROY, ...SHARED, 'valohai-project': first! })
  expect(stdout).toContain('The project acme/vision has the store as its default')
  expect(defaults()).toEqual([stores()[0]!.id, stores()[0]!.id])
})

test('a default that cannot be cleared is told and passed over; an empty bucket goes too', async () => {
  sandbox.valohai.quirks.defaultUnsupported = true
  await emptyBucket(sandbox.emulator, BUCKET)
  const { stdout } = await run(0, { ...DESTROY, ...SHARED, 'delete-bucket': 'true' })
  expect(stdout).toContain('Failed to clear the default store of acme/vision')
  expect(await world()).toEqual({ ...TAKEN_DOWN, bucket: false })
  sandbox.valohai.quirks.defaultUnsupported = false
})
