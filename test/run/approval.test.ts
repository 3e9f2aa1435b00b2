import { run } from '../../src/run/run'
import { readPlanDigest } from '../../src/store/plan-digest'
import type { RunRequest } from '../../src/run/act/context'
import type * as Memoized from '../support/memoized-synthesis'
import { createKey, DAY, emptyCloud, fakeWorld, requestOf, type Cloud } from '../support/fake-world'

jest.mock('../../src/infra/synthesize', () =>
  jest.requireActual<typeof Memoized>('../support/memoized-synthesis').memoized(),
)

let cloud: Cloud
beforeEach(() => {
  cloud = emptyCloud()
})
afterEach(() => {
  expect(cloud.broken).toEqual([])
})

const digestOf = async (of: Cloud = cloud): Promise<string> => {
  const request = requestOf({ command: 'plan', writes: false })
  return (await run(request, fakeWorld(structuredClone(of), { request }))).digest
}

const approving = (digest: string, fields: Partial<RunRequest> = {}): RunRequest => {
  const digests = readPlanDigest(digest)
  if ('wrong' in digests) throw new Error(digests.wrong)
  const source = 'Approved is what `approved-plan` lists.'
  return requestOf({ ...fields, approval: { digests: new Set(digests), source } })
}

const linked = (): boolean =>
  cloud.bucket && cloud.stores.size === 1 && cloud.projects[0]?.defaultStoreId === 'store-1'

it('what was reviewed is applied, and its digest is that of the plan', async () => {
  const digest = await digestOf()
  const request = approving(digest)
  expect((await run(request, fakeWorld(cloud, { request }))).digest).toBe(digest)
  expect(linked()).toBe(true)
  expect(await digestOf()).toBe('none')
})

it('what was not reviewed changes nothing, and the digest it prints lets it through', async () => {
  const refused = approving('none')
  const world = fakeWorld(cloud, { request: refused })
  const error: unknown = await run(refused, world).catch((cause: unknown) => cause)
  expect(String(error)).toContain('- create aws_s3_bucket.store')
  expect(String(error)).toContain('- Valohai: create the data store')
  expect(cloud).toMatchObject({ bucket: false, stores: new Map(), keys: new Map() })
  const [, printed = ''] = /^approved-plan: (.*)$/m.exec(String(error)) ?? []
  const request = approving(printed)
  await run(request, fakeWorld(cloud, { request }))
  expect(linked()).toBe(true)
})

it('a run that carries on is covered, wherever the one before it ended', async () => {
  const digest = await digestOf()
  const request = approving(digest)
  const rehearsal = fakeWorld(structuredClone(cloud), { request })
  await run(request, rehearsal)
  for (const when of ['before', 'after', 'killed'] as const) {
    for (let at = 0; at < rehearsal.log.length; at += 1) {
      cloud = emptyCloud()
      await run(request, fakeWorld(cloud, { request, fault: { at, when } })).catch(() => undefined)
      await run(request, fakeWorld(cloud, { request }))
      expect([when, rehearsal.log[at], linked()]).toEqual([when, rehearsal.log[at], true])
    }
  }
})

it('a key is retired without approval, and rotated only with it', async () => {
  const first = requestOf()
  await run(first, fakeWorld(cloud, { request: first }))
  const rotation = approving('none', { command: 'rotate-key', wish: 'rotate-key' })
  await expect(run(rotation, fakeWorld(cloud, { request: rotation }))).rejects.toThrow(
    'Valohai: give the data store a new access key',
  )
  const rotated = requestOf({ command: 'rotate-key', wish: 'rotate-key' })
  await run(rotated, fakeWorld(cloud, { request: rotated }))
  expect(cloud.keys.size).toBe(2)
  cloud.time += 8 * DAY
  expect(await digestOf()).toBe('none')
  const request = approving('none')
  expect(await run(request, fakeWorld(cloud, { request }))).toMatchObject({ changes: true })
  expect(cloud.keys.size).toBe(1)
})

it('a replaced key that goes at once, without its grace, needs approval', async () => {
  const rotated = requestOf({ command: 'rotate-key', wish: 'rotate-key' })
  for (const request of [requestOf(), rotated]) await run(request, fakeWorld(cloud, { request }))
  cloud.graceDays = 0
  const atOnce = { store: { ...requestOf().store, keyGraceDays: 0 } }
  const unapproved = approving('none', atOnce)
  await expect(run(unapproved, fakeWorld(cloud, { request: unapproved }))).rejects.toThrow(
    'delete aws_iam_access_key.store["1"]',
  )
  expect(cloud.keys.size).toBe(2)
  const plan = requestOf({ command: 'plan', writes: false, ...atOnce })
  const { digest } = await run(plan, fakeWorld(cloud, { request: plan }))
  const request = approving(digest, atOnce)
  await run(request, fakeWorld(cloud, { request }))
  expect(cloud.keys.size).toBe(1)
})

it.each<[what: string, meddle: () => unknown, told: string]>([
  ['a role was deleted', () => cloud.roles.clear(), 'create aws_iam_role.multipart'],
  [
    'another store became the default',
    () => (cloud.projects[0]!.defaultStoreId = 'other'),
    'make it the default',
  ],
  [
    'the store was given another key',
    () => {
      const { id } = createKey(cloud, 'somebody')
      const [[name, store] = []] = [...cloud.stores]
      if (name !== undefined && store !== undefined) cloud.stores.set(name, { ...store, accessKeyId: id })
    },
    'give the data store a new access key',
  ],
])('refused where in between %s', async (_, meddle, told) => {
  const first = requestOf()
  await run(first, fakeWorld(cloud, { request: first }))
  const digest = await digestOf()
  meddle()
  const request = approving(digest)
  await expect(run(request, fakeWorld(cloud, { request }))).rejects.toThrow(told)
})
