import { outputsOf as actionOutputs, type Outcome } from '../../src/decide/outcome'
import { RunFailed } from '../../src/reporting/failure'
import type { S3Backend } from '../../src/config'
import type { RunRequest } from '../../src/run/act/context'
import { run } from '../../src/run/run'
import type * as Memoized from '../support/memoized-synthesis'
import {
  createKey,
  DAY,
  emptyCloud,
  fakeWorld,
  requestOf,
  ROLE_ARN,
  stateOf,
  works,
  type Cloud,
  type FakeStore,
  type FakeWorld,
} from '../support/fake-world'

// A run synthesizes in 40 ms what it synthesized before: here thousands of runs ask for the same.
jest.mock('../../src/infra/synthesize', () =>
  jest.requireActual<typeof Memoized>('../support/memoized-synthesis').memoized(),
)

let cloud: Cloud

beforeEach(() => {
  cloud = emptyCloud()
})

afterEach(() => {
  expect(cloud.broken).toEqual([])
  expect([...cloud.locked]).toEqual([])
})

type Options = Parameters<typeof fakeWorld>[1]

/** One run to its end. */
async function runOnce(
  request: RunRequest = requestOf(),
  options: Options = {},
): Promise<{ world: FakeWorld; outcome: Outcome }> {
  cloud.graceDays = request.store.keyGraceDays
  const world = fakeWorld(cloud, { request, ...options })
  return { world, outcome: await run(request, world) }
}

/** One run that fails. */
async function failOnce(
  request: RunRequest = requestOf(),
  options: Options = {},
): Promise<{ world: FakeWorld; error: RunFailed }> {
  cloud.graceDays = request.store.keyGraceDays
  const world = fakeWorld(cloud, { request, ...options })
  const error: unknown = await run(request, world).then(
    () => new Error('The run was expected to fail.'),
    (cause: unknown) => cause,
  )
  expect(error).toBeInstanceOf(RunFailed)
  return { world, error: error as RunFailed }
}

/** Where an operation comes in the next run. */
async function placeOf(name: string, request = requestOf()): Promise<number> {
  const rehearsal = fakeWorld(structuredClone(cloud), { request })
  await run(request, rehearsal)
  const place = rehearsal.log.findIndex((one) => one.startsWith(name))
  expect(place).toBeGreaterThanOrEqual(0)
  return place
}

const onlyStore = (): FakeStore => {
  const live = [...cloud.stores.values()].filter(({ deleted }) => !deleted)
  expect(live).toHaveLength(1)
  return live[0]!
}

const keyIds = (): string[] => [...cloud.keys.keys()]

const change = (fields: Partial<FakeStore>): void => {
  const store = onlyStore()
  cloud.stores.set(store.id, { ...store, ...fields })
}

/** What every run is to end in: one bucket, one store that works with its key, made the default. */
function expectLinked(): void {
  expect(cloud).toMatchObject({ stateBucket: true, bucket: true })
  expect([cloud.users.size, cloud.roles.size]).toEqual([1, 1])
  expect(onlyStore()).toMatchObject({ bucket: 'my-bucket', region: 'eu-west-1', multipartRoleArn: ROLE_ARN })
  expect(works(cloud, onlyStore())).toBe(true)
  expect(cloud.projects[0]?.defaultStoreId).toBe(onlyStore().id)
  expect(cloud.keys.size).toBeLessThanOrEqual(2)
}

/** Later, when every grace is over: one key is left, the one that the store holds. */
async function expectSettled(request = requestOf()): Promise<void> {
  cloud.time += 30 * DAY
  await runOnce(request)
  expect(keyIds()).toEqual([onlyStore().accessKeyId])
  expect((await runOnce(request)).outcome.changes).toBe(false)
}

describe('the first apply', () => {
  it('goes its way in order', async () => {
    const { world, outcome } = await runOnce()
    const { id, secret } = [...cloud.keys.values()][0]!
    expect(world.log).toEqual([
      'aws.findAccount',
      'openTerraform',
      'state.look',
      // Before the first write of all; and again under the lock.
      'valohai.findProjects',
      'valohai.listStores',
      'aws.listKeys',
      'aws.findExisting',
      'state.make',
      'state.takeLock',
      'terraform.init',
      'valohai.findProjects',
      'state.read',
      'valohai.listStores',
      'aws.listKeys',
      'aws.findExisting',
      'terraform.plan',
      'state.confirm',
      'state.note 1 asked',
      'terraform.apply',
      'create aws_s3_bucket.store',
      'create aws_iam_user.store',
      'create aws_iam_role.multipart',
      'create aws_iam_access_key.store["1"]',
      'state.read',
      'state.note 1 made',
      'aws.listKeys',
      `mask ${secret}`,
      `aws.proveCredentials ${id} ${secret}`,
      'state.note 1 offered',
      `valohai.saveStore ${id} ${secret}`,
      'state.note 1 taken',
      'state.confirm',
      'valohai.makeDefault',
      'release the lock',
    ])
    expectLinked()
    expect(outcome).toMatchObject({
      command: 'apply',
      changes: true,
      aws: { toAdd: 4, toDestroy: 0, multipartRoleArn: ROLE_ARN },
      keys: { current: { id }, retiring: [] },
      waits: [],
      valohai: {
        project: 'acme/churn-model',
        storeId: 'store-1',
        action: 'created',
        newKey: true,
        defaultStore: { before: undefined, changes: true, isThisStore: true },
      },
    })
  })

  it('hands Terraform the public half of a fresh key pair, in every run another', async () => {
    const first = await runOnce()
    expect(first.world.files.get('terraform.tfvars.json')).toContain('"public-key-1"')
    const second = await runOnce()
    expect(second.world.files.get('terraform.tfvars.json')).toContain('"public-key-2"')
  })

  it('writes no secret anywhere but into the store', async () => {
    const request = requestOf()
    const { world, outcome } = await runOnce(request)
    const secret = onlyStore().secret
    const everything = JSON.stringify([
      [...world.files],
      [...cloud.records],
      world.told,
      world.warned,
      world.steps,
      outcome,
      actionOutputs(outcome, request),
    ])
    expect(everything).not.toContain(secret)
    expect(everything).not.toContain('the-token')
    const first = world.log.findIndex((entry) => entry.includes(secret))
    expect(world.log[first]).toBe(`mask ${secret}`)
  })

  it('leaves the default alone where it is told to', async () => {
    cloud.projects[0]!.defaultStoreId = 'another-store'
    const { world, outcome } = await runOnce(requestOf({}, { setDefault: false }))
    expect(world.log).not.toContain('valohai.makeDefault')
    expect(cloud.projects[0]!.defaultStoreId).toBe('another-store')
    expect(outcome.valohai?.defaultStore).toEqual({
      before: 'another-store',
      changes: false,
      isThisStore: false,
    })
  })

  it('makes no role and gives the store none where multipart is off', async () => {
    await runOnce(requestOf({}, { multipart: false }))
    expect(cloud.roles.size).toBe(0)
    expect(onlyStore().multipartRoleArn).toBe('')
  })

  it('makes no state bucket for another backend, and Terraform reads the state', async () => {
    const { terraform } = requestOf()
    const backend = { type: 'gcs', settings: { bucket: 'theirs' } } as const
    const request = requestOf({ terraform: { ...terraform, backend } })
    const { world } = await runOnce(request)
    expect(world.log.filter((name) => name.startsWith('state.'))).toEqual([])
    expect(world.log).toContain('terraform.pull')
    expect(world.files.get('backend.tf')).toContain('backend "gcs"')
    expect((await runOnce(request)).outcome.changes).toBe(false)
  })
})

describe('a further apply', () => {
  beforeEach(async () => {
    await runOnce()
  })

  it('changes nothing where nothing is to change, and says so', async () => {
    const before = structuredClone({ ...cloud, envelopes: 0, time: 0 })
    const { world, outcome } = await runOnce()
    expect({ ...cloud, envelopes: 0, time: 0 }).toEqual(before)
    // One look, one init, one plan.
    expect(world.log).toEqual([
      'aws.findAccount',
      'openTerraform',
      'state.look',
      'state.takeLock',
      'terraform.init',
      'valohai.findProjects',
      'state.read',
      'valohai.listStores',
      'aws.listKeys',
      'aws.findExisting',
      'terraform.plan',
      'release the lock',
    ])
    expect(world.told).toContain('No changes')
    expect(outcome).toMatchObject({
      changes: false,
      aws: { toAdd: 0, toChange: 0, toDestroy: 0, changes: [] },
      keys: { current: { id: keyIds()[0] }, retiring: [] },
      valohai: { action: 'unchanged', newKey: false, defaultStore: { changes: false, isThisStore: true } },
    })
  })

  it('renames the store without a new key, where a name is asked for', async () => {
    const ids = keyIds()
    const { world, outcome } = await runOnce(requestOf({}, { storeName: 'Our outputs' }))
    expect(world.log).toContain('valohai.changeStore')
    expect(world.log.join()).not.toMatch(/saveStore|prove|apply|mask/)
    expect(onlyStore().name).toBe('Our outputs')
    expect(keyIds()).toEqual(ids)
    expect(outcome).toMatchObject({
      changes: true,
      valohai: { action: 'updated', fields: ['name'], newKey: false, storeName: 'Our outputs' },
    })
  })

  it('leaves a name alone that somebody gave the store, also where it has to be written', async () => {
    change({ name: 'Renamed by an admin' })
    expect((await runOnce()).outcome.changes).toBe(false)
    change({ region: 'us-east-1' })
    await runOnce()
    expect(onlyStore()).toMatchObject({ name: 'Renamed by an admin', region: 'eu-west-1' })
  })

  it('makes the next key where somebody deleted the store; the old one stays as long as it may be held', async () => {
    const [old] = keyIds()
    cloud.stores.clear()
    const { outcome } = await runOnce()
    expectLinked()
    expect(keyIds()).toEqual([old, onlyStore().accessKeyId])
    expect(outcome.valohai).toMatchObject({ action: 'created', newKey: true })
    await expectSettled()
  })

  it('removes the old key at once where Valohai shows the store as deleted', async () => {
    const [old] = keyIds()
    change({ deleted: true })
    await runOnce()
    expectLinked()
    expect(keyIds()).not.toContain(old)
  })

  it('finds a store that an admin shared, by the key that it shows', async () => {
    const { projectId, ...shared } = onlyStore()
    expect(projectId).toBeDefined()
    cloud.stores.set(shared.id, shared)
    expect((await runOnce()).outcome.changes).toBe(false)
  })

  it('finds one that shows neither project nor key, by the record', async () => {
    const { projectId, ...shared } = onlyStore()
    expect(projectId).toBeDefined()
    cloud.stores.set(shared.id, shared)
    cloud.keyIdHidden = true
    expect((await runOnce()).outcome.changes).toBe(false)
  })

  it('keeps the old key in its grace, where a field of the store differs', async () => {
    const [old] = keyIds()
    change({ multipartRoleArn: 'arn:aws:iam::1:role/of-somebody' })
    const { world, outcome } = await runOnce()
    expectLinked()
    const made = world.log.indexOf('create aws_iam_access_key.store["2"]')
    const saved = world.log.findIndex((name) => name.startsWith('valohai.saveStore'))
    expect([made, saved].every((index) => index >= 0)).toBe(true)
    expect(made).toBeLessThan(saved)
    expect(keyIds()).toEqual([old, onlyStore().accessKeyId])
    expect(outcome).toMatchObject({
      aws: { toAdd: 1, toDestroy: 0 },
      keys: { current: { id: onlyStore().accessKeyId }, retiring: [{ id: old }] },
      valohai: { action: 'updated', fields: ['multipart_upload_iam_role'], newKey: true },
    })
    await expectSettled()
  })

  it('takes the role from AWS only once the store was written without it', async () => {
    const request = requestOf({}, { multipart: false })
    const { world, outcome } = await runOnce(request)
    expect(cloud.roles.size).toBe(0)
    expect(onlyStore().multipartRoleArn).toBe('')
    const saved = world.log.findIndex((name) => name.startsWith('valohai.saveStore'))
    expect(saved).toBeLessThan(world.log.indexOf('delete aws_iam_role.multipart'))
    expect(outcome.aws).toMatchObject({ toAdd: 1, toDestroy: 1, multipartRoleArn: undefined })
    expect((await runOnce(request)).outcome.changes).toBe(false)
  })

  it('keeps the role where the store cannot be written yet, and says what waits', async () => {
    change({ region: 'us-east-1' })
    await runOnce()
    const { world, outcome } = await runOnce(requestOf({}, { multipart: false }))
    expect(cloud.roles.size).toBe(1)
    expect(outcome).toMatchObject({
      changes: false,
      waits: [{ what: 'multipart_upload_iam_role of the store is set', until: expect.any(Date) }],
    })
    expect(world.warned.join()).toMatch(
      /Waits: multipart_upload_iam_role.*no room for another until 2026-01-08/,
    )
    cloud.time += 8 * DAY
    await runOnce(requestOf({}, { multipart: false }))
    expect(cloud.roles.size).toBe(0)
  })

  it('gives the store a key of its own in place of one that somebody deleted in IAM', async () => {
    cloud.keys.clear()
    await runOnce()
    expectLinked()
  })

  it('makes it the default again where somebody chose another one', async () => {
    cloud.projects[0]!.defaultStoreId = 'another-store'
    const { outcome } = await runOnce()
    expectLinked()
    expect(outcome).toMatchObject({
      changes: true,
      valohai: { action: 'unchanged', defaultStore: { before: 'another-store', changes: true } },
    })
  })

  it.each([
    ['user', { iamUserName: 'another' }, 'iam-user-name: valohai-my-bucket'],
    ['role', { multipartRoleName: 'another' }, 'multipart-role-name: valohai-my-bucket-multipart'],
  ])('does not rename a %s in use, and says how to keep it', async (_what, store, line) => {
    const before = structuredClone(cloud.keys)
    for (const command of ['plan', 'apply']) {
      const { world, error } = await failOnce(requestOf({ command }, store))
      expect(error.message).toContain(`Set \`${line}\``)
      expect(world.log.join()).not.toMatch(/terraform\.plan|apply/)
    }
    expect(cloud.keys).toEqual(before)
  })
})

describe('the life of a key', () => {
  const rotate = (store = {}): RunRequest => requestOf({ command: 'rotate-key', wish: 'rotate-key' }, store)

  beforeEach(async () => {
    await runOnce()
  })

  it('a rotation: the new one is handed over, the old one stays seven days', async () => {
    const [old] = keyIds()
    const { outcome } = await runOnce(rotate())
    expectLinked()
    const [, current] = keyIds()
    expect(onlyStore().accessKeyId).toBe(current)
    expect(cloud.keys.get(old!)?.isActive).toBe(true)
    expect(actionOutputs(outcome, rotate())).toMatchObject({
      'access-key-id': current,
      'key-retires-on': '2026-01-08',
    })
    cloud.time += 6 * DAY
    expect((await runOnce()).outcome.changes).toBe(false)
    expect(keyIds()).toEqual([old, current])
    cloud.time += 2 * DAY
    const last = await runOnce()
    expect(last.outcome).toMatchObject({ changes: true, aws: { toDestroy: 1 }, keys: { retiring: [] } })
    expect(keyIds()).toEqual([current])
  })

  it('twice in a row is once', async () => {
    await runOnce(rotate())
    const before = keyIds()
    const { world, outcome } = await runOnce(rotate())
    expect(outcome.changes).toBe(false)
    expect(keyIds()).toEqual(before)
    expect(world.told.join()).toMatch(/was rotated already/)
  })

  it('of a key that leaked: the old one is gone as soon as the new one is read back, used lately or not', async () => {
    const [old] = keyIds()
    cloud.keys.get(old!)!.lastUsed = new Date(cloud.time)
    const { world } = await runOnce(rotate({ keyGraceDays: 0 }))
    expect(keyIds()).toEqual([onlyStore().accessKeyId])
    const taken = world.log.findIndex((entry) => entry.includes('2 taken'))
    expect(taken).toBeLessThan(world.log.indexOf('delete aws_iam_access_key.store["1"]'))
    // Once more, right after an ordinary one: the current one may have leaked too.
    await runOnce(rotate())
    const [, current] = keyIds()
    await runOnce(rotate({ keyGraceDays: 0 }))
    expect(keyIds()).not.toContain(current)
    expect(works(cloud, onlyStore())).toBe(true)
  })

  it('a replaced key that is still used stays for at most one more grace', async () => {
    const [old] = keyIds()
    await runOnce(rotate())
    for (const [days, isThere] of [
      [8, true],
      [5, true],
      [2, false],
    ] as const) {
      cloud.time += days * DAY
      if (cloud.keys.has(old!)) cloud.keys.get(old!)!.lastUsed = new Date(cloud.time - 1000)
      const { world, outcome } = await runOnce()
      expect([days, cloud.keys.has(old!)]).toEqual([days, isThere])
      if (isThere) {
        expect(outcome.keys.retiring).toMatchObject([{ because: 'it was used within the last day' }])
        expect(world.told.join()).toContain('it was used within the last day')
      }
    }
  })

  it('one whose secret people may have goes once IAM shows no use for seven days', async () => {
    const state = stateOf(cloud)
    const [old] = keyIds()
    state.keys.set('1', { ...state.keys.get('1')!, pgpKey: undefined })
    await runOnce(rotate())
    cloud.time += 20 * DAY
    cloud.keys.get(old!)!.lastUsed = new Date(cloud.time - 6 * DAY)
    const { outcome } = await runOnce()
    expect(outcome.keys.retiring).toMatchObject([
      { id: old, because: expect.stringContaining('in use elsewhere') },
    ])
    cloud.time += 2 * DAY
    await runOnce()
    expect(keyIds()).toEqual([onlyStore().accessKeyId])
  })

  it('is replaced by an apply once it is too old', async () => {
    const request = requestOf({}, { maxKeyAgeDays: 90 })
    cloud.time += 89 * DAY
    expect((await runOnce(request)).outcome.changes).toBe(false)
    cloud.time += 2 * DAY
    await runOnce(request)
    expect(cloud.keys.size).toBe(2)
    expectLinked()
    expect((await runOnce(request)).outcome.changes).toBe(false)
  })

  it('one that somebody deactivated is never activated again: it is replaced, with a warning', async () => {
    const [old] = keyIds()
    cloud.keys.get(old!)!.isActive = false
    const { world } = await runOnce()
    expectLinked()
    expect(cloud.keys.get(old!)?.isActive ?? false).toBe(false)
    expect(world.warned.join()).toMatch(/was deactivated by somebody/)
  })

  it('and gives way where room is needed: the other one is in its grace', async () => {
    await runOnce(rotate())
    const [predecessor, current] = keyIds()
    cloud.keys.get(current!)!.isActive = false
    await runOnce()
    expectLinked()
    expect(keyIds()).toEqual([predecessor, onlyStore().accessKeyId])
  })

  it('a key made by hand counts for room, is named and never touched', async () => {
    const byHand = createKey(cloud, 'valohai-my-bucket').id
    expect((await runOnce()).world.warned.join()).toContain(`${byHand} of 2026-01-01`)
    change({ region: 'us-east-1' })
    const { outcome } = await runOnce()
    expect(outcome.waits).toMatchObject([
      { what: 'region of the store is set', key: byHand, until: undefined },
    ])
    expect(cloud.keys.has(byHand)).toBe(true)
    const { error } = await failOnce(rotate())
    expect(error.message).toMatch(/IAM allows two for a user.*AKIA1 .*the current one.*AKIA2 .*made by hand/s)
    expect(error.message).toContain(`Find out who uses ${byHand}`)
  })

  it('one whose making was never answered is removed in the same run', async () => {
    change({ region: 'us-east-1' })
    let lost = ''
    await runOnce(requestOf(), {
      onOperation: (name) => {
        // The provider asks again after a lost answer, and IAM has made two.
        if (name === 'create aws_iam_access_key.store["2"]') {
          cloud.keys.delete('AKIA1')
          lost = createKey(cloud, 'valohai-my-bucket').id
        }
      },
    })
    expect(lost).not.toBe('')
    expect(cloud.keys.has(lost)).toBe(false)
    expect(works(cloud, onlyStore())).toBe(true)
  })
})

describe('a store that shows a key which no run gave it', () => {
  it('is given its own again', async () => {
    await runOnce()
    change({ accessKeyId: 'AKIASTRANGER' })
    const { world } = await runOnce()
    expectLinked()
    expect(world.warned.join()).toMatch(/AKIASTRANGER, which no run has given it/)
  })
})

describe('a store that somebody made', () => {
  const madeByHand = async (tag?: string): Promise<void> => {
    await runOnce()
    const { id } = createKey(cloud, 'by-hand')
    if (tag !== undefined) cloud.tags.set('user by-hand', tag)
    change({ accessKeyId: id })
    // Nothing here knows of it: a state of its own, with names of its own.
    cloud.states.clear()
    cloud.records.clear()
    cloud.users.clear()
    cloud.roles.clear()
    cloud.bucket = false
  }

  const OTHER = 's3://theirs/a/b.tfstate'

  it.each([
    ['nobody', undefined, /of the IAM user by-hand, which no run made, so nothing is changed/],
    ['a state', OTHER, /state-bucket: theirs\n {4}state-key: a\/b\.tfstate\n {4}iam-user-name: by-hand/],
    ['no state any more', OTHER, /holds no longer.*\n.*\n {4}adopt: true\n {4}iam-user-name: by-hand/],
  ])('is left alone, and it is said whose its key is: of %s', async (whose, tag, message) => {
    await madeByHand(tag)
    if (whose === 'a state') stateOf(cloud, OTHER).user = 'by-hand'
    for (const command of ['plan', 'apply']) {
      const { world, error } = await failOnce(requestOf({ command }))
      expect(error.message).toMatch(message)
      expect(world.log.join()).not.toMatch(/terraform\.plan|apply/)
    }
  })
})

describe('where the API hides the access key of a store', () => {
  beforeEach(() => {
    cloud.keyIdHidden = true
  })

  it('the second run changes nothing, by the record', async () => {
    await runOnce()
    expectLinked()
    expect((await runOnce()).outcome.changes).toBe(false)
    cloud.timesHidden = true
    expect((await runOnce()).outcome.changes).toBe(false)
    expectLinked()
  })

  it('a key that was made and never offered is removed by the run that failed', async () => {
    await runOnce()
    change({ region: 'us-east-1' })
    await failOnce(requestOf(), { fault: { at: await placeOf('aws.proveCredentials'), when: 'before' } })
    expect(cloud.keys.size).toBe(1)
    await runOnce()
    expectLinked()
  })

  it('one that was offered, with no word of what came of it: neither goes, and a person is told', async () => {
    await runOnce()
    change({ region: 'us-east-1' })
    const at = await placeOf('valohai.saveStore')
    await failOnce(requestOf(), { fault: { at, when: 'killed' } })
    const before = keyIds()
    expect(before).toHaveLength(2)
    for (let again = 0; again < 2; again += 1) {
      const { world } = await runOnce()
      expect(keyIds()).toEqual(before)
      expect(world.warned.join()).toMatch(/does not show which of the keys AKIA1 and AKIA2 the store holds/)
    }
    // A person looks, and deletes the one that is not held.
    const held = onlyStore().accessKeyId
    cloud.keys.delete(before.find((id) => id !== held)!)
    await runOnce()
    expectLinked()
  })
})

describe('a configuration that somebody applied by hand, without a pgp_key', () => {
  beforeEach(() => {
    Object.assign(cloud, { stateBucket: true, bucket: true })
    cloud.users.add('valohai-my-bucket')
    cloud.roles.add('valohai-my-bucket-multipart')
    const { id, created } = createKey(cloud, 'valohai-my-bucket')
    const keys = new Map([['1', { id, created, pgpKey: undefined, secret: 'secret-in-plain' }]])
    Object.assign(stateOf(cloud), {
      bucket: true,
      user: 'valohai-my-bucket',
      role: 'valohai-my-bucket-multipart',
      keys,
    })
  })

  it('has its secret masked as soon as it is read, and handed to nobody', async () => {
    const { world, outcome } = await runOnce()
    expectLinked()
    expect(onlyStore().accessKeyId).not.toBe('AKIA1')
    expect(world.log.indexOf('mask secret-in-plain')).toBe(world.log.indexOf('state.read') + 1)
    expect(JSON.stringify([outcome, world.told])).not.toContain('secret-in-plain')
    expect(world.log.join()).not.toContain('proveCredentials AKIA1 ')
  })

  it('also by a plan', async () => {
    const { world } = await runOnce(requestOf({ command: 'plan' }))
    expect(world.log).toContain('mask secret-in-plain')
  })
})

describe('a plan', () => {
  const plan = (fields: Partial<RunRequest> = {}): RunRequest => requestOf({ command: 'plan', ...fields })

  const WRITES = /make|takeLock|note|apply|create|delete|remove|prove|saveStore|renameStore|makeDefault/

  it('makes nothing, not even the state bucket, and takes no lock', async () => {
    const { world, outcome } = await runOnce(plan())
    expect(world.log.filter((name) => WRITES.test(name))).toEqual([])
    expect({ ...cloud, time: 0 }).toEqual({ ...emptyCloud(), envelopes: 1, time: 0 })
    expect(world.log).toContain('terraform.plan -lock=false')
    expect(world.files.get('backend.tf')).toContain('backend "local"')
    expect(outcome).toMatchObject({
      command: 'plan',
      changes: true,
      aws: { toAdd: 4, diff: 'Terraform will perform the following actions: …', bucketArn: undefined },
      valohai: {
        action: 'created',
        newKey: true,
        storeId: undefined,
        storeUrl: undefined,
        defaultStore: { changes: true, isThisStore: false },
      },
    })
  })

  it('tells of nothing after an apply', async () => {
    await runOnce()
    const { world, outcome } = await runOnce(plan())
    expect(world.files.get('backend.tf')).toContain('backend "s3"')
    expect(world.log).not.toContain('terraform.show')
    expect(outcome).toMatchObject({
      changes: false,
      aws: { toAdd: 0, diff: undefined },
      valohai: { action: 'unchanged', defaultStore: { changes: false, isThisStore: true } },
    })
  })

  it('counts all of a rotation without grace: the new key and the old one', async () => {
    await runOnce()
    change({ region: 'us-east-1' })
    const store = { ...requestOf().store, keyGraceDays: 0 }
    const { world, outcome } = await runOnce(plan({ store }))
    expect(world.log.filter((name) => WRITES.test(name))).toEqual([])
    expect(outcome.aws.changes.map(({ action, address }) => `${action} ${address}`)).toEqual([
      'create aws_iam_access_key.store["2"]',
      'delete aws_iam_access_key.store["1"]',
    ])
    expect(outcome.aws).toMatchObject({ toAdd: 1, toDestroy: 1 })
    const done = await runOnce(requestOf({ store }))
    expect(done.outcome.aws).toMatchObject({ toAdd: 1, toDestroy: 1 })
    expect(done.outcome.steps).toEqual(outcome.steps)
  })

  it.each([false, true])('is of AWS alone without a token (applied before: %s)', async (applied) => {
    if (applied) await runOnce()
    const { world, outcome } = await runOnce(plan({ valohai: undefined }), { withoutValohai: true })
    expect(world.log.filter((name) => name.startsWith('valohai'))).toEqual([])
    expect(outcome).toMatchObject({ changes: !applied, valohai: undefined, aws: { toAdd: applied ? 0 : 4 } })
  })
})

describe('the accounts that may be worked in', () => {
  const only = (...allowedAccountIds: string[]) => ({ aws: { allowedAccountIds, proveKey: true } })

  it.each(['apply', 'plan'])('refuse any other one to %s, before anything is looked at', async (command) => {
    const { world, error } = await failOnce(requestOf({ command, ...only('999999999999', '888888888888') }))
    expect(error.message).toMatch(
      /of account 123456789012 .*`allowed-account-ids` has 999999999999, 888888888888 alone\. Nothing was changed/,
    )
    expect(world.log.filter((name) => name.startsWith('state') || name.startsWith('valohai'))).toEqual([])
    expect(cloud).toEqual(emptyCloud())
  })

  it('let the one in that is among them', async () => {
    await runOnce(requestOf(only('999999999999', '123456789012')))
    expect(onlyStore().accessKeyId).toBe('AKIA1')
  })
})

describe('a runner that may not reach the bucket', () => {
  it('gives the key to the store without a proof, and says so', async () => {
    const request = requestOf({ aws: { allowedAccountIds: [], proveKey: false } })
    const { world } = await runOnce(request)
    expect(world.log.join()).not.toContain('proveCredentials')
    expect(world.told).toContain('The access key AKIA1 is not used first: prove-key is false')
    expect(onlyStore().accessKeyId).toBe('AKIA1')
  })
})

describe('two runs at once', () => {
  it('end with one store and one key: the second takes what the first has made', async () => {
    const { world, outcome } = await runOnce(requestOf(), { otherRun: () => runOnce() })
    expectLinked()
    expect(cloud.keys.size).toBe(1)
    expect(world.log).not.toContain('terraform.apply')
    expect(outcome).toMatchObject({ changes: false, valohai: { action: 'unchanged', storeId: 'store-1' } })
  })

  it('end so too where the other one is through just before the lock is asked for', async () => {
    const { world } = await runOnce(requestOf(), {
      onOperation: (name) => (name.startsWith('state.takeLock') ? runOnce() : undefined),
    })
    expectLinked()
    expect(cloud.keys.size).toBe(1)
    expect(world.log).not.toContain('terraform.apply')
  })
})

describe('nothing is touched', () => {
  it.each(['valohai.findProjects', 'valohai.listStores'])('in AWS where %s is refused', async (name) => {
    const { error } = await failOnce(requestOf(), { fault: { at: await placeOf(name), when: 'before' } })
    expect({ ...cloud, time: 0 }).toEqual({ ...emptyCloud(), time: 0 })
    expect(error.step).toBe('Look at what is there')
    expect(error.message).toContain('Nothing was made or changed.')
  })

  it.each(['delete', 'replace'] as const)('where the plan would %s the bucket', async (action) => {
    await runOnce()
    cloud.drift.push({ address: 'aws_s3_bucket.store', type: 'aws_s3_bucket', action })
    const { world, error } = await failOnce()
    expect(error.message).toContain(`The plan would ${action} the bucket`)
    expect(world.log).not.toContain('terraform.apply')
  })

  it.each([
    ['aws_iam_user.store', 'replace'],
    ['aws_iam_user_policy.store', 'delete'],
    ['aws_iam_access_key.store["1"]', 'replace'],
    ['aws_iam_role.multipart', 'delete'],
    ['aws_iam_role_policy.multipart', 'replace'],
  ] as const)('where the plan would take away what nothing asked for: %s, %s', async (address, action) => {
    await runOnce()
    cloud.drift.push({ address, type: address.split('.')[0]!, action })
    for (const command of ['plan', 'apply']) {
      const { world, error } = await failOnce(requestOf({ command }))
      expect(error.message).toContain(`- ${action} ${address}`)
      expect(world.log).not.toContain('terraform.apply')
    }
  })
})

describe('whatever fails', () => {
  it('names the step, the cause and what exists', async () => {
    const rehearsal = fakeWorld(emptyCloud())
    await run(requestOf(), rehearsal)
    const stepOf: Record<string, string> = {
      'valohai.findProjects': 'Look at what is there',
      'valohai.listStores': 'Look at what is there',
      'aws.findAccount': 'Prepare Terraform',
      openTerraform: 'Prepare Terraform',
      'state.look': 'Look at the state bucket',
      'state.make': 'Make the state bucket',
      'state.takeLock': 'Take the lock of this store',
      'terraform.init': 'Initialize Terraform',
      'state.read': 'Look at what is there',
      'aws.listKeys': 'Look at what is there',
      'aws.findExisting': 'Look at what is there',
      'terraform.plan': 'Plan',
      'state.note': 'Plan',
      'state.confirm': 'Plan',
      'terraform.apply': 'Apply',
      create: 'Apply',
      'aws.proveCredentials': 'Prove the access key',
      'valohai.saveStore': 'Create the store',
      'valohai.makeDefault': "Make it the project's default store",
    }
    for (const [at, entry] of rehearsal.log.entries()) {
      const name = entry.split(' ')[0]!
      if (/^(mask|release)/.test(entry) || rehearsal.log.findIndex((one) => one.startsWith(name)) < at)
        continue
      cloud = emptyCloud()
      const { error } = await failOnce(requestOf(), { fault: { at, when: 'before' } })
      expect({ name, step: error.step }).toEqual({ name, step: stepOf[name] })
      expect(error.message).toContain(`${error.step}: failed.\n${entry}: it broke`)
      expect(error.message).toMatch(/Run it again/)
      expect([entry, [...cloud.locked]]).toEqual([entry, []])
      // What it says exists does, and the other way round.
      const says = (text: string): boolean => error.message.includes(text)
      expect([entry, says('The state bucket my-bucket-tfstate.')]).toEqual([entry, cloud.stateBucket])
      expect([entry, says('aws_s3_bucket.store, made') || says('The bucket my-bucket')]).toEqual([
        entry,
        cloud.bucket,
      ])
      expect([entry, says('aws_iam_access_key.store["1"], made') || says('The access key')]).toEqual([
        entry,
        cloud.keys.size > 0,
      ])
      expect([entry, says('The data store "my-bucket" (store-1)')]).toEqual([entry, cloud.stores.size > 0])
    }
  })

  const SITUATIONS: [string, () => Promise<unknown>][] = [
    ['nothing there yet', () => Promise.resolve()],
    ['linked before', () => runOnce()],
    [
      'a store that somebody deleted',
      async () => {
        await runOnce()
        change({ deleted: true })
      },
    ],
    [
      'a store that somebody changed',
      async () => {
        await runOnce()
        change({ region: 'us-east-1' })
      },
    ],
    [
      'a grace that is over, and a store that somebody changed',
      async () => {
        await runOnce()
        change({ region: 'us-east-1' })
        await runOnce()
        cloud.time += 8 * DAY
        change({ region: 'us-east-1' })
      },
    ],
  ]

  describe.each(SITUATIONS)('from %s', (_what, arrange) => {
    it.each([
      ['before', false],
      ['after', false],
      ['killed', false],
      ['before', true],
      ['after', true],
    ] as const)(
      'the next run ends in the same state, with each operation failing %s its effect (key hidden: %s)',
      async (when, hidden) => {
        await arrange()
        cloud.keyIdHidden = hidden
        const start = cloud
        const rehearsal = fakeWorld(structuredClone(start))
        await run(requestOf(), rehearsal)
        expect(rehearsal.log.length).toBeGreaterThan(5)
        for (const [at, entry] of rehearsal.log.entries()) {
          if (/^(mask|release)/.test(entry)) continue
          cloud = structuredClone(start)
          await failOnce(requestOf(), { fault: { at, when } })
          await runOnce()
          const isUnclear = hidden && /saveStore|offered|taken/.test(entry)
          expect([entry, cloud.broken, [...cloud.locked]]).toEqual([entry, [], []])
          if (isUnclear) continue
          expectLinked()
          await expectSettled()
        }
      },
    )
  })

  it('tells no secret', async () => {
    const at = await placeOf('valohai.saveStore')
    const world = fakeWorld(cloud, { fault: { at, when: 'after' } })
    await expect(run(requestOf(), world)).rejects.toBeInstanceOf(RunFailed)
    const told = JSON.stringify([world.told, world.warned, world.steps])
    expect(told).not.toContain(onlyStore().secret)
  })

  it('a key that no store took does not outlive the run', async () => {
    for (const name of [
      'state.note 1 made',
      'aws.proveCredentials',
      'state.note 1 offered',
      'valohai.saveStore',
    ]) {
      cloud = emptyCloud()
      const at = await placeOf(name)
      await failOnce(requestOf(), { fault: { at, when: 'before' } })
      expect([name, keyIds()]).toEqual([name, []])
    }
  })

  it('and one that was taken stays, though the answer was lost', async () => {
    const at = await placeOf('valohai.saveStore')
    await failOnce(requestOf(), { fault: { at, when: 'after' } })
    expect(works(cloud, onlyStore())).toBe(true)
    expect((await runOnce()).world.log).not.toContain('terraform.apply')
    expectLinked()
  })
})

describe('an answer that was lost', () => {
  it.each([
    ['create aws_s3_bucket.store', () => (cloud.bucket = true), 'bucket'],
    ['create aws_iam_user.store', () => cloud.users.add('valohai-my-bucket'), 'user valohai-my-bucket'],
    [
      'create aws_iam_role.multipart',
      () => cloud.roles.add('valohai-my-bucket-multipart'),
      'role valohai-my-bucket-multipart',
    ],
  ])('of %s is no failure: what was made is imported, in the same run', async (operation, make, what) => {
    const tag = 's3://my-bucket-tfstate/valohai-s3/my-bucket.tfstate'
    let done = false
    const { world } = await runOnce(requestOf(), {
      onOperation: (name) => {
        // AWS has done it, and Terraform's provider asks again.
        if (name !== operation || done) return
        done = true
        make()
        cloud.tags.set(what, tag)
      },
    })
    expectLinked()
    expect(world.told.join()).toContain('its answer was lost')
    expect((await runOnce()).outcome.changes).toBe(false)
  })
})

describe('a run that is cancelled', () => {
  it.each([
    ['state.look', 'Look at what is there', /Nothing was made or changed/],
    ['terraform.init', 'Look at what is there', /The state bucket/],
    ['terraform.plan', 'Apply', /The state bucket/],
    ['create aws_iam_access_key.store["1"]', 'Read the state', /The state bucket/],
    ['aws.proveCredentials', 'Create the store', /The IAM user/],
    ['valohai.saveStore', "Make it the project's default store", /The data store "my-bucket"/],
  ])('during %s does not begin the next step, and the next run goes on', async (during, step, exists) => {
    const controller = new AbortController()
    const { error } = await failOnce(requestOf(), {
      signal: controller.signal,
      onOperation: (name) => {
        if (name.startsWith(during)) controller.abort()
      },
    })
    expect([...cloud.locked]).toEqual([])
    expect(error.step).toBe(step)
    expect(error.message).toContain('The run was cancelled')
    expect(error.message).toMatch(exists)
    await runOnce()
    expectLinked()
  })
})

describe('a second project on the same bucket', () => {
  it.each([false, true])(
    'is refused with both ways out, and breaks nothing (key hidden: %s)',
    async (hidden) => {
      await runOnce()
      cloud.keyIdHidden = hidden
      const { valohai } = requestOf()
      for (const storeName of [undefined, 'another-name']) {
        for (const command of ['plan', 'apply']) {
          const request = requestOf(
            { command, valohai: { ...valohai!, projects: ['acme/vision'] } },
            { storeName },
          )
          const { world, error } = await failOnce(request)
          expect(error.message).toMatch(/manage-bucket: false/)
          expect(error.message).toMatch(/store-access: organization/)
          expect(world.log.join()).not.toMatch(/terraform\.plan|apply/)
        }
      }
      expectLinked()
    },
  )

  it('gets a user, a key, a role and a store of its own where the bucket is not managed by its step', async () => {
    await runOnce()
    const [first] = keyIds()
    const { valohai, terraform } = requestOf()
    const vision: RunRequest = requestOf(
      {
        valohai: { ...valohai!, projects: ['acme/vision'] },
        terraform: {
          ...terraform,
          backend: { ...(terraform.backend as S3Backend), key: 'valohai-s3/my-bucket-acme-vision.tfstate' },
        },
      },
      { manageBucket: false, projects: ['acme/vision'] },
    )
    const { outcome } = await runOnce(vision)
    expect([...cloud.users]).toEqual(['valohai-my-bucket', 'valohai-my-bucket-acme-vision'])
    expect([...cloud.roles]).toEqual([
      'valohai-my-bucket-multipart',
      'valohai-my-bucket-acme-vision-multipart',
    ])
    const stores = [...cloud.stores.values()]
    expect(stores.map(({ name, projectId }) => [name, projectId])).toEqual([
      ['my-bucket', cloud.projects[0]!.id],
      ['my-bucket-acme-vision', cloud.projects[1]!.id],
    ])
    expect(stores.every((store) => works(cloud, store))).toBe(true)
    expect(cloud.projects[1]!.defaultStoreId).toBe(outcome.valohai?.storeId)
    expect(keyIds()[0]).toBe(first)
    // Each run of either leaves the other alone.
    for (const request of [requestOf(), vision, requestOf()])
      expect((await runOnce(request)).outcome.changes).toBe(false)
    await runOnce({ ...vision, command: 'rotate-key', wish: 'rotate-key' })
    expect((await runOnce()).outcome.changes).toBe(false)
    expect([...cloud.stores.values()].every((store) => works(cloud, store))).toBe(true)
  })
})

describe('a store of a whole organization', () => {
  const shared = (projects: [string, ...string[]]): RunRequest =>
    requestOf({ valohai: { ...requestOf().valohai!, projects } }, { storeAccess: 'organization', projects })

  it('is one store, and the default of each project that is listed', async () => {
    const request = shared(['acme/churn-model', 'acme/vision'])
    await runOnce(request)
    expect(onlyStore()).toMatchObject({ access: { access_mode: 'owner_organization' } })
    expect(onlyStore()).not.toHaveProperty('projectId')
    expect(cloud.projects.map(({ defaultStoreId }) => defaultStoreId)).toEqual(['store-1', 'store-1', null])
    expect((await runOnce(request)).outcome.changes).toBe(false)
    // One that is taken out of the list keeps its default.
    expect((await runOnce(shared(['acme/churn-model']))).outcome.changes).toBe(false)
    expect(cloud.projects[1]?.defaultStoreId).toBe('store-1')
  })

  it('is made of a store of one project without a new key', async () => {
    await runOnce()
    const ids = keyIds()
    const { outcome } = await runOnce(shared(['acme/churn-model', 'acme/vision']))
    expect(outcome.valohai).toMatchObject({ action: 'updated', fields: ['access_mode'], newKey: false })
    expect(keyIds()).toEqual(ids)
    expect(cloud.projects[1]?.defaultStoreId).toBe('store-1')
    // It is never narrowed again.
    expect((await runOnce()).outcome.changes).toBe(false)
  })

  it('is refused for projects of different owners', async () => {
    const { error } = await failOnce(shared(['acme/churn-model', 'other/elsewhere']))
    expect(error.message).toMatch(/have different owners/)
    expect(cloud.stateBucket).toBe(false)
  })
})
