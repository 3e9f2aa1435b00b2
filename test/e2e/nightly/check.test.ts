import {
  CreateAccessKeyCommand,
  DeleteAccessKeyCommand,
  DeleteUserPolicyCommand,
  UpdateAccessKeyCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam'
import {
  DeleteBucketCorsCommand,
  DeleteBucketPolicyCommand,
  DeletePublicAccessBlockCommand,
  PutBucketOwnershipControlsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { iamClient, s3Client } from '../../support/describe-aws'
import type { Finding } from '../../../src/decide/findings'
import { openStory, type Story } from '../story'

const BUCKET = 'acme-check'
const USER = `valohai-${BUCKET}`
const Bucket = { Bucket: BUCKET }

// One story, in order: each test begins where the one before it ended.
let story: Story

beforeAll(async () => {
  story = await openStory(BUCKET)
  await story.run()
})

afterAll(() => story.sandbox.close())

/** What a check finds. */
async function check(inputs: Readonly<Record<string, string>> = {}): Promise<Finding[]> {
  const step = await story.run({ command: 'check', 'fail-on-drift': 'false', ...inputs })
  const findings = JSON.parse(step.outputs.findings ?? '') as Finding[]
  expect(step.outputs.drift).toBe(String(findings.length > 0))
  for (const { what } of findings) expect(step.stdout).toContain(what)
  return findings
}

const s3 = () => s3Client(story.sandbox.emulator)
const iam = () => iamClient(story.sandbox.emulator)
const configuration = () => story.onlyStore().configuration

test('a quiet store has no findings, however often it is looked at, and nothing is written', async () => {
  const before = story.sandbox.valohai.state.requests.length
  for (let look = 0; look < 3; look += 1) expect(await check()).toEqual([])
  const sent = story.sandbox.valohai.state.requests.slice(before)
  expect(sent.filter(({ method }) => method !== 'GET')).toEqual([])
})

/** Changes made by hand to several things at once: all are named, one apply puts all back, and then it is silent. */
test.each<[what: string, change: () => Promise<unknown>, says: RegExp[]]>([
  [
    'in S3',
    async () => {
      await s3().send(new DeletePublicAccessBlockCommand(Bucket))
      await s3().send(new DeleteBucketPolicyCommand(Bucket))
      await s3().send(new DeleteBucketCorsCommand(Bucket))
      await s3().send(
        new PutBucketOwnershipControlsCommand({
          ...Bucket,
          OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerPreferred' }] },
        }),
      )
    },
    [
      /^Public access block: missing/,
      /^Bucket policy: missing/,
      /^CORS rules: missing/,
      /^Object ownership: changed/,
    ],
  ],
  [
    'in IAM',
    async () => {
      await iam().send(new DeleteUserPolicyCommand({ UserName: USER, PolicyName: 'valohai-store' }))
      const PolicyDocument = JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { AWS: 'AIDAGONE' }, Action: 'sts:AssumeRole' }],
      })
      await iam().send(new UpdateAssumeRolePolicyCommand({ RoleName: `${USER}-multipart`, PolicyDocument }))
    },
    [/^Policy of the user: missing/, /role does not trust/],
  ],
  [
    'in Valohai',
    async () => {
      configuration().region = 'us-east-1'
      story.sandbox.valohai.state.projects[0]!.default_store = null
      await Promise.resolve()
    },
    [/region of the data store/, /default store/],
  ],
])('%s', async (_what, change, says) => {
  await change()
  const found = await check()
  for (const text of says) expect(found.map(({ what }) => what)).toContainEqual(expect.stringMatching(text))
  expect(found).toHaveLength(says.length)
  await story.run()
  expect(await check()).toEqual([])
  await story.expectConverged()
})

test('after a rotation there is none in the grace; then the replaced key is due', async () => {
  // The tests use each key today, so it stays for a second grace.
  await story.letDaysPass(15)
  await story.run()
  await story.run({ command: 'rotate-key' })
  expect(await check()).toEqual([])
  // The tests use each key today, so it stays for a second grace.
  await story.letDaysPass(15)
  expect(await check()).toMatchObject([{ what: 'The grace of a replaced access key is over' }])
  await story.run()
  expect(await check()).toEqual([])
})

test('a key made by hand is named, and left to people', async () => {
  const { AccessKey } = await iam().send(new CreateAccessKeyCommand({ UserName: USER }))
  const id = { UserName: USER, AccessKeyId: AccessKey?.AccessKeyId ?? '' }
  const foreign = { what: 'Nothing accounts for an access key', is: expect.stringContaining(id.AccessKeyId) }
  expect(await check()).toMatchObject([foreign])
  await story.run()
  expect(await check()).toMatchObject([foreign])
  await iam().send(new DeleteAccessKeyCommand(id))
  expect(await check()).toEqual([])
})

test('a deactivated key is named, and replaced', async () => {
  await iam().send(
    new UpdateAccessKeyCommand({ UserName: USER, AccessKeyId: story.heldKey(), Status: 'Inactive' }),
  )
  expect(await check()).toMatchObject([{ what: expect.stringContaining('was deactivated') }])
  await story.run()
  expect(await check()).toEqual([])
})

test('a store deleted by hand is named, and the step fails where nobody said otherwise', async () => {
  story.onlyStore().deleted = true
  const step = await story.runInVain({ command: 'check' })
  expect(step.outputs.drift).toBe('true')
  expect(step.summary).toContain('The data store is missing')
  await story.run()
  expect(await check()).toEqual([])
})

test('while an apply runs it is waited for, and nothing half done is found', async () => {
  story.onlyStore().configuration.region = 'us-east-1'
  // The check begins once the lock is taken.
  let isHeld = (): void => undefined
  const held = new Promise<void>((resolve) => {
    isHeld = resolve
  })
  const apply = story.sandbox.step(
    { 'key-grace-days': '0' },
    {
      onLine: (line) => {
        if (line.includes('Look at what is there')) isHeld()
      },
    },
  )
  await held
  const found = check({ 'key-grace-days': '0' })
  expect((await apply).exitCode).toBe(0)
  expect(await found).toEqual([])
})

test('a lock that Terraform left is named', async () => {
  const lock = { ID: 'lock-1', Who: 'ada@laptop', Created: '2026-01-01T00:00:00Z' }
  const Key = `valohai-s3/${BUCKET}.tfstate.tflock`
  await s3().send(new PutObjectCommand({ Bucket: `${BUCKET}-tfstate`, Key, Body: JSON.stringify(lock) }))
  expect(await check()).toMatchObject([{ where: 'lock lock-1' }])
})
