import type { StepResult } from '../support/action-runner'
import { readKeys, readUser } from '../support/describe-aws'
import type { StandInProject, StandInStore } from '../support/valohai-stand-in'
import { openSandbox, type Sandbox } from './sandbox'
import { inDays, useStore } from './story'

const BUCKET = 'acme-projects'
const VISION = { 'valohai-project': 'acme/vision' }
/** What the refusal says to add. */
const OWN = { ...VISION, 'manage-bucket': 'false' }
const SHARED = {
  bucket: 'acme-shared',
  'store-access': 'organization',
  'valohai-project': 'acme/fraud\nacme/uplift',
}

// One story, in order: each test begins where the one before it ended.
let sandbox: Sandbox

beforeAll(async () => {
  const projects = ['churn-model', 'vision', 'fraud', 'uplift'].map((name, index) => ({
    name,
    id: `0185c0de-0000-4000-8000-00000000000${index + 1}`,
  }))
  sandbox = await openSandbox(BUCKET, { projects })
  await run(0)
})

afterAll(() => sandbox.close())

/** A run that has to end with this code. Whatever it did, executions of every project go on. */
async function run(exitCode: number, inputs: Readonly<Record<string, string>> = {}): Promise<StepResult> {
  const step = await sandbox.step(inputs)
  if (step.exitCode !== exitCode) throw new Error(`It ended with ${step.exitCode}:\n${step.stdout}`)
  for (const store of sandbox.valohai.state.stores) await useStore(sandbox.emulator, store)
  return step
}

const projectOf = (name: string): StandInProject =>
  sandbox.valohai.state.projects.find((project) => project.name === name)!

/** The store that is the project's default. */
const storeOf = (name: string): StandInStore =>
  sandbox.valohai.state.stores.find(({ id }) => id === projectOf(name).default_store)!

const keyOf = (name: string): string => String(storeOf(name).configuration.access_key_id)

const keys = (): Promise<Record<string, string | undefined>[]> =>
  Promise.all(
    [`valohai-${BUCKET}`, `valohai-${BUCKET}-acme-vision`].map((user) => readKeys(sandbox.emulator, user)),
  )

test.each(['plan', 'apply'])(
  'a second project on the same bucket is refused by %s, with the lines for both ways out',
  async (command) => {
    const stores = structuredClone(sandbox.valohai.state.stores)
    const { keys: before } = await readUser(sandbox.emulator, `valohai-${BUCKET}`)
    const { stdout } = await run(1, { ...VISION, command })
    expect(stdout).toContain('works with an access key of this state, so nothing is changed')
    expect(stdout).toContain('    manage-bucket: false')
    expect(stdout).toContain('    store-access: organization')
    expect(sandbox.valohai.state.stores).toEqual(stores)
    expect(projectOf('vision').default_store).toBeNull()
    const { keys: after } = await readUser(sandbox.emulator, `valohai-${BUCKET}`)
    expect(after).toEqual(before)
  },
)

test('with manage-bucket: false it gets a user, a key, a role, a store and a state of its own', async () => {
  const churn = structuredClone(storeOf('churn-model'))
  const { outputs } = await run(0, OWN)
  expect(outputs).toMatchObject({
    'store-action': 'created',
    'default-store': 'true',
    'iam-user-arn': `arn:aws:iam::123456789012:user/valohai-${BUCKET}-acme-vision`,
    'multipart-role-arn': `arn:aws:iam::123456789012:role/valohai-${BUCKET}-acme-vision-multipart`,
  })
  expect(storeOf('vision')).toMatchObject({
    id: outputs['store-id'],
    name: `${BUCKET}-acme-vision`,
    project: projectOf('vision').id,
    access_mode: 'single_project',
    configuration: { bucket: BUCKET, multipart_upload_iam_role: outputs['multipart-role-arn'] },
  })
  expect(storeOf('churn-model')).toEqual(churn)
  expect(await keys()).toEqual([{ [keyOf('churn-model')]: 'Active' }, { [keyOf('vision')]: 'Active' }])
})

test('a second run of either changes nothing', async () => {
  const before = structuredClone(sandbox.valohai.state.stores)
  expect((await run(0)).outputs).toMatchObject({ changes: 'false', 'access-key-id': keyOf('churn-model') })
  expect((await run(0, OWN)).outputs).toMatchObject({ changes: 'false', 'access-key-id': keyOf('vision') })
  expect(sandbox.valohai.state.stores).toEqual(before)
})

test('a rotation of one leaves the other alone', async () => {
  const churn = structuredClone(storeOf('churn-model'))
  const old = keyOf('vision')
  const { outputs } = await run(0, { ...OWN, command: 'rotate-key' })
  expect(outputs).toMatchObject({ 'store-action': 'updated', 'key-retires-on': inDays(7) })
  expect(storeOf('churn-model')).toEqual(churn)
  expect(await keys()).toEqual([
    { [keyOf('churn-model')]: 'Active' },
    { [old]: 'Active', [keyOf('vision')]: 'Active' },
  ])
  expect(keyOf('vision')).not.toBe(old)
})

test('a store for the organization is one store, and the default of each project that is listed', async () => {
  const others = structuredClone(['churn-model', 'vision'].map(storeOf))
  const { outputs } = await run(0, SHARED)
  expect(outputs).toMatchObject({ 'store-action': 'created', 'default-store': 'true' })
  expect(storeOf('fraud')).toMatchObject({
    id: outputs['store-id'],
    project: null,
    access_mode: 'owner_organization',
    configuration: { bucket: SHARED.bucket },
  })
  expect(storeOf('uplift')).toBe(storeOf('fraud'))
  expect(['churn-model', 'vision'].map(storeOf)).toEqual(others)
  expect(sandbox.storesPosted()).toBe(3)
  expect((await run(0, SHARED)).outputs).toMatchObject({ changes: 'false', 'default-store': 'true' })
})
