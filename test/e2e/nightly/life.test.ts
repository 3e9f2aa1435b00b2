import { CreateAccessKeyCommand, DeleteAccessKeyCommand, UpdateAccessKeyCommand } from '@aws-sdk/client-iam'
import { iamClient, readUser } from '../../support/describe-aws'
import { openStory, type Story } from '../story'

const BUCKET = 'acme-long-life'
const USER = `valohai-${BUCKET}`
const KMS_KEY = 'arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab'
const INPUTS = { multipart: 'false', 'kms-key-arn': KMS_KEY }

// One story, in order: each test begins where the one before it ended.
let story: Story

beforeAll(async () => {
  story = await openStory(BUCKET)
  await story.run(INPUTS)
})

// Whatever a run did or failed at, executions go on.
afterEach(() => story.useStore())

afterAll(() => story.sandbox.close())

test('a key that leaks while its predecessor is in its grace takes that one along', async () => {
  await story.run({ ...INPUTS, command: 'rotate-key' })
  expect(Object.keys(await story.keys())).toHaveLength(2)
  const leaked = story.heldKey()
  await story.run({ ...INPUTS, command: 'rotate-key', 'key-grace-days': '0' })
  expect(story.heldKey()).not.toBe(leaked)
  expect(await story.keys()).toEqual({ [story.heldKey()]: 'Active' })
  await story.expectConverged()
})

describe('a key that is not as a run left it', () => {
  const iam = () => iamClient(story.sandbox.emulator)

  test('deactivated by somebody: it is replaced, and never activated again', async () => {
    const leaked = story.heldKey()
    await iam().send(new UpdateAccessKeyCommand({ UserName: USER, AccessKeyId: leaked, Status: 'Inactive' }))
    const step = await story.run(INPUTS)
    expect(step.stdout).toMatch(new RegExp(`::warning.*${leaked} was deactivated by somebody`))
    expect(await story.keys()).toEqual({ [leaked]: 'Inactive', [story.heldKey()]: 'Active' })
    expect((await story.run(INPUTS)).outputs.changes).toBe('false')
    expect(await story.keys()).toEqual({ [leaked]: 'Inactive', [story.heldKey()]: 'Active' })
    await story.letDaysPass(15)
    await story.run(INPUTS)
    expect(await story.keys()).toEqual({ [story.heldKey()]: 'Active' })
  })

  test('made by hand: it is named and not touched, what needs room waits, and a rotation stops', async () => {
    const { AccessKey } = await iam().send(new CreateAccessKeyCommand({ UserName: USER }))
    const byHand = String(AccessKey?.AccessKeyId)
    const keys = await story.keys()

    const step = await story.run({ ...INPUTS, multipart: 'true' })
    expect(step.stdout).toMatch(new RegExp(`::warning.*${byHand} .*made by hand`))
    expect(step.stdout).toContain(`no room for another until ${byHand} is gone`)
    expect(step.outputs['store-action']).toBe('unchanged')

    const rotation = await story.runInVain({ ...INPUTS, command: 'rotate-key' })
    expect(rotation.stdout).toContain(`Find out who uses ${byHand}, and delete it in IAM`)
    expect(await story.keys()).toEqual(keys)

    await iam().send(new DeleteAccessKeyCommand({ UserName: USER, AccessKeyId: byHand }))
    expect((await story.run({ ...INPUTS, multipart: 'true' })).outputs['store-action']).toBe('updated')
    await story.expectConverged()
  })
})

test('an earlier KMS key can be used while a key of its time is in its grace, and decrypts what it wrote for ever', async () => {
  await story.letDaysPass(15)
  await story.run()
  expect(story.onlyStore().configuration.kms_key_arn).toBe('')
  expect(await kmsActions()).toContain('kms:GenerateDataKey')

  await story.letDaysPass(15)
  await story.run()
  expect(await kmsActions()).toEqual(['kms:Decrypt'])
  expect((await story.run()).outputs.changes).toBe('false')
})

/** What the user may do with the KMS key. */
async function kmsActions(): Promise<string[]> {
  const { policy } = await readUser(story.sandbox.emulator, USER)
  const { Statement } = policy as { Statement: { Action: string[]; Resource: string[] }[] }
  return Statement.filter(({ Resource }) => Resource.includes(KMS_KEY)).flatMap(({ Action }) => Action)
}
