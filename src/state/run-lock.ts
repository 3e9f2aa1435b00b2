import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { s3Client } from '../aws/clients'
import { describe, statusOf } from '../aws/errors'

/** Where the lock of a store's runs is kept, and who asks for it. */
export interface RunLockRequest {
  readonly bucket: string
  readonly region: string
  /** Key of the lock object, beside the state. */
  readonly key: string
  /** Who holds the lock then: for the person who waits for it. */
  readonly holder: string
}

/** A lock that is held. */
export interface RunLock {
  /** Gives it back. Does not throw: a lock that is left behind expires. */
  release(): Promise<void>
}

/** The clock of the lock: injected, so that tests need not wait. */
export interface LockClock {
  readonly now: () => number
  readonly sleep: (milliseconds: number) => Promise<void>
  /** Calls `work` again and again until the returned function is called. */
  readonly every: (milliseconds: number, work: () => Promise<void>) => () => void
}

/** All in milliseconds. A run that died cannot release its lock, so a lock that is not renewed is void. */
const RENEWAL = 15_000
const EXPIRY = 60_000
const POLL = 3_000
const LIMIT = 600_000

interface Held {
  readonly holder: string
  readonly since: string
  /** Changes with each renewal. */
  readonly etag: string
}

/**
 * Takes the lock of a store's runs, and waits while another run holds it. Terraform's own lock covers one
 * Terraform command; a run is several, and Valohai after them: between them another run would find a key
 * whose secret it cannot have, and replace it.
 *
 * @param info told when a wait begins
 * @throws where another run holds it for over ten minutes: who, and since when
 */
export async function takeRunLock(
  request: RunLockRequest,
  info: (message: string) => void,
  clock: LockClock,
): Promise<RunLock> {
  const s3 = s3Client({ region: request.region })
  const { bucket: Bucket, key: Key, holder } = request
  const since = new Date(clock.now()).toISOString()
  const put = async (condition: { IfNoneMatch: '*' } | { IfMatch: string }): Promise<string | undefined> => {
    const Body = JSON.stringify({ holder, since, renewed: new Date(clock.now()).toISOString() })
    try {
      return (await s3.send(new PutObjectCommand({ Bucket, Key, Body, ...condition }))).ETag
    } catch (error) {
      // Somebody else was first (412), or at the very same moment (409); or the lock is gone by now (404).
      if ([404, 409, 412].includes(statusOf(error) ?? 0)) return undefined
      throw new Error(`The lock s3://${Bucket}/${Key} could not be taken: ${describe(error)}`, {
        cause: error,
      })
    }
  }

  const begin = clock.now()
  let told: string | undefined
  // Measured by this run's own waiting: the clocks of the holder, of S3 and of this machine may differ.
  let unchanged = { etag: '', since: begin }
  let etag = await put({ IfNoneMatch: '*' })
  while (etag === undefined) {
    const held = await read(s3, { Bucket, Key })
    if (held !== undefined && held.etag !== unchanged.etag)
      unchanged = { etag: held.etag, since: clock.now() }
    if (held === undefined) etag = await put({ IfNoneMatch: '*' })
    else if (clock.now() - unchanged.since > EXPIRY) {
      info(
        `The run that held the lock (${held.holder}) has not been heard of for a minute; going on from where it ended`,
      )
      etag = await put({ IfMatch: held.etag })
    } else {
      if (clock.now() - begin > LIMIT) throw new Error(heldTooLong(held, request))
      if (told !== held.since)
        info(`Another run holds the lock since ${held.since}: ${held.holder}. Waiting for it`)
      told = held.since
      await clock.sleep(POLL)
      etag = await put({ IfNoneMatch: '*' })
    }
  }

  let current: string | undefined = etag
  const ownEtag = async (): Promise<string | undefined> => {
    const held = await read(s3, { Bucket, Key })
    return held?.holder === holder && held.since === since ? held.etag : undefined
  }
  const renew = async (): Promise<void> => {
    if (current === undefined) return
    const before = current
    try {
      // Refused: another run took the lock over; or the answer to the last renewal was lost.
      current = (await put({ IfMatch: before })) ?? (await ownEtag())
    } catch {
      // No answer: tried again at the next renewal.
      current = before
    }
  }
  const stop = clock.every(RENEWAL, renew)
  return {
    release: async () => {
      stop()
      // Not every S3 deletes conditionally, so a last renewal tells whether the lock is still this run's.
      await renew()
      if (current !== undefined) {
        await s3.send(new DeleteObjectCommand({ Bucket, Key })).catch(() => undefined)
      }
      s3.destroy()
    },
  }
}

async function read(s3: S3Client, object: { Bucket: string; Key: string }): Promise<Held | undefined> {
  try {
    const { Body, ETag } = await s3.send(new GetObjectCommand(object))
    const { holder, since } = JSON.parse((await Body?.transformToString()) ?? '{}') as Partial<Held>
    return {
      holder: holder ?? 'unknown',
      since: since ?? 'an unknown time',
      etag: ETag ?? '',
    }
  } catch (error) {
    if (statusOf(error) === 404) return undefined
    throw new Error(`The lock s3://${object.Bucket}/${object.Key} could not be read: ${describe(error)}`, {
      cause: error,
    })
  }
}

function heldTooLong({ holder, since }: Held, { bucket, key }: RunLockRequest): string {
  return [
    `Another run has held the lock of this store since ${since} and still renews it: ${holder}.`,
    `Wait for it to end, or cancel it; the lock (s3://${bucket}/${key}) is void a minute after that.`,
  ].join(' ')
}
