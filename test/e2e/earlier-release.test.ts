import { readFileSync } from 'node:fs'
import path from 'node:path'
import { readBucket } from '../support/describe-aws'
import { restoreState } from '../support/restore-state'
import type { StandInStore } from '../support/valohai-stand-in'
import { inDays, openStory, type Story } from './story'

/** What each release left behind: the state, and the store as Valohai has it. */
const read = (name: string): string => readFileSync(path.join(__dirname, 'states', name), 'utf8')

const BUCKET = 'acme-of-1-0'
// As release 1.0 was asked for it.
const INPUTS = { tags: 'team=ml' }

let story: Story
let held: string

beforeAll(async () => {
  story = await openStory(BUCKET)
  const { emulator, valohai } = story.sandbox
  const { accessKeyId, secretAccessKey } = await restoreState(emulator, read('1.0.json'), valohai.url)
  const store = JSON.parse(read('1.0-store.json')) as StandInStore
  Object.assign(store.configuration, {
    access_key_id: accessKeyId,
    secret_access_key: secretAccessKey,
  })
  valohai.state.stores.push(store)
  valohai.state.projects[0]!.default_store = store.id
  held = accessKeyId
})

afterEach(() => story.useStore())

afterAll(() => story.sandbox.close())

// Bucket, user and role get the tag that says which state they are of.
const TAGGED = { 'to-add': '0', 'to-change': '3', 'to-destroy': '0' }

test('a plan of a store that release 1.0 made tells of a tag on bucket, user and role, and of no more', async () => {
  const step = await story.run({ ...INPUTS, command: 'plan' })
  expect(step.outputs).toMatchObject(TAGGED)
  expect(step.outputs).toMatchObject({ 'store-action': 'unchanged', 'access-key-id': held })
})

test('the first run takes it over and replaces nothing', async () => {
  const step = await story.run(INPUTS)
  expect(step.outputs).toMatchObject(TAGGED)
  expect(step.outputs).toMatchObject({ 'store-action': 'unchanged', 'default-store': 'true' })
  const { tags } = await readBucket(story.sandbox.emulator, BUCKET)
  expect(tags).toContainEqual({
    Key: 'valohai-s3:state',
    Value: `s3://${BUCKET}-tfstate/valohai-s3/${BUCKET}.tfstate`,
  })
  expect(await story.keys()).toEqual({ [held]: 'Active' })
})

test('the second run changes nothing', async () => {
  const step = await story.run(INPUTS)
  expect(step.outputs).toMatchObject({ changes: 'false', 'access-key-id': held })
})

test('its key is rotated like any other, and stays for its grace', async () => {
  const step = await story.run({ ...INPUTS, command: 'rotate-key' })
  expect(step.outputs).toMatchObject({ 'store-action': 'updated', 'key-retires-on': inDays(7) })
  expect(await story.keys()).toEqual({ [held]: 'Active', [story.heldKey()]: 'Active' })
  expect(story.heldKey()).not.toBe(held)
})
