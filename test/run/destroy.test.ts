import { run } from '../../src/run/run'
import type { RunRequest } from '../../src/run/act/context'
import type { Outcome } from '../../src/decide/outcome'
import type * as Memoized from '../support/memoized-synthesis'
import {
  BUCKET,
  createKey,
  emptyCloud,
  fakeWorld,
  requestOf,
  stateOf,
  works,
  type Cloud,
  type FakeWorld,
  type Fault,
} from '../support/fake-world'

// A run synthesizes in 40 ms what it synthesized before: here hundreds of runs ask for the same.
jest.mock('../../src/infra/synthesize', () =>
  jest.requireActual<typeof Memoized>('../support/memoized-synthesis').memoized(),
)

const destroy = (fields: Partial<RunRequest> = {}): RunRequest =>
  requestOf({ command: 'destroy', wish: 'destroy', ...fields })

interface Ended {
  readonly world: FakeWorld
  readonly outcome?: Outcome
  readonly error?: Error
}

async function attempt(cloud: Cloud, request: RunRequest, fault?: Fault): Promise<Ended> {
  const world = fakeWorld(cloud, { request, ...(fault && { fault }) })
  try {
    return { world, outcome: await run(request, world) }
  } catch (error) {
    return { world, error: error as Error }
  } finally {
    // A minute later the lock of a run that died is void.
    cloud.locked.clear()
  }
}

async function complete(cloud: Cloud, request: RunRequest): Promise<{ world: FakeWorld; outcome: Outcome }> {
  const { world, outcome, error } = await attempt(cloud, request)
  if (outcome === undefined) throw error ?? new Error('It did not end.')
  return { world, outcome }
}

/** A store that was rotated once, with both of its keys. */
async function standing(prepare: (cloud: Cloud) => void = () => undefined): Promise<Cloud> {
  const cloud = emptyCloud()
  prepare(cloud)
  await complete(cloud, requestOf())
  await complete(cloud, requestOf({ command: 'rotate-key', wish: 'rotate-key' }))
  return cloud
}

const left = (cloud: Cloud): object => ({
  bucket: cloud.bucket,
  users: [...cloud.users],
  roles: [...cloud.roles],
  keys: [...cloud.keys.keys()],
  stores: [...cloud.stores.values()].filter(({ deleted }) => !deleted).length,
  defaults: cloud.projects.map(({ defaultStoreId }) => defaultStoreId),
  state: { ...stateOf(cloud), keys: [...stateOf(cloud).keys.keys()] },
  broken: cloud.broken,
})

const takenDown = (bucket: boolean): object => ({
  bucket,
  users: [],
  roles: [],
  keys: [],
  stores: 0,
  defaults: [null, null, null],
  state: { bucket: false, user: undefined, role: undefined, keys: [] },
  broken: [],
})

it('takes down in order: default, store, then what Terraform made; the bucket stays', async () => {
  const cloud = await standing()
  const { world, outcome } = await complete(cloud, destroy())
  expect(world.log.filter((one) => /^(valohai\.(clear|delete)|delete|forget|aws\.remove)/.test(one))).toEqual(
    [
      'valohai.clearDefault',
      'valohai.deleteStore',
      'delete aws_iam_access_key.store["1"]',
      'delete aws_iam_access_key.store["2"]',
      'delete aws_iam_role.multipart',
      'delete aws_iam_user.store',
      'forget aws_s3_bucket.store',
    ],
  )
  expect(left(cloud)).toEqual(takenDown(true))
  expect(outcome.valohai).toMatchObject({ action: 'deleted', defaultStore: { isThisStore: false } })
  expect(outcome.keys).toEqual({ current: undefined, retiring: [] })
})

it('its Terraform has the provider and removed blocks alone', async () => {
  const cloud = await standing()
  const { world } = await complete(cloud, destroy())
  expect([...world.files.keys()].sort()).toEqual(['backend.tf', 'providers.tf', 'removed.tf', 'versions.tf'])
  const removed = world.files.get('removed.tf') ?? ''
  expect(removed.match(/^ {2}from = \S+/gm)).toHaveLength(8)
  expect([...world.files.values()].join('')).not.toMatch(/^(resource|variable|output)|var\./m)
})

it('does nothing where it only tells, and tells the same steps', async () => {
  const cloud = await standing()
  const before = structuredClone(cloud)
  const { outcome: told } = await complete(cloud, destroy({ writes: false }))
  expect({ ...cloud, time: 0, envelopes: 0 }).toEqual({ ...before, time: 0, envelopes: 0 })
  const { outcome: done } = await complete(cloud, destroy())
  expect(told.steps).toEqual(done.steps)
  expect(told.takenDown).toEqual(done.takenDown)
})

it('without a state bucket makes none, and takes nothing down that it does not know', async () => {
  const cloud = emptyCloud()
  const { outcome } = await complete(cloud, destroy())
  expect([outcome.changes, cloud.stateBucket]).toEqual([false, false])
})

it('a refusal to clear the default is told and passed over', async () => {
  const cloud = await standing()
  const { world } = await attempt(structuredClone(cloud), destroy())
  const at = world.log.indexOf('valohai.clearDefault')
  const { world: refused, outcome } = await attempt(cloud, destroy(), { at, when: 'refused' })
  expect(refused.warned).toEqual([expect.stringContaining('refused')])
  expect(outcome?.valohai?.action).toBe('deleted')
})

it('keys that somebody made stop it before anything is taken down', async () => {
  const cloud = await standing((one) => (one.graceDays = 0))
  const [old = ''] = cloud.keys.keys()
  cloud.keys.delete(old)
  const { id, user } = createKey(cloud, `valohai-${BUCKET}`)
  const { error } = await attempt(cloud, destroy())
  expect(error?.message).toContain(`The access key ${id} of the IAM user ${user}`)
  expect([...cloud.stores.values()].map((store) => works(cloud, store))).toEqual([true])
})

it('inline policies that the adoption found go along, and those made since stop it', async () => {
  const cloud = emptyCloud()
  cloud.users.add(`valohai-${BUCKET}`)
  const theirs = { of: 'user', kind: 'inline policy', name: 'theirs' } as const
  cloud.attachments = [theirs]
  await complete(cloud, requestOf({}, { adopt: true }))
  cloud.attachments = [theirs, { ...theirs, name: 'later' }]
  expect((await attempt(cloud, destroy())).error?.message).toMatch(/^(?![^]*theirs)[^]*inline policy later/)
  cloud.attachments = [theirs]
  await complete(cloud, destroy())
  expect(left(cloud)).toEqual(takenDown(true))
})

describe.each<[what: string, prepare: (cloud: Cloud) => void, deletesBucket: boolean]>([
  ['plainly', () => undefined, false],
  ['with hidden keys and times', (cloud) => (cloud.keyIdHidden = cloud.timesHidden = true), false],
  ['with the bucket', () => undefined, true],
])('%s', (_what, prepare, deletesBucket) => {
  const request = destroy({ deletesBucket })

  it.each(['before', 'after', 'killed'] as const)(
    'failing %s at every operation, it converges when it is run again',
    async (when) => {
      const stands = await standing(prepare)
      const { world } = await attempt(structuredClone(stands), request)
      expect(world.log.length).toBeGreaterThan(15)
      for (const [at, name] of world.log.entries()) {
        const cloud = structuredClone(stands)
        await attempt(cloud, request, { at, when })
        expect({ at, name, broken: cloud.broken }).toEqual({ at, name, broken: [] })
        await complete(cloud, request)
        expect({ at, name, ...left(cloud) }).toEqual({ at, name, ...takenDown(!deletesBucket) })
        expect((await complete(cloud, request)).outcome.changes).toBe(false)
      }
    },
  )
})

it('a first apply that was killed anywhere is taken down, or a person is asked what nobody knows', async () => {
  const { world } = await attempt(emptyCloud(), requestOf())
  const asked: string[] = []
  for (const [at, name] of world.log.entries()) {
    const cloud = emptyCloud()
    await attempt(cloud, requestOf(), { at, when: 'killed' })
    const { error } = await attempt(cloud, destroy())
    expect(cloud.broken).toEqual([])
    if (error === undefined)
      expect({ at, name, ...left(cloud) }).toEqual({ at, name, ...takenDown(cloud.bucket) })
    else {
      expect(error.message).toContain('may be held by a store that this token does not see')
      asked.push(name)
    }
  }
  // The store was about to be offered the key, and whether it was made is not seen.
  expect(asked).toEqual([expect.stringMatching(/^state\.note 1 offered/)])
})

it('is taken up again by the next apply', async () => {
  const cloud = await standing()
  await complete(cloud, destroy())
  const { outcome } = await complete(cloud, requestOf())
  expect(outcome.aws.changes).toContainEqual(
    expect.objectContaining({ address: 'aws_s3_bucket.store', action: 'import' }),
  )
  expect([...cloud.stores.values()].filter((store) => works(cloud, store))).toHaveLength(1)
})
