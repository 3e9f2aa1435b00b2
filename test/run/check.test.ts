import { setTimeout as sleep } from 'node:timers/promises'
import { check } from '../../src/run/check'
import { run } from '../../src/run/run'
import type { Verdict } from '../../src/decide/findings'
import { ValohaiError } from '../../src/valohai'
import type * as Memoized from '../support/memoized-synthesis'
import {
  BUCKET,
  createKey,
  DAY,
  emptyCloud,
  fakeWorld,
  requestOf,
  tick,
  type Cloud,
  type FakeWorld,
} from '../support/fake-world'

// A run synthesizes in 40 ms what it synthesized before.
jest.mock('../../src/infra/synthesize', () =>
  jest.requireActual<typeof Memoized>('../support/memoized-synthesis').memoized(),
)

const CHECK = requestOf({ command: 'check', writes: false })

let cloud: Cloud

beforeEach(async () => {
  cloud = emptyCloud()
  await apply()
})

afterEach(() => {
  expect(cloud.broken).toEqual([])
})

const apply = () => run(requestOf(), fakeWorld(cloud))

/** One check; `change` puts something else in place of what it works with. */
async function checkOnce(
  options: Parameters<typeof fakeWorld>[1] = {},
  change: (world: FakeWorld) => Partial<FakeWorld> = () => ({}),
): Promise<Verdict & { world: FakeWorld }> {
  const world = fakeWorld(cloud, { request: CHECK, ...options })
  return { ...(await check(CHECK, { ...world, ...change(world) })), world }
}

const findings = async (): Promise<string[]> => (await checkOnce()).findings.map(({ what }) => what)

it('finds nothing where all is as an apply left it, takes no lock and writes nothing', async () => {
  const before = structuredClone({ ...cloud, time: 0, envelopes: 0 })
  const { world, ...verdict } = await checkOnce()
  expect(verdict).toMatchObject({ findings: [], notChecked: [] })
  expect(world.log.filter((name) => /takeLock|note|apply|save|make|remove|change/.test(name))).toEqual([])
  expect(world.log).toContain('terraform.plan -lock=false')
  expect({ ...cloud, time: 0, envelopes: 0 }).toEqual(before)
})

it.each<[what: string, change: () => unknown, says: RegExp]>([
  ['the user was deleted', () => cloud.users.clear(), /IAM user: missing/],
  ['the role was deleted', () => cloud.roles.clear(), /Role for outputs over 5 GB: missing/],
  ['the key was deleted', () => cloud.keys.clear(), /access key of the store is gone/],
  [
    'the key was deactivated',
    () => [...cloud.keys.values()].forEach((key) => (key.isActive = false)),
    /was deactivated/,
  ],
  [
    'the store was deleted',
    () => cloud.stores.forEach((one, id) => cloud.stores.set(id, { ...one, deleted: true })),
    /data store is missing/,
  ],
  [
    'the store was changed',
    () => cloud.stores.forEach((one, id) => cloud.stores.set(id, { ...one, region: 'us-east-1' })),
    /region of the data store/,
  ],
  [
    'the store was given another bucket',
    () => cloud.stores.forEach((one, id) => cloud.stores.set(id, { ...one, bucket: 'another' })),
    /bucket of the data store/,
  ],
  ['another store is the default', () => (cloud.projects[0]!.defaultStoreId = 'another'), /default store/],
])('%s: it says so, an apply repairs it, and then it is silent', async (_what, change, says) => {
  change()
  expect(await findings()).toContainEqual(expect.stringMatching(says))
  await apply()
  expect(await findings()).toEqual([])
})

it('finds a key that somebody made, and leaves it', async () => {
  createKey(cloud, `valohai-${BUCKET}`)
  expect(await findings()).toEqual(['Nothing accounts for an access key'])
})

it('finds nothing in a grace, and the replaced key once it is over', async () => {
  await run(requestOf({ command: 'rotate-key', wish: 'rotate-key' }), fakeWorld(cloud))
  expect(await findings()).toEqual([])
  cloud.time += 8 * DAY
  expect(await findings()).toEqual(['The grace of a replaced access key is over'])
})

it('tells what an apply would refuse, as it would', async () => {
  cloud.drift = [{ address: 'aws_s3_bucket.store', type: 'aws_s3_bucket', action: 'delete' }]
  const { findings } = await checkOnce()
  expect(findings).toMatchObject([
    { what: '`apply` would refuse, and change nothing', is: /delete the bucket/ },
  ])
})

it('looks again where a run came in between, and tells nothing of what it saw half done', async () => {
  const [project] = cloud.projects
  const is = project!.defaultStoreId
  project!.defaultStoreId = 'another'
  const { findings, world } = await checkOnce({
    onOperation: (name) => {
      if (name !== 'terraform.plan -lock=false' || project!.defaultStoreId === is) return
      // The other run ends.
      project!.defaultStoreId = is
      tookTurns('b')
    },
  })
  expect(findings).toEqual([])
  expect(world.log.filter((name) => name.startsWith('terraform.plan'))).toHaveLength(2)
  expect(world.told).toContain('A run of this store came in between. Looking again')
})

/** A run began and ended, by its record. */
function tookTurns(who: string): void {
  const since = tick(cloud).toISOString()
  const key = `valohai-s3/${BUCKET}.tfstate`
  const { keys } = cloud.records.get(key)!
  cloud.records.set(key, { keys, tenures: [{ who, since, until: tick(cloud).toISOString() }] })
}

it('gives no verdict where run after run comes in between', async () => {
  let runs = 0
  const { findings, notChecked, sawNothing } = await checkOnce({
    onOperation: (name) => {
      if (name !== 'terraform.plan -lock=false') return
      runs += 1
      tookTurns(`run ${runs}`)
    },
  })
  expect(findings).toEqual([])
  expect(notChecked).toMatchObject([{ what: 'Everything', isWorld: true }])
  expect(sawNothing).toBe(true)
})

const refused = (name: string, httpStatusCode: number): Promise<never> => {
  const error = Object.assign(new Error('no'), { name, $metadata: { httpStatusCode } })
  return Promise.reject(new Error('The access keys could not be listed.', { cause: error }))
}
const denied = (): Promise<never> => refused('AccessDenied', 403)
const throttled = (): Promise<never> => refused('Throttling', 400)
const unanswered = (status?: number): Promise<never> =>
  Promise.reject(new ValohaiError('No way to Valohai.', status === undefined ? {} : { status }))

it.each<[what: string, change: (world: FakeWorld) => Partial<FakeWorld>, not: string]>([
  ['a right is missing', ({ aws }) => ({ aws: { ...aws, listKeys: denied } }), 'AWS and Valohai'],
  ['AWS is asked too much', ({ aws }) => ({ aws: { ...aws, listKeys: throttled } }), 'AWS and Valohai'],
  [
    'Valohai is asked too much',
    ({ valohai }) => ({ valohai: { ...valohai!, listStores: () => unanswered(429) } }),
    'Valohai',
  ],
  [
    'there is no way to Valohai',
    ({ valohai }) => ({ valohai: { ...valohai!, listStores: () => unanswered() } }),
    'Valohai',
  ],
  [
    'Valohai does not let the token see it',
    ({ valohai }) => ({ valohai: { ...valohai!, findProjects: () => unanswered(403) } }),
    'Valohai',
  ],
  [
    'S3 does not say whether it is public',
    ({ aws }) => ({ aws: { ...aws, isPublic: denied } }),
    'Whether AWS judges the bucket public',
  ],
  [
    'S3 answers no browser',
    ({ aws }) => ({ aws: { ...aws, preflight: () => Promise.resolve(undefined) } }),
    'How the bucket answers browsers (CORS)',
  ],
])('%s: that is not checked, and no finding', async (_what, change, not) => {
  const { findings, notChecked, sawNothing } = await checkOnce({}, change)
  expect(findings).toEqual([])
  expect(notChecked.map(({ what }) => what)).toEqual([not])
  // Why, in words for a person: the names of our own errors are none.
  expect(notChecked[0]?.why).not.toMatch(/^(Valohai|Terraform)Error/)
  expect(sawNothing).toBe(not === 'AWS and Valohai' ? true : undefined)
})

it('ends only once init has, which would fill its directory again while that is removed', async () => {
  const world = fakeWorld(cloud, { request: CHECK })
  const directory = await world.openTerraform()
  let isOver = false
  const init = async (): Promise<void> => {
    await sleep(50)
    isOver = true
  }
  const openTerraform = () => Promise.resolve({ ...directory, terraform: { ...directory.terraform, init } })
  await check(CHECK, { ...world, openTerraform, aws: { ...world.aws, listKeys: denied } })
  expect(isOver).toBe(true)
})

it('fails where its credentials are no good', async () => {
  const expired = Object.assign(new Error('expired'), {
    name: 'ExpiredToken',
    $metadata: { httpStatusCode: 403 },
  })
  for (const error of [expired, new Error('The keys could not be listed: expired', { cause: expired })]) {
    const listKeys = () => Promise.reject(error)
    await expect(checkOnce({}, ({ aws }) => ({ aws: { ...aws, listKeys } }))).rejects.toThrow('expired')
  }
})

it('finds all of it missing where nothing was ever made', async () => {
  cloud = emptyCloud()
  const { findings } = await checkOnce()
  expect(findings.map(({ what }) => what)).toEqual(
    expect.arrayContaining(['Bucket: missing', 'IAM user: missing', 'The data store is missing']),
  )
  expect(cloud).toMatchObject({ stateBucket: false, bucket: false })
})
