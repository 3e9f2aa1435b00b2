import { DeleteAccessKeyCommand } from '@aws-sdk/client-iam'
import { iamClient } from '../support/describe-aws'
import { openStory, type Story } from './story'

const BUCKET = 'acme-converge'

// One story, in order: each test begins where the one before it ended.
let story: Story

beforeAll(async () => {
  story = await openStory(BUCKET)
})

afterAll(() => story.sandbox.close())

test('a plan of nothing makes nothing, not even the state bucket', async () => {
  const step = await story.sandbox.step({ command: 'plan' })
  expect(step).toMatchObject({
    exitCode: 0,
    outputs: { changes: 'true', 'store-action': 'created', 'default-store': 'false' },
  })
  expect(Number(step.outputs['to-add'])).toBe(11)
  const answer = await fetch(`${story.sandbox.emulator.url}/moto-api/data.json`)
  const { s3 } = (await answer.json()) as { s3?: { FakeBucket?: unknown[] } }
  expect(s3?.FakeBucket ?? []).toEqual([])
  expect(story.sandbox.valohai.state.requests.filter(({ method }) => method !== 'GET')).toEqual([])
})

test('killed between apply and store, the next run ends with one store and one active key', async () => {
  const killed = await story.sandbox.step(
    {},
    {
      onLine: (line, kill) => {
        if (line.includes('Prove the access key')) kill('SIGKILL')
      },
    },
  )
  expect(killed.exitCode).not.toBe(0)
  expect(story.sandbox.valohai.state.stores).toEqual([])
  const [orphan] = await story.activeKeys()

  const step = await story.apply()
  expect(step.outputs['store-action']).toBe('created')
  expect(step.outputs['access-key-id']).not.toBe(orphan)
  await story.expectConverged()
})

test('a store deleted by hand is made again with a new key, and the old key is removed', async () => {
  const [before] = await story.activeKeys()
  story.onlyStore().deleted = true
  const step = await story.apply()
  expect(step.outputs['store-action']).toBe('created')
  expect(story.onlyStore().configuration.access_key_id).not.toBe(before)
  await story.expectConverged()
})

test('a key deleted by hand in IAM is made again, and the store gets it', async () => {
  const [before] = await story.activeKeys()
  await iamClient(story.sandbox.emulator).send(
    new DeleteAccessKeyCommand({ UserName: `valohai-${BUCKET}`, AccessKeyId: before }),
  )
  const step = await story.apply()
  expect(step.outputs['store-action']).toBe('updated')
  await story.expectConverged()
})

test('without the multipart role the store is told so, with a new key that replaces the old one', async () => {
  const [before] = await story.activeKeys()
  const step = await story.apply({ multipart: 'false' })
  expect(step.outputs['store-action']).toBe('updated')
  expect(step.outputs).not.toHaveProperty('multipart-role-arn')
  expect(story.onlyStore().configuration.multipart_upload_iam_role ?? '').toBe('')
  expect(await story.activeKeys()).not.toContain(before)
  await story.expectConverged()
})

test('a bucket of another name on the same state is refused, and nothing is deleted', async () => {
  const step = await story.sandbox.step({
    bucket: 'another-bucket',
    multipart: 'false',
    'state-bucket': `${BUCKET}-tfstate`,
    'state-key': `valohai-s3/${BUCKET}.tfstate`,
  })
  expect(step.exitCode).toBe(1)
  expect(step.stdout).toContain('would delete or replace the bucket')
  await story.expectConverged()
})
