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

test('killed between apply and store, the next run ends with one store and one key', async () => {
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
  const [orphan] = Object.keys(await story.keys())
  await story.freeRunLock()

  const step = await story.run()
  expect(step.outputs['store-action']).toBe('created')
  expect(step.outputs['access-key-id']).not.toBe(orphan)
  expect(await story.keys()).toEqual({ [story.heldKey()]: 'Active' })
  await story.expectConverged()
})

test('a store deleted by hand is created again with a new key, and the old key goes at once', async () => {
  const before = story.heldKey()
  story.onlyStore().deleted = true
  const step = await story.run()
  expect(step.outputs['store-action']).toBe('created')
  expect(story.heldKey()).not.toBe(before)
  expect(await story.keys()).toEqual({ [story.heldKey()]: 'Active' })
  await story.expectConverged()
})

test('a bucket of another name on the same state is refused, and nothing is touched', async () => {
  const step = await story.runInVain({
    bucket: 'another-bucket',
    'iam-user-name': `valohai-${BUCKET}`,
    'multipart-role-name': `valohai-${BUCKET}-multipart`,
    'state-bucket': `${BUCKET}-tfstate`,
    'state-key': `valohai-s3/${BUCKET}.tfstate`,
  })
  expect(step.stdout).toContain('would delete or replace the bucket')
  await story.expectConverged()
})
