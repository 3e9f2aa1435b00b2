import { DeleteAccessKeyCommand } from '@aws-sdk/client-iam'
import { iamClient } from '../support/describe-aws'
import { openStory, type Story } from './story'

const BUCKET = 'acme-hidden-key'

// One story, in order: each test begins where the one before it ended.
let story: Story

beforeAll(async () => {
  story = await openStory(BUCKET)
  story.sandbox.valohai.quirks.accessKeyIdHidden = true
  await story.run()
})

// Whatever a run did or failed at, executions go on.
afterEach(() => story.useStore())

afterAll(() => story.sandbox.close())

test('the second run changes nothing', async () => {
  expect((await story.run()).outputs).toMatchObject({ changes: 'false', 'access-key-id': story.heldKey() })
})

test('a key that Valohai refused is gone again, and the one that it holds stays', async () => {
  const before = await story.keys()
  const refusal = {
    path: /stores\//,
    status: 400,
    body: { name: [{ message: 'Not now.', code: 'invalid' }] },
  }
  story.sandbox.valohai.quirks.failNext = [
    { ...refusal, method: 'PATCH', times: 9 },
    { ...refusal, method: 'PUT', times: 9 },
  ]
  const step = await story.runInVain({ multipart: 'false' })
  story.sandbox.valohai.quirks.failNext = []
  expect(step.stdout).toContain('Not now.')
  expect(await story.keys()).toEqual(before)
})

test('where a run died while it handed a key over, neither key goes, and a person is told what to do', async () => {
  const held = story.heldKey()
  const { quirks } = story.sandbox.valohai
  await story.sandbox.step(
    { multipart: 'false' },
    {
      onLine: (line, kill) => {
        if (!line.includes('Update the store')) return
        // The key is noted as offered, and Valohai has not answered yet.
        quirks.slow = 3000
        setTimeout(() => kill('SIGKILL'), 1500)
      },
    },
  )
  quirks.slow = 0
  await story.freeRunLock()
  expect(story.heldKey()).toBe(held)
  const keys = await story.keys()
  expect(Object.keys(keys)).toHaveLength(2)

  const step = await story.run({ multipart: 'false' })
  expect(step.stdout).toContain(`which of the keys ${Object.keys(keys).join(' and ')} the store holds`)
  expect(step.stdout).toContain('delete the other one in IAM')
  expect(await story.keys()).toEqual(keys)
})

test('once that person deleted the other key, a run goes on', async () => {
  const other = Object.keys(await story.keys()).find((id) => id !== story.heldKey())
  await iamClient(story.sandbox.emulator).send(
    new DeleteAccessKeyCommand({ UserName: `valohai-${BUCKET}`, AccessKeyId: other }),
  )
  const step = await story.run({ multipart: 'false' })
  expect(step.outputs['store-action']).toBe('updated')
  expect(story.onlyStore().configuration.multipart_upload_iam_role).toBe('')
  await story.expectConverged()
  expect((await story.run({ multipart: 'false' })).outputs.changes).toBe('false')
})
