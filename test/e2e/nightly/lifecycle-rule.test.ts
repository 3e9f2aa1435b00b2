import {
  DeleteBucketLifecycleCommand,
  PutBucketLifecycleConfigurationCommand,
  type LifecycleRule,
} from '@aws-sdk/client-s3'
import { readBucket, s3Client } from '../../support/describe-aws'
import { openStory, type Story } from '../story'

const Bucket = 'acme-lifecycle-rule'
const INPUTS = { 'abort-multipart-days': '5', versioning: 'true', 'noncurrent-days': '30' }

// Where Terraform writes such rules it waits 55 s, in real S3 too, so every other test leaves them out.
let story: Story

beforeAll(async () => {
  story = await openStory(Bucket)
})

afterAll(() => story.sandbox.close())

const rules = async (): Promise<LifecycleRule[]> =>
  (await readBucket(story.sandbox.emulator, Bucket)).lifecycle ?? []

test('unfinished uploads and old versions go after the days asked for, and a second run changes nothing', async () => {
  expect((await story.run(INPUTS)).outputs['to-add']).toBe('13')
  const { versioning, lifecycle } = await readBucket(story.sandbox.emulator, Bucket)
  expect(versioning).toBe('Enabled')
  expect(lifecycle).toHaveLength(2)
  expect(lifecycle).toContainEqual(
    expect.objectContaining({
      ID: 'abort-incomplete-multipart-uploads',
      Status: 'Enabled',
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 5 },
    }),
  )
  expect(lifecycle).toContainEqual(
    expect.objectContaining({
      ID: 'expire-noncurrent-versions',
      Status: 'Enabled',
      NoncurrentVersionExpiration: { NoncurrentDays: 30 },
    }),
  )
  // No rule takes a current object.
  for (const rule of lifecycle ?? []) expect(rule).not.toHaveProperty('Expiration')
  expect((await story.run(INPUTS)).outputs.changes).toBe('false')
})

const setRules = (Rules: LifecycleRule[]) =>
  s3Client(story.sandbox.emulator).send(
    new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }),
  )

test.each<[what: string, change: (ours: LifecycleRule[]) => Promise<unknown>, says: string]>([
  [
    'a rule of ours was changed',
    ([first, ...others]) => setRules([{ ...first!, Status: 'Disabled' }, ...others]),
    'Lifecycle rules: changed',
  ],
  [
    'all are gone',
    () => s3Client(story.sandbox.emulator).send(new DeleteBucketLifecycleCommand({ Bucket })),
    'Lifecycle rules: missing',
  ],
])('%s by hand: it is named, and put back', async (_what, change, says) => {
  const ours = await rules()
  await change(ours)
  expect((await story.check(INPUTS)).map(({ what }) => what)).toEqual([says])
  await story.run(INPUTS)
  expect(await rules()).toEqual(ours)
  expect(await story.check(INPUTS)).toEqual([])
})

test("a rule of somebody's is no drift, and kept", async () => {
  const both = [
    ...(await rules()),
    { ID: 'theirs', Status: 'Enabled' as const, Filter: { Prefix: 'tmp/' }, Expiration: { Days: 3 } },
  ]
  await setRules(both)
  expect(await story.check(INPUTS)).toEqual([])
  expect((await story.run(INPUTS)).outputs.changes).toBe('false')
  expect((await rules()).map(({ ID }) => ID)).toEqual(both.map(({ ID }) => ID))
})
