import { startPresignedS3, type PresignedS3, type Traffic } from '../support/presigned'
import { inDays, openStory, type Story } from './story'

const BUCKET = 'acme-rotation'

// One story, in order: each test begins where the one before it ended.
let story: Story
let s3: PresignedS3
let traffic: Traffic
/** The key that the executions under way began with. */
let first: string

beforeAll(async () => {
  story = await openStory(BUCKET)
  await story.run()
  s3 = await startPresignedS3(story.sandbox.emulator, `valohai-${BUCKET}`)
  first = story.heldKey()
  traffic = await s3.startTraffic(
    { accessKeyId: first, secretAccessKey: String(story.onlyStore().configuration.secret_access_key) },
    { bucket: BUCKET, key: 'execution/output.txt' },
  )
})

afterAll(async () => {
  await traffic.stop()
  await s3.close()
  await story.sandbox.close()
})

/** Only successes, and more of them than before. */
const expectTraffic = (atLeast: number): void => {
  expect(Object.keys(traffic.answers)).toEqual(['200'])
  expect(traffic.answers[200]).toBeGreaterThan(atLeast)
}

test('a rotation gives the store a new key, and the old one stays until a day that is told', async () => {
  const before = traffic.answers[200] ?? 0
  const step = await story.run({ command: 'rotate-key' })
  expect(step.outputs).toMatchObject({
    changes: 'true',
    'store-action': 'updated',
    'access-key-id': story.heldKey(),
    'key-retires-on': inDays(7),
  })
  expect(story.heldKey()).not.toBe(first)
  expect(await story.keys()).toEqual({ [first]: 'Active', [story.heldKey()]: 'Active' })
  await traffic.pauseFor(() => story.expectConverged())
  expectTraffic(before)
})

test('a second rotation finds its work done, and says how to rotate a key that leaked', async () => {
  const held = story.heldKey()
  const step = await story.run({ command: 'rotate-key' })
  expect(step.outputs).toMatchObject({
    changes: 'false',
    'access-key-id': held,
    'key-retires-on': inDays(7),
  })
  expect(step.stdout).toMatch(new RegExp(`rotated already: ${held} is current.*${first}.*key-grace-days: 0`))
  expect(story.heldKey()).toBe(held)
})

test('a key that was used within the last day stays when its grace is over, and that is told', async () => {
  const before = traffic.answers[200] ?? 0
  await story.letDaysPass(8)
  const step = await story.run()
  expect(step.outputs.changes).toBe('false')
  expect(step.stdout).toMatch(new RegExp(`${first} .*it was used within the last day`))
  expect(await story.keys()).toHaveProperty(first, 'Active')
  expectTraffic(before)
})

test('after one more grace it goes, and only then do its URLs fail', async () => {
  expectTraffic(0)
  await story.letDaysPass(7)
  const step = await story.run()
  expect(step.outputs).toMatchObject({ 'to-destroy': '1', 'store-action': 'unchanged', 'key-retires-on': '' })
  expect(await story.keys()).toEqual({ [story.heldKey()]: 'Active' })
  await traffic.pauseFor(() => story.expectConverged())
  // The proof that the server in front of S3 refuses what S3 refuses.
  await traffic.stop()
  expect(traffic.answers[403]).toBeGreaterThan(0)
})

test('a key that leaked is gone with the run that replaces it', async () => {
  const leaked = story.heldKey()
  const step = await story.run({ command: 'rotate-key', 'key-grace-days': '0' })
  expect(step.outputs).toMatchObject({ 'store-action': 'updated', 'key-retires-on': '' })
  expect(story.heldKey()).not.toBe(leaked)
  expect(await story.keys()).toEqual({ [story.heldKey()]: 'Active' })
  await story.expectConverged()
})

test('max-key-age-days has to be more than the grace', async () => {
  const step = await story.runInVain({ 'max-key-age-days': '7' })
  expect(step.stdout).toMatch(/max-key-age-days.*replaced every 7 days, and its predecessor stays for 7/)
  expect(step.stdout).toContain('Write more than 7')
})
