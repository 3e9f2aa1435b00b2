import { statePlace } from '../../src/state/place'
import { awaitRecord, lockPlace, takeRunLock, type LockClock, type RunLock } from '../../src/state/run-lock'
import type { RunRecord } from '../../src/decide/observed'
import { parseLock, type LockContent } from '../../src/state/lock-content'
import { ACCOUNT, bucketOf, s3Error, startFakeAws, type FakeAws, type FakeBucket } from '../support/fake-aws'

const BUCKET = 'my-bucket-tfstate'
const KEY = 'valohai-s3/my-bucket.tfstate.run-lock'

let aws: FakeAws
let bucket: FakeBucket
let now: number
let told: string[]
/** Runs that were told that they lost their lock. */
let lost: string[]
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

const PLACE = {
  bucket: BUCKET,
  key: KEY,
  client: { region: 'eu-west-1', owner: ACCOUNT.id },
  reading: {},
  writing: {},
}
const tell = (message: string): number => told.push(message)
const take = (holder: string): Promise<RunLock> =>
  takeRunLock(
    PLACE,
    { holder, terraformAs: 'ci@runner', onLost: ({ message }) => lost.push(`${holder}: ${message}`) },
    tell,
    clock,
  )

/** What some run noted. */
const RECORD: RunRecord = {
  keys: [
    { generation: '1', id: 'AKIA1', store: 's', progress: 'taken', since: '2026-01-01T00:00:00.000Z' },
    { generation: '2', progress: 'asked', since: '2026-01-02T00:00:00.000Z' },
  ],
}

/** All renewals that are due fall due once. */
const renew = async (): Promise<void> => {
  for (const { work } of timers) await work()
}

const lockObject = (): LockContent => parseLock(bucket.objects.get(KEY)?.at(-1)?.body ?? '')

beforeEach(async () => {
  now = Date.UTC(2026, 0, 1)
  told = []
  lost = []
  timers = new Set()
  meanwhile = () => undefined
  aws = await startFakeAws()
  aws.now = () => now
  bucket = bucketOf()
  aws.buckets.set(BUCKET, bucket)
})

afterEach(() => aws.close())

it('is taken where nobody holds it, says whose it is, and is marked free in the end', async () => {
  const lock = await take('run 7')
  expect(lockObject()).toMatchObject({ holder: 'run 7', since: '2026-01-01T00:00:00.000Z', isHeld: true })
  expect([...bucket.objects.keys()]).toEqual([KEY])
  await lock.release()
  expect(lockObject().isHeld).toBe(false)
  expect(aws.operations).not.toContain('DeleteObject')
  expect(told).toEqual([])
})

describe('the record', () => {
  it('is empty at first, and then what the run before noted', async () => {
    const first = await take('run 7')
    expect(first.record.keys).toEqual([])
    await first.note(RECORD)
    expect(first.record).toMatchObject(RECORD)
    await first.release()
    expect((await take('run 8')).record).toMatchObject(RECORD)
  })

  it('is there as soon as it is noted, and after a renewal', async () => {
    const lock = await take('a run that dies')
    await lock.note(RECORD)
    await renew()
    timers.clear()
    expect(lockObject().record).toMatchObject(RECORD)
    expect((await take('run 8')).record).toMatchObject(RECORD)
  })

  it('is not noted where another run took over: the thing must not happen then', async () => {
    const slept = await take('a run that slept')
    timers.clear()
    now += 61_000
    await take('run 8')
    await expect(slept.note(RECORD)).rejects.toThrow(/another run took over its lock/)
    await expect(slept.note(RECORD)).rejects.toThrow(/another run took over its lock/)
    expect(lockObject()).toMatchObject({ holder: 'run 8', record: { keys: [] } })
  })

  it('is not noted where S3 does not take it', async () => {
    const lock = await take('run 7')
    aws.intercept = (operation) => (operation === 'PutObject' ? s3Error(403, 'AccessDenied') : undefined)
    await expect(lock.note(RECORD)).rejects.toThrow(/AccessDenied/)
    aws.intercept = () => undefined
    await expect(lock.note(RECORD)).resolves.toBeUndefined()
  })

  it('is noted where the answer to an earlier write was lost', async () => {
    const lock = await take('run 7')
    const { body = '' } = bucket.objects.get(KEY)?.at(-1) ?? {}
    bucket.objects.set(KEY, [{ version: 'a write of this run that nobody answered', body }])
    await lock.note(RECORD)
    expect(lockObject().record).toMatchObject(RECORD)
  })

  it('is read without the lock by a plan, which waits for a run that is under way', async () => {
    await expect(awaitRecord(PLACE, tell, clock)).resolves.toBeUndefined()
    const lock = await take('run 7')
    await lock.note(RECORD)
    meanwhile = () => lock.release()
    await expect(awaitRecord(PLACE, tell, clock)).resolves.toMatchObject(RECORD)
    expect(told).toEqual([expect.stringContaining('run 7. Waiting for it')])
    expect(lockObject().holder).toBe('run 7')
  })

  it('that is not one is not guessed', async () => {
    bucket.objects.set(KEY, [{ version: 'v', body: '{"record":{"keys":[{"generation":1}]}}' }])
    await expect(take('run 8')).rejects.toThrow(/Restore its last version, or delete it/)
  })

  it('of an earlier release, which deleted its lock, is empty and held', async () => {
    bucket.objects.set(KEY, [{ version: 'v', body: '{"holder":"old","since":"then"}' }])
    const lock = await take('run 8')
    expect(told[0]).toContain('since then: old')
    expect(lock.record.keys).toEqual([])
  })
})

describe('the tenures', () => {
  const at = (milliseconds: number): string => new Date(Date.UTC(2026, 0, 1) + milliseconds).toISOString()

  it('say when runs held the lock, and as whom', async () => {
    const first = await take('run 7')
    now += 20_000
    await first.release()
    now += 100_000
    const { record } = await take('run 8')
    expect(record.tenures).toEqual([
      { who: 'ci@runner', since: at(0), until: at(20_000) },
      { who: 'ci@runner', since: at(120_000) },
    ])
  })

  it('of runs that died end when their lock was void, and are kept by those that died after them', async () => {
    for (const run of ['run 7', 'run 8']) {
      await take(run)
      timers.clear()
    }
    const { record } = await take('run 9')
    const [first, second, ...rest] = record.tenures ?? []
    expect(first).toEqual({ who: 'ci@runner', since: at(0), until: at(60_000) })
    // From when it was taken, not from when it was waited for: only then that run's Terraform can have begun.
    expect(Date.parse(second?.since ?? '')).toBeGreaterThan(Date.parse(at(60_000)))
    expect(Date.parse(second?.until ?? '')).toBe(Date.parse(second?.since ?? '') + 60_000)
    expect(rest).toEqual([expect.not.objectContaining({ until: expect.anything() as unknown })])
  })

  it('are not more than twenty', async () => {
    for (let run = 0; run < 25; run++) await (await take(`run ${run}`)).release()
    expect(lockObject().record.tenures).toHaveLength(20)
  })
})

it('is this run’s where the answer to taking it was lost', async () => {
  aws.intercept = (operation, { body }) => {
    if (operation !== 'PutObject' || bucket.objects.has(KEY)) return undefined
    bucket.objects.set(KEY, [{ version: 'v', body }])
    return s3Error(412, 'PreconditionFailed')
  }
  const begin = now
  await take('run 7')
  expect(now - begin).toBeLessThan(1000)
  expect(told).toEqual([])
})

it('is this run’s where its own PUT was taken and failed all the same', async () => {
  aws.intercept = (operation, request) => {
    if (operation !== 'PutObject' || bucket.objects.has(KEY)) return undefined
    aws.answer(operation, request)
    return s3Error(500, 'InternalError')
  }
  const begin = now
  await (await take('run 7')).note(RECORD)
  expect(now).toBe(begin)
  expect(lockObject().record).toMatchObject(RECORD)
})

describe('a 404', () => {
  const answer404 = (code: string, ...refused: string[]): void => {
    aws.intercept = (operation) => (refused.includes(operation) ? s3Error(404, code) : undefined)
  }

  it.each(['GetObject', 'PutObject'])('of the bucket ends the run: to %s', async (refused) => {
    answer404('NoSuchBucket', refused)
    await expect(take('run 7')).rejects.toThrow(/could not be (read|taken): NoSuchBucket/)
    expect(now).toBe(Date.UTC(2026, 0, 1))
  })

  it('to a PUT that asks for a missing object ends the run', async () => {
    answer404('NoSuchKey', 'PutObject')
    await expect(take('run 7')).rejects.toThrow(/could not be taken: NoSuchKey/)
  })

  it('to each PUT of an object that is there is paused after, and ends the run after ten minutes', async () => {
    await (await take('run 7')).release()
    answer404('NoSuchKey', 'PutObject')
    aws.operations.length = 0
    const begin = now
    await expect(take('run 8')).rejects.toThrow(/is free, and S3 refused for ten minutes/)
    expect(now - begin).toBeGreaterThan(600_000)
    expect(aws.operations.length).toBeLessThan(500)
  })
})

it('is put as the backend has Terraform put its own objects', async () => {
  const key = 'arn:aws:kms:eu-west-1:123456789012:key/k'
  aws.intercept = (operation, { headers }) =>
    operation === 'PutObject' && headers['x-amz-server-side-encryption-aws-kms-key-id'] !== key
      ? s3Error(403, 'AccessDenied')
      : undefined
  const backend = { type: 's3', bucket: BUCKET, key: 'k', region: 'eu-west-1', owner: undefined } as const
  const place = lockPlace(statePlace({ ...backend, extra: { kms_key_id: key } }, ACCOUNT, {}))
  const lock = await takeRunLock(
    place,
    { holder: 'run 7', terraformAs: 'ci@runner', onLost: () => undefined },
    tell,
    clock,
  )
  await lock.note(RECORD)
  await lock.release()
  expect(bucket.objects.get('k.run-lock')?.at(-1)?.body).toContain('"isHeld": false')
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
  expect(lockObject().holder).toBe('run 8')
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
  expect(lockObject().holder).toBe('run 8')
  await lock.release()
  expect(lockObject().isHeld).toBe(false)
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
  let polls = 0
  meanwhile = () => {
    if (raced && ++polls === 2) bucket.objects.delete(KEY)
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
  expect(lockObject().holder).toBe('a long run')
})

it('leaves the lock of another run alone when it is renewed too late', async () => {
  await take('a run that slept')
  const [late] = timers
  timers.clear()
  now += 61_000
  await take('run 8')
  await late!.work()
  expect(lockObject().holder).toBe('run 8')
  // In the middle of whatever it does: it must not wait for its next note.
  expect(lost).toEqual([expect.stringMatching(/^a run that slept: .*another run took over its lock/)])
})

it('leaves the lock of another run alone when its own had expired', async () => {
  const slept = await take('a run that slept')
  timers.clear()
  now += 61_000
  await take('run 8')
  await slept.release()
  expect(lockObject().holder).toBe('run 8')
})

it.each([
  ['PutObject', /could not be taken: AccessDenied/],
  ['GetObject', /could not be read: AccessDenied/],
])('says why it cannot be had: %s', async (refused, message) => {
  if (refused === 'GetObject') await take('another')
  aws.intercept = (operation) => (operation === refused ? s3Error(403, 'AccessDenied') : undefined)
  await expect(take('run 8')).rejects.toThrow(message)
})

it('does not fail the run where S3 fails to renew or to free it', async () => {
  const lock = await take('run 7')
  aws.intercept = () => s3Error(500, 'InternalError')
  await renew()
  await expect(lock.release()).resolves.toBeUndefined()
  expect(lost).toEqual([])
})

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
