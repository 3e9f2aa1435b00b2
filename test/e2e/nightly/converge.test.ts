import { DeleteAccessKeyCommand } from '@aws-sdk/client-iam'
import { iamClient } from '../../support/describe-aws'
import { openStory, type Story } from '../story'

const BUCKET = 'acme-further-runs'

// What `test/run` claims of a run after the first, with the real Terraform.
// One story, in order: each test begins where the one before it ended.
let story: Story

beforeAll(async () => {
  story = await openStory(BUCKET)
  await story.run()
})

afterAll(() => story.sandbox.close())

test('the lock of a run that died is void after a minute', async () => {
  await story.sandbox.step(
    {},
    {
      onLine: (line, kill) => {
        if (line.includes('Look at what is there')) kill('SIGKILL')
      },
    },
  )
  const step = await story.run()
  expect(step.stdout).toContain('has not been heard of for a minute')
  expect(step.outputs.changes).toBe('false')
})

test('a default changed by hand is set back', async () => {
  story.sandbox.valohai.state.projects[0]!.default_store = null
  const step = await story.run()
  expect(step.outputs).toMatchObject({
    changes: 'true',
    'to-add': '0',
    'store-action': 'unchanged',
    'default-store': 'true',
  })
  await story.expectConverged()
})

test('another store name renames the store, and needs no new key', async () => {
  const before = story.heldKey()
  const step = await story.run({ 'store-name': 'Renamed' })
  expect(step.outputs).toMatchObject({ 'store-action': 'updated', 'to-add': '0', changes: 'true' })
  expect(story.onlyStore().name).toBe('Renamed')
  expect(story.heldKey()).toBe(before)
})

test('where the API hides the key, the second run still changes nothing', async () => {
  story.sandbox.valohai.quirks.accessKeyIdHidden = true
  const step = await story.run({ 'store-name': 'Renamed' })
  expect(step.outputs).toMatchObject({ changes: 'false', 'store-action': 'unchanged' })
  story.sandbox.valohai.quirks.accessKeyIdHidden = false
  await story.expectConverged()
})

test('where Valohai fails, the run tells the step and what exists, and the next one goes on', async () => {
  story.onlyStore().deleted = true
  story.sandbox.valohai.quirks.failNext = [
    {
      method: 'POST',
      path: /stores/,
      status: 400,
      body: { name: [{ message: 'Not this one.', code: 'invalid' }] },
    },
  ]
  const failed = await story.runInVain()
  expect(failed.stdout).toMatch(/::error.*Create the store/)
  expect(failed.stdout).toContain('Not this one.')
  expect(failed.stdout).toContain(`The bucket ${BUCKET} in eu-west-1.`)

  story.sandbox.valohai.quirks.failNext = []
  await story.run()
  await story.expectConverged()
})

test('a key deleted by hand in IAM is replaced, and the store gets the new one', async () => {
  await iamClient(story.sandbox.emulator).send(
    new DeleteAccessKeyCommand({ UserName: `valohai-${BUCKET}`, AccessKeyId: story.heldKey() }),
  )
  const step = await story.run()
  expect(step.outputs['store-action']).toBe('updated')
  await story.expectConverged()
})

test('with key-grace-days: 0 a replaced key goes as soon as the store has its successor', async () => {
  const before = story.heldKey()
  const step = await story.run({ multipart: 'false', 'key-grace-days': '0' })
  expect(step.outputs).toMatchObject({ 'store-action': 'updated', 'key-retires-on': '' })
  expect(step.outputs).not.toHaveProperty('multipart-role-arn')
  expect(story.onlyStore().configuration.multipart_upload_iam_role ?? '').toBe('')
  expect(story.heldKey()).not.toBe(before)
  expect(await story.keys()).toEqual({ [story.heldKey()]: 'Active' })
  await story.expectConverged()
})
