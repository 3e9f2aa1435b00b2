import type { Outcome } from '../../src/decide/outcome'
import { outputsOf } from '../../src/decide/outcome'
import { connect, type ConnectRequest } from '../../src/run/connect'
import type { StoreOutputs } from '../../src/store/outputs'
import type { StoreSpec } from '../../src/store/spec'
import { ValohaiError } from '../../src/valohai'
import {
  BUCKET,
  createKey,
  DAY,
  deleteKey,
  emptyCloud,
  fakeWorld,
  requestOf,
  ROLE_ARN,
  USER_ARN,
  works,
  type Cloud,
  type FakeStore,
  type FakeWorld,
} from '../support/fake-world'

const USER = `valohai-${BUCKET}`

let cloud: Cloud

beforeEach(() => {
  cloud = emptyCloud()
  createKey(cloud, USER)
})

afterEach(() => {
  expect(cloud.broken).toEqual([])
})

/** What Terraform would hand out of the user's keys by now. */
function outputs(change: Partial<StoreOutputs> = {}): StoreOutputs {
  const keys = [...cloud.keys.values()].filter(({ user }) => user === USER)
  return {
    bucket: { name: BUCKET, arn: `arn:aws:s3:::${BUCKET}`, region: 'eu-west-1' },
    user: { name: USER, arn: USER_ARN },
    role: { name: `${USER}-multipart`, arn: ROLE_ARN },
    kmsKeyArn: undefined,
    origin: 'https://app.valohai.com',
    keys: keys.map(({ id, created }) => ({ generation: id.replace('AKIA', ''), id, created })),
    secret: keys.at(-1)?.secret ?? '',
    ...change,
  }
}

const asked = (given = outputs(), store: Partial<StoreSpec> = {}): ConnectRequest => ({
  ...requestOf({ command: 'connect' }, { multipartRoleName: given.role?.name, ...store }),
  outputs: given,
})

async function connected(
  request = asked(),
  options: Parameters<typeof fakeWorld>[1] & { readonly uploads?: boolean } = {},
): Promise<{ world: FakeWorld; outcome: Outcome; outputs: Record<string, string> }> {
  const world = fakeWorld(cloud, options)
  const { uploads = true } = options
  const aws = { ...world.aws, preflight: () => Promise.resolve({ uploads, downloads: true }) }
  const outcome = await connect(request, { ...world, aws })
  return { world, outcome, outputs: outputsOf(outcome, request) }
}

const store = (): FakeStore => {
  expect(cloud.stores.size).toBe(1)
  return [...cloud.stores.values()][0]!
}
const writes = ({ log }: FakeWorld): readonly string[] =>
  log.filter((name) => /^valohai\.(save|change|make)/.test(name))

test('the store is created with the key, and made the default', async () => {
  const { outputs, world } = await connected()
  expect(outputs).toMatchObject({ changes: 'true', 'store-action': 'created', 'default-store': 'true' })
  // The store and the default: of Terraform there is nothing to approve.
  expect(outputs['plan-digest']?.split(',')).toHaveLength(2)
  expect(outputs).not.toHaveProperty('terraform-dir')
  expect(store()).toMatchObject({ bucket: BUCKET, multipartRoleArn: ROLE_ARN, accessKeyId: 'AKIA1' })
  expect(works(cloud, store())).toBe(true)
  expect(cloud.projects[0]?.defaultStoreId).toBe(store().id)
  // The secret is masked before anything is done with it.
  expect(world.log[0]).toBe('mask secret-of-AKIA1')
  expect(world.log.findIndex((name) => name.startsWith('aws.prove'))).toBeLessThan(
    world.log.findIndex((name) => name.startsWith('valohai.save')),
  )
  expect([...world.told, ...world.warned].join('\n')).not.toContain('secret-of')
})

test('again, nothing is written', async () => {
  await connected()
  const { world, outputs } = await connected()
  expect(outputs).toMatchObject({
    changes: 'false',
    'store-action': 'unchanged',
    'plan-digest': 'none',
    'key-retires-on': '',
  })
  expect(writes(world)).toEqual([])
})

test('only what was applied is asked of AWS: the key itself', async () => {
  const { world } = await connected()
  expect(world.log.filter((name) => /^(aws|state|openTerraform)/.test(name))).toEqual([
    'aws.proveCredentials AKIA1 secret-of-AKIA1',
  ])
})

test('another field with the same key: no key is told to go', async () => {
  await connected()
  const { outputs: told } = await connected(asked(outputs({ role: undefined })))
  expect(told).toMatchObject({ 'store-action': 'updated', 'access-key-id': 'AKIA1', 'key-retires-on': '' })
})

test('a rotation: the newest generation, and the day from which the old one may go', async () => {
  await connected()
  createKey(cloud, USER)
  const { world, outputs } = await connected()
  const until = new Date(cloud.time + 7 * DAY).toISOString().slice(0, 10)
  expect(outputs).toMatchObject({
    'store-action': 'updated',
    'access-key-id': 'AKIA2',
    'key-retires-on': until,
  })
  expect(world.told).toContain(
    "The outputs have 2 access keys: the newest generation, 2 (AKIA2), is the store's.",
  )
  expect(world.told).toContain('The store holds the access key AKIA2, generation 2.')
  expect(world.told).toContain(
    `The access key AKIA1, generation 1, may go from ${until} on: take "1" out of access_key_generations and apply.`,
  )
  // The same day in every later run; then it is over, and the generation is taken out.
  cloud.time += 3 * DAY
  const later = await connected()
  expect(later.outputs).toMatchObject({ changes: 'false', 'key-retires-on': until })
  cloud.time += 5 * DAY
  expect((await connected()).world.told.join('\n')).toContain('AKIA1, generation 1, may go now')
  deleteKey(cloud, 'AKIA1')
  expect((await connected()).outputs).toMatchObject({ changes: 'false', 'key-retires-on': '' })
})

test('where Valohai does not show when the store was written, no key may go on the strength of its age', async () => {
  cloud.timesHidden = true
  await connected()
  createKey(cloud, USER)
  cloud.time += 30 * DAY
  const until = new Date(cloud.time + 7 * DAY).toISOString().slice(0, 10)
  for (const action of ['updated', 'unchanged']) {
    const { outputs } = await connected()
    expect(outputs).toMatchObject({ 'store-action': action, 'key-retires-on': until })
  }
})

test('with key-grace-days: 0 the old one may go at once', async () => {
  await connected()
  createKey(cloud, USER)
  const { world, outputs } = await connected(asked(undefined, { keyGraceDays: 0 }))
  expect(outputs).toMatchObject({ 'key-retires-on': '' })
  expect(world.told.join('\n')).toContain('AKIA1, generation 1, may go now')
})

test('where Valohai hides the key, it is written again', async () => {
  cloud.keyIdHidden = true
  await connected()
  const { outputs } = await connected()
  expect(outputs).toMatchObject({ changes: 'true', 'store-action': 'updated' })
  expect(works(cloud, store())).toBe(true)
})

describe('a store with a key that is not among the outputs', () => {
  beforeEach(async () => {
    await connected()
    createKey(cloud, 'somebody')
    cloud.stores.set(store().id, { ...store(), accessKeyId: 'AKIA2', secret: 'secret-of-AKIA2' })
  })

  test('stops it, with nothing written', async () => {
    const world = connected()
    await expect(world).rejects.toThrow(/AKIA2, which is not among the outputs' \(AKIA1\).*[^]*adopt: true/)
    expect(store().accessKeyId).toBe('AKIA2')
  })

  test('is taken over with adopt', async () => {
    await connected(asked(undefined, { adopt: true }))
    expect(store()).toMatchObject({ accessKeyId: 'AKIA1' })
    expect(cloud.keys.has('AKIA2')).toBe(true)
  })
})

test("a store of another project with one of the outputs' keys stops it", async () => {
  await connected()
  const request = asked()
  const other = { ...request, valohai: { ...request.valohai!, projects: ['acme/vision'] as const } }
  await expect(connected(other)).rejects.toThrow(
    /of another project works with an access key of these outputs.*[^]*export and apply Terraform of its own with:/,
  )
  expect(cloud.stores.size).toBe(1)
})

test('what somebody changed of the store is put back, its name is left', async () => {
  await connected()
  cloud.stores.set(store().id, { ...store(), name: 'theirs', multipartRoleArn: '' })
  expect((await connected()).outputs).toMatchObject({ 'store-action': 'updated' })
  expect(store()).toMatchObject({ name: 'theirs', multipartRoleArn: ROLE_ARN })
  expect((await connected(asked(undefined, { storeName: 'ours' }))).outputs).toMatchObject({
    changes: 'true',
  })
  expect(store().name).toBe('ours')
})

test('a secret that is not of this key stops it before Valohai is given it', async () => {
  const wrong = connected(asked(outputs({ secret: 'secret-of-another' })))
  await expect(wrong).rejects.toThrow(/Prove the access key: failed[^]*Nothing was made or changed/)
  expect(cloud.stores.size).toBe(0)
})

test("another installation's origin is told, with the variable to set", async () => {
  const given = asked(undefined, { valohaiOrigin: 'https://valohai.example.com' })
  const { world } = await connected(given, { uploads: false })
  expect(world.warned.join('\n')).toMatch(
    /Set the variable `valohai_origin` to "https:\/\/valohai.example.com"/,
  )
  // Rules of others may let it.
  expect((await connected(given)).world.warned).toEqual([])
  const none = await connected(asked(outputs({ origin: undefined })), { uploads: false })
  expect(none.world.warned.join('\n')).toContain('"AllowedMethods":["POST"]')
})

test('Valohai refuses the default after the store was made: said so, and the next run ends it', async () => {
  const { world } = await connected()
  const at = world.log.indexOf('valohai.makeDefault')
  cloud.stores.clear()
  cloud.projects[0]!.defaultStoreId = null
  const failed = connected(asked(), { fault: { at, when: 'refused' } })
  await expect(failed).rejects.toThrow(
    /What exists now:\n- The data store "my-bucket" \(store-1\) in Valohai/,
  )
  await expect(failed).rejects.toMatchObject({ cause: expect.any(ValohaiError) })
  const { outputs } = await connected()
  expect(outputs).toMatchObject({ 'store-action': 'unchanged', changes: 'true', 'default-store': 'true' })
})
