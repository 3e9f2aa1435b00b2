import { takeRunLock, type LockClock, type RunLock } from '../../src/state/run-lock'
import { bucketOf, s3Error, startFakeAws, type FakeAws, type FakeBucket } from '../support/fake-aws'

const BUCKET = 'my-bucket-tfstate'
const KEY = 'valohai-s3/my-bucket.tfstate.run-lock'

let aws: FakeAws
let bucket: FakeBucket
let now: number
let told: string[]
/** What runs again and again, until it is stopped. */
let timers: Set<{ milliseconds: number; work: () => Promise<void> }>
/** What happens in the world while somebody sleeps. */
let meanwhile: () => Promise<void> | void

const clock: LockClock = {
  now: () => now,
  sleep: async (milliseconds) => {
    now += milliseconds
    await meanwhile()
  },
  every: (milliseconds, work) => {
    const timer = { milliseconds, work }
    timers.add(timer)
    return () => timers.delete(timer)
  },
}

const take = (holder: string): Promise<RunLock> =>
  takeRunLock(
    { bucket: BUCKET, region: 'eu-west-1', key: KEY, holder },
    (message) => told.push(message),
    clock,
  )

/** All renewals that are due fall due once. */
const renew = async (): Promise<void> => {
  for (const { work } of timers) await work()
}

const lockObject = (): { holder: string } | undefined => {
  const body = bucket.objects.get(KEY)?.at(-1)?.body
  return body === undefined ? undefined : (JSON.parse(body) as { holder: string })
}

beforeEach(async () => {
  now = Date.UTC(2026, 0, 1)
  told = []
  timers = new Set()
  meanwhile = () => undefined
  aws = await startFakeAws()
  aws.now = () => now
  bucket = bucketOf()
  aws.buckets.set(BUCKET, bucket)
})

afterEach(() => aws.close())

it('is taken where nobody holds it, says whose it is, and is given back', async () => {
  const lock = await take('run 7')
  expect(lockObject()).toMatchObject({ holder: 'run 7', since: '2026-01-01T00:00:00.000Z' })
  expect([...bucket.objects.keys()]).toEqual([KEY])
  await lock.release()
  expect(bucket.objects.size).toBe(0)
  expect(told).toEqual([])
})

it('is waited for while another run holds it, and tells so once', async () => {
  const first = await take('run 7')
  let polls = 0
  meanwhile = async () => {
    if (++polls === 5) await first.release()
  }
  await take('run 8')
  expect(polls).toBe(5)
  expect(told).toEqual([expect.stringMatching(/since 2026-01-01T00:00:00.000Z: run 7\. Waiting for it/)])
  expect(lockObject()?.holder).toBe('run 8')
})

it('is held by one of many that ask at once', async () => {
  const locks = await Promise.allSettled([take('a'), take('b'), take('c')])
  // The others wait until the holder gives up; nobody renews here, so each in turn takes the expired one.
  expect(locks.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled'])
  expect(new Set(told.filter((line) => line.startsWith('Another run holds')))).not.toEqual(new Set())
})

it('is taken over where its run died, a minute after it was renewed last', async () => {
  await take('run that dies')
  timers.clear()
  const begin = now
  const lock = await take('run 8')
  expect(now - begin).toBeGreaterThan(60_000)
  expect(now - begin).toBeLessThan(70_000)
  expect(told.at(-1)).toMatch(/run that dies.*has not been heard of/)
  expect(lockObject()?.holder).toBe('run 8')
  await lock.release()
  expect(bucket.objects.size).toBe(0)
})

it('is taken over by one alone of two that see it expired', async () => {
  await take('run that dies')
  timers.clear()
  let raced = false
  aws.intercept = (operation, { headers }) => {
    // In the very moment between the look at the lock and the take-over, somebody else takes it over.
    if (operation === 'PutObject' && headers['if-match'] !== undefined && !raced) {
      raced = true
      const body = JSON.stringify({ holder: 'the faster one', since: 'just now' })
      bucket.objects.set(KEY, [{ version: 'of the faster one', body, modified: now }])
    }
    return undefined
  }
  meanwhile = () => {
    if (raced) bucket.objects.delete(KEY)
  }
  await take('the slower one')
  expect(told.at(-1)).toContain('the faster one')
})

it('is kept alive while it is held, and no longer', async () => {
  const lock = await take('run 7')
  expect([...timers].map(({ milliseconds }) => milliseconds)).toEqual([15_000])
  for (let i = 0; i < 3; i++) {
    now += 15_000
    await renew()
    expect(bucket.objects.get(KEY)?.at(-1)?.modified).toBe(now)
  }
  await lock.release()
  expect(timers.size).toBe(0)
  expect(bucket.objects.size).toBe(0)
})

it('is never taken from a run that renews it: after ten minutes the other one gives up', async () => {
  await take('a long run')
  meanwhile = renew
  const begin = now
  const error = await take('run 8').catch((cause: unknown) => cause as Error)
  expect((error as Error).message).toMatch(
    /^Another run has held the lock of this store since 2026-01-01T00:00:00.000Z and still renews it: a long run\./,
  )
  expect((error as Error).message).toContain(`s3://${BUCKET}/${KEY}`)
  expect(now - begin).toBeGreaterThan(600_000)
  expect(now - begin).toBeLessThan(610_000)
  expect(lockObject()?.holder).toBe('a long run')
})

it('leaves the lock of another run alone when it is renewed too late', async () => {
  await take('a run that slept')
  const [late] = timers
  timers.clear()
  now += 61_000
  await take('run 8')
  await late!.work()
  expect(lockObject()?.holder).toBe('run 8')
})

it('leaves the lock of another run alone when its own had expired', async () => {
  const slept = await take('a run that slept')
  timers.clear()
  now += 61_000
  await take('run 8')
  await slept.release()
  expect(lockObject()?.holder).toBe('run 8')
})

it.each([
  ['PutObject', /could not be taken: AccessDenied/],
  ['GetObject', /could not be read: AccessDenied/],
])('says why it cannot be had: %s', async (refused, message) => {
  if (refused === 'GetObject') await take('another')
  aws.intercept = (operation) => (operation === refused ? s3Error(403, 'AccessDenied') : undefined)
  await expect(take('run 8')).rejects.toThrow(message)
})

it.each(['PutObject', 'DeleteObject'])(
  'does not fail the run where S3 fails once it is held: %s',
  async (refused) => {
    const lock = await take('run 7')
    aws.intercept = (operation) => (operation === refused ? s3Error(500, 'InternalError') : undefined)
    await renew()
    await expect(lock.release()).resolves.toBeUndefined()
  },
)

it('goes on where its renewal failed once', async () => {
  const lock = await take('run 7')
  aws.intercept = () => s3Error(500, 'InternalError')
  await renew()
  aws.intercept = () => undefined
  now += 15_000
  await renew()
  expect(bucket.objects.get(KEY)?.at(-1)?.modified).toBe(now)
  await lock.release()
})
