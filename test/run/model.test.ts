import * as fc from 'fast-check'
import type { S3Backend } from '../../src/config'
import type { RunRequest } from '../../src/run/act/context'
import { run } from '../../src/run/run'
import type { StoreSpec } from '../../src/store/spec'
import type * as Memoized from '../support/memoized-synthesis'
import {
  createKey,
  DAY,
  emptyCloud,
  fakeWorld,
  requestOf,
  works,
  type Cloud,
  type Fault,
  type FakeStore,
} from '../support/fake-world'

// A run synthesizes in 40 ms what it synthesized before: here thousands of runs ask for the same.
jest.mock('../../src/infra/synthesize', () =>
  jest.requireActual<typeof Memoized>('../support/memoized-synthesis').memoized(),
)

/** Something that happens to a store: a run, or what people do in AWS and in Valohai. */
type Event =
  | {
      readonly kind: 'run'
      readonly wish: RunRequest['wish']
      readonly store: Partial<StoreSpec>
      /** The step of another project on the same bucket, with a state of its own. */
      readonly isSecond?: boolean
      readonly fault?: Fault
    }
  | { readonly kind: 'time'; readonly days: number }
  | { readonly kind: 'hand'; readonly what: keyof typeof BY_HAND }

const liveStore = (cloud: Cloud): FakeStore | undefined =>
  [...cloud.stores.values()].find(({ deleted }) => !deleted)

const changeStore =
  (fields: Partial<FakeStore>) =>
  (cloud: Cloud): void => {
    const store = liveStore(cloud)
    if (store) cloud.stores.set(store.id, { ...store, ...fields })
  }

const keyOf = (cloud: Cloud, index: number): string | undefined => [...cloud.keys.keys()].at(index)

/** What people do, and what Valohai's API does not show. */
const BY_HAND = {
  'deactivate the oldest key': (cloud: Cloud) => {
    const key = cloud.keys.get(keyOf(cloud, 0) ?? '')
    if (key) key.isActive = false
  },
  'deactivate the newest key': (cloud: Cloud) => {
    const key = cloud.keys.get(keyOf(cloud, -1) ?? '')
    if (key) key.isActive = false
  },
  'delete the oldest key': (cloud: Cloud) => cloud.keys.delete(keyOf(cloud, 0) ?? ''),
  'delete the newest key': (cloud: Cloud) => cloud.keys.delete(keyOf(cloud, -1) ?? ''),
  'make a key by hand': (cloud: Cloud) => {
    const [user = ''] = cloud.users
    const own = [...cloud.keys.values()].filter((key) => key.user === user)
    if (user !== '' && own.length < 2) createKey(cloud, user)
  },
  'use every key': (cloud: Cloud) => {
    for (const key of cloud.keys.values()) key.lastUsed = new Date(cloud.time)
  },
  'change the region of the store': changeStore({ region: 'us-east-1' }),
  'rename the store': changeStore({ name: 'Named by an admin' }),
  'share the store': (cloud: Cloud) => {
    const store = liveStore(cloud)
    if (!store) return
    const { projectId, ...shared } = store
    cloud.stores.set(store.id, { ...shared, access: { access_mode: 'owner_organization', was: projectId } })
  },
  'delete the store': (cloud: Cloud) => {
    changeStore({ deleted: true })(cloud)
    // Nothing that its keys signed is of use to anybody.
    cloud.replaced.clear()
  },
  'lose sight of the store': (cloud: Cloud) => {
    const store = liveStore(cloud)
    if (store) cloud.stores.delete(store.id)
  },
  'choose another default': (cloud: Cloud) => {
    for (const project of cloud.projects) project.defaultStoreId = 'another'
  },
  'hide the keys of stores': (cloud: Cloud) => (cloud.keyIdHidden = true),
  'show the keys of stores': (cloud: Cloud) => (cloud.keyIdHidden = false),
  'take a token that sees no store': (cloud: Cloud) => (cloud.blind = true),
  'take one that sees them': (cloud: Cloud) => (cloud.blind = false),
  'hide the times of stores': (cloud: Cloud) => (cloud.timesHidden = true),
} as const satisfies Record<string, (cloud: Cloud) => unknown>

const spec = fc.record(
  {
    multipart: fc.boolean(),
    keyGraceDays: fc.constantFrom(7, 7, 7, 1, 0),
    maxKeyAgeDays: fc.constantFrom(undefined, undefined, 30),
    storeName: fc.constantFrom(undefined, 'A name'),
    storeAccess: fc.constantFrom('project' as const, 'project' as const, 'organization' as const),
  },
  { requiredKeys: [] },
)

const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record(
      {
        kind: fc.constant('run' as const),
        wish: fc.constantFrom(
          'apply' as const,
          'apply' as const,
          'apply' as const,
          'rotate-key' as const,
          'rotate-key' as const,
          'destroy' as const,
        ),
        store: spec,
        isSecond: fc.constantFrom(false, false, true),
        fault: fc.record({
          at: fc.nat(30),
          when: fc.constantFrom('before' as const, 'after' as const, 'killed' as const, 'refused' as const),
        }),
      },
      { requiredKeys: ['kind', 'wish', 'store'] },
    ),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('time' as const), days: fc.constantFrom(1, 3, 7, 8, 40) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('hand' as const),
      what: fc.constantFrom(...(Object.keys(BY_HAND) as (keyof typeof BY_HAND)[])),
    }),
  },
)

const counted = { histories: 0, runs: 0 }

/** One run, faulty or not; how it ended is for the invariants to judge. */
async function runOnce(cloud: Cloud, request: RunRequest, fault?: Fault): Promise<string | undefined> {
  counted.runs += 1
  cloud.graceDays = request.store.keyGraceDays
  const world = fakeWorld(cloud, { request, ...(fault && { fault }) })
  try {
    await run(request, world)
    return undefined
  } catch (error) {
    return (error as Error).message
  } finally {
    // A minute later the lock of a run that died is void.
    cloud.locked.clear()
  }
}

/** What `plan` tells and what `apply` does, from the same state of the world. */
async function planLikeApply(cloud: Cloud, request: RunRequest): Promise<void> {
  const stepsOf = async (writes: boolean): Promise<unknown> => {
    const copy = structuredClone(cloud)
    const how = { ...request, writes }
    try {
      const { steps, changes } = await run(how, fakeWorld(copy, { request: how }))
      return { steps, changes }
    } catch (error) {
      // The step that refuses is named alike; what exists is the same too.
      return (error as Error).message
    }
  }
  // A name that is taken by what the token does not see is told by Valohai alone.
  if (!cloud.stateBucket || cloud.blind) return
  expect(await stepsOf(false)).toEqual(await stepsOf(true))
}

/** What works, as text to be compared: AWS, the state and Valohai, without what runs note of themselves. */
function lasting({ bucket, users, roles, keys, stores, projects }: Cloud): string {
  return JSON.stringify([bucket, [...users], [...roles], [...keys.keys()], [...stores], projects])
}

/** What holds after any history. */
async function expectInvariants(cloud: Cloud, history: readonly Event[]): Promise<void> {
  const request = requestOf()
  await planLikeApply(cloud, request)
  const first = await runOnce(cloud, request)
  expect(cloud.broken).toEqual([])
  await runOnce(cloud, request)
  const before = lasting(cloud)
  const last = await runOnce(cloud, request)
  // After two quiet runs nothing changes, be it that all is well or that a person has to act.
  expect(lasting(cloud)).toBe(before)
  expect(cloud.broken).toEqual([])
  if (first === undefined && last === undefined) {
    // One store, unless a token that saw none was let make another one.
    const live = [...cloud.stores.values()].filter(({ deleted }) => !deleted)
    if (!history.some((one) => one.kind === 'hand' && one.what === 'take a token that sees no store'))
      expect(live.length).toBeLessThanOrEqual(
        history.some((one) => one.kind === 'run' && one.isSecond === true) ? 2 : 1,
      )
  }
}

/** Time passes, and executions work with every store that works. */
function pass(cloud: Cloud, days: number): void {
  cloud.time += days * DAY
  for (const store of cloud.stores.values()) {
    const key = cloud.keys.get(store.accessKeyId ?? '')
    if (key && !store.deleted && works(cloud, store)) key.lastUsed = new Date(cloud.time)
  }
}

/** The step of the second project: user, key, role, store and state are its own. */
function ofSecond({ wish, store }: Extract<Event, { kind: 'run' }>): RunRequest {
  const { valohai, terraform } = requestOf()
  const projects = ['acme/vision'] as const
  const backend = { ...(terraform.backend as S3Backend), key: 'valohai-s3/my-bucket-acme-vision.tfstate' }
  const { storeName, ...others } = store
  return requestOf(
    { command: wish, wish, valohai: { ...valohai!, projects }, terraform: { ...terraform, backend } },
    {
      ...others,
      ...(storeName === undefined ? {} : { storeName: 'Of the second' }),
      storeAccess: 'project',
      manageBucket: false,
      projects,
    },
  )
}

async function play(events: readonly Event[]): Promise<Cloud> {
  const cloud = emptyCloud()
  counted.histories += 1
  for (const one of events) {
    if (one.kind === 'time') pass(cloud, one.days)
    else if (one.kind === 'hand') BY_HAND[one.what](cloud)
    else {
      const request =
        one.isSecond === true ? ofSecond(one) : requestOf({ command: one.wish, wish: one.wish }, one.store)
      const worked = [...cloud.stores.values()].filter((store) => !store.deleted && works(cloud, store))
      await runOnce(cloud, request, one.fault)
      expect(cloud.broken).toEqual([])
      // Whatever failed: a store that worked works, unless it was to go and is gone.
      const isGone = (id: string): boolean => one.wish === 'destroy' && cloud.stores.get(id)?.deleted === true
      for (const { id } of worked.filter(({ id }) => !isGone(id)))
        expect([id, works(cloud, cloud.stores.get(id)!)]).toEqual([id, true])
    }
  }
  return cloud
}

const apply = (store: Partial<StoreSpec> = {}, fault?: Fault): Event => ({
  kind: 'run',
  wish: 'apply',
  store,
  ...(fault && { fault }),
})
const hand = (what: keyof typeof BY_HAND): Event => ({ kind: 'hand', what })

/** Each was found to break something once, in as few events as it takes. */
const FOUND: [what: string, history: Event[]][] = [
  [
    'a store whose making was never answered is found again, though somebody renamed and shared it',
    [
      hand('hide the keys of stores'),
      apply({}, { at: 25, when: 'after' }),
      hand('rename the store'),
      hand('share the store'),
    ],
  ],
  [
    'a key that was taken, and could not be noted as taken',
    [
      hand('hide the keys of stores'),
      apply({}, { at: 7, when: 'before' }),
      apply({ multipart: false }, { at: 22, when: 'before' }),
      hand('share the store'),
      hand('rename the store'),
    ],
  ],
  [
    'a role that a store may name which the token does not see, while another one is made without it',
    [
      apply(),
      hand('make a key by hand'),
      hand('take a token that sees no store'),
      apply({ multipart: false }),
    ],
  ],
  [
    'a write that was answered with a failure, and gave the store its first role',
    [hand('hide the keys of stores'), apply({ multipart: false }), apply({}, { at: 20, when: 'after' })],
  ],
]

it.each(FOUND)('%s', async (_what, history) => {
  await expectInvariants(await play(history), history)
})

it('whatever happens in whatever order, nothing that Valohai works with is broken', async () => {
  const histories = Number(process.env.HISTORIES ?? 300)
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 12 }), async (events) => {
      const cloud = await play(events)
      await expectInvariants(cloud, events)
    }),
    { numRuns: histories, interruptAfterTimeLimit: 240_000 },
  )
  expect(counted.histories).toBeGreaterThanOrEqual(histories)
})
