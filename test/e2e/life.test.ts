import { ListUsersCommand } from '@aws-sdk/client-iam'
import { iamClient, readBucket, readRole, readState, readUser } from '../support/describe-aws'
import { inDays, openStory, type Story } from './story'

const BUCKET = 'acme-life'
const USER = `valohai-${BUCKET}`
const ROLE = `valohai-${BUCKET}-multipart`
const KMS_KEY = 'arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab'
/** What people set in Valohai's web app. A PATCH of the configuration replaces all of it. */
const OPTIONS = {
  use_presigned_put_object: true,
  skip_upload_file_name_check: true,
  role_arn: 'arn:aws:iam::123456789012:role/assumed-by-valohai',
}

// One story, in order: each test begins where the one before it ended.
let story: Story

beforeAll(async () => {
  story = await openStory(BUCKET)
  await story.run()
})

// Whatever a run did or failed at, executions go on.
afterEach(() => story.useStore())

afterAll(() => story.sandbox.close())

/** Everything that a run could have touched, and when. */
const everything = async (): Promise<unknown> => ({
  keys: await story.keys(),
  user: await readUser(story.sandbox.emulator, USER),
  role: await readRole(story.sandbox.emulator, ROLE),
  bucket: await readBucket(story.sandbox.emulator, BUCKET),
  state: await readState(story.sandbox.emulator, BUCKET),
  store: structuredClone(story.onlyStore()),
  writes: story.sandbox.valohai.state.requests.filter(({ method }) => method !== 'GET').length,
})

test('a store that an admin renamed and shared, with options of its own, is found and left as it is', async () => {
  Object.assign(story.onlyStore(), {
    name: 'The churn outputs',
    project: null,
    access_mode: 'owner_organization',
  })
  Object.assign(story.onlyStore().configuration, OPTIONS)
  const step = await story.run()
  expect(step.outputs).toMatchObject({ changes: 'false', 'store-action': 'unchanged' })
  expect(story.onlyStore()).toMatchObject({ name: 'The churn outputs', access_mode: 'owner_organization' })
  await story.expectConverged()
})

test.each(['plan', 'apply'])(
  'another iam-user-name is refused by %s, and nothing is touched',
  async (command) => {
    const before = await everything()
    const step = await story.runInVain({ command, 'iam-user-name': 'another-user' })
    expect(step.stdout).toContain(
      `The IAM user is called ${USER}, and would have to be renamed to another-user`,
    )
    expect(step.stdout).toContain(`iam-user-name: ${USER}`)
    expect(await everything()).toEqual(before)
    const { Users = [] } = await iamClient(story.sandbox.emulator).send(new ListUsersCommand({}))
    expect(Users.map(({ UserName }) => UserName)).toEqual([USER])
  },
)

test('where Valohai refuses the update, the role stays for as long as the store names it', async () => {
  const [before, held] = [await story.keys(), story.heldKey()]
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

  const { role } = await readRole(story.sandbox.emulator, ROLE)
  expect(story.onlyStore().configuration.multipart_upload_iam_role).toBe(role?.Arn)
  // The key that it made was not taken, and is gone again.
  expect(story.heldKey()).toBe(held)
  expect(await story.keys()).toEqual(before)
})

test('a setting that needs a new key leaves the old one in its grace, and the options of people where they were', async () => {
  const before = story.heldKey()
  const step = await story.run({ multipart: 'false' })
  expect(step.outputs).toMatchObject({
    'store-action': 'updated',
    'access-key-id': story.heldKey(),
    'key-retires-on': inDays(7),
  })
  expect(story.heldKey()).not.toBe(before)
  expect(await story.keys()).toEqual({ [before]: 'Active', [story.heldKey()]: 'Active' })
  const { name, configuration } = story.onlyStore()
  expect(name).toBe('The churn outputs')
  expect(configuration).toMatchObject({ ...OPTIONS, multipart_upload_iam_role: '' })
  await expect(readRole(story.sandbox.emulator, ROLE)).rejects.toThrow()
  const again = await story.run({ multipart: 'false' })
  expect(again.outputs).toMatchObject({ changes: 'false', 'key-retires-on': inDays(7) })
})

test('what finds no room for a third key waits for its day, and the rest of the run goes on', async () => {
  const keys = await story.keys()
  const step = await story.run({ multipart: 'false', 'kms-key-arn': KMS_KEY, tags: 'team=ml' })
  expect(step.stdout).toMatch(new RegExp(`Waits: kms_key_arn of the store is set.* until ${inDays(7)}`))
  expect(step.outputs['store-action']).toBe('unchanged')
  expect(await story.keys()).toEqual(keys)
  const { tags } = await readBucket(story.sandbox.emulator, BUCKET)
  expect(tags).toHaveLength(2)
  expect(tags).toContainEqual({ Key: 'team', Value: 'ml' })
  expect(tags).toContainEqual({
    Key: 'valohai-s3:state',
    Value: `s3://${BUCKET}-tfstate/valohai-s3/${BUCKET}.tfstate`,
  })
})

test('once the grace is over the old key goes first, and what waited is done', async () => {
  const [old, before] = Object.keys(await story.keys())
  // Twice the grace: the key was used within the last day, which keeps it for one more.
  await story.letDaysPass(15)
  const step = await story.run({ multipart: 'false', 'kms-key-arn': KMS_KEY })
  expect(step.outputs['store-action']).toBe('updated')
  expect(story.onlyStore().configuration.kms_key_arn).toBe(KMS_KEY)
  expect(await story.keys()).toEqual({ [before!]: 'Active', [story.heldKey()]: 'Active' })
  expect(await story.keys()).not.toHaveProperty(old!)
  await story.expectConverged()
})
