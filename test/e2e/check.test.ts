import { DeletePublicAccessBlockCommand } from '@aws-sdk/client-s3'
import { s3Client } from '../support/describe-aws'
import { openStory, type Story } from './story'

const BUCKET = 'acme-checked'

let story: Story

beforeAll(async () => {
  story = await openStory(BUCKET)
  await story.run()
})

afterAll(() => story.sandbox.close())

// Every kind of drift is in the unit tests, and those by hand in the nightly ones.
test('drift in both worlds is named and fails the step; one apply puts it back, and then it is silent', async () => {
  await s3Client(story.sandbox.emulator).send(new DeletePublicAccessBlockCommand({ Bucket: BUCKET }))
  // Somebody pasted the wrong thing: what is found is shown, and no secret is.
  const { valohai } = story.sandbox
  story.onlyStore().configuration.region = `eu-${valohai.token}`
  const before = story.sandbox.valohai.state.requests.length
  const found = await story.runInVain({ command: 'check' })
  expect(found.outputs.drift).toBe('true')
  expect(found.stdout).toContain('Public access block: missing')
  expect(found.stdout).toContain('region of the data store')
  expect(found.outputs.findings).toContain('eu-***')
  expect(JSON.stringify([found.outputs, found.summary])).not.toContain(valohai.token)
  const sent = story.sandbox.valohai.state.requests.slice(before)
  expect(sent.filter(({ method }) => method !== 'GET')).toEqual([])
  await story.run()
  const silent = await story.run({ command: 'check' })
  expect(silent.outputs).toMatchObject({ drift: 'false', findings: '[]' })
})
