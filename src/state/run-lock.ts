import { randomUUID } from 'node:crypto'
import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { s3Client } from '../aws/clients'
import { describe, nameOf, statusOf } from '../aws/errors'
import type { RunRecord, Tenure } from '../decide/observed'
import { lockText, parseLock, type LockContent } from './lock-content'
import { LOCK_SUFFIXES } from '../store/names'
import type { StatePlace } from './place'

/** Where the lock of a store's runs is kept: beside the state. */
export function lockPlace(state: StatePlace): StatePlace {
  return { ...state, key: state.key + LOCK_SUFFIXES.run }
}

/** A lock that is held, and the record that it carries. */
export interface RunLock {
  /** What runs have noted of the keys they made, this one included. */
  readonly record: RunRecord
  /**
   * Notes something before it happens.
   *
   * @throws where the lock is not this run's any more, or S3 does not take it: then the thing must not happen
   */
  note(record: RunRecord): Promise<void>
  /**
   * Makes sure that the lock is still this run's, before something is changed.
   *
   * @throws where another run took it over
   */
  confirm(): Promise<void>
  /** Marks it free; the record stays. Does not throw: a lock that is left behind is void after a minute. */
  release(): Promise<void>
}

/** The clock of the lock: injected, so that tests need not wait. */
export interface LockClock {
  readonly now: () => number
  readonly sleep: (milliseconds: number) => Promise<void>
  /** Calls `work` again and again until the returned function is called. */
  readonly every: (milliseconds: number, work: () => Promise<void>) => () => void
}

/** All in milliseconds. A run that died cannot free its lock, so a lock that is not renewed is void. */
const RENEWAL = 15_000
const EXPIRY = 60_000
const POLL = 3_000
const LIMIT = 600_000

/** Who takes a lock. */
export interface LockHolder {
  /** For the person who waits for it. */
  readonly holder: string
  /** What Terraform writes into its own lock: `user@host`. */
  readonly terraformAs: string
  /** Told, also in the middle of something, that another run took the lock over: nothing must be changed any more. */
  readonly onLost: (error: Error) => void
}

/** Tenures that are kept in mind: Terraform's lock is of one of the last, also where several runs failed since. */
const MOST_TENURES = 20

/** The record as who takes the lock carries it on. A run that died may have worked until its lock was void. */
function begun({ record, renewed }: Pick<LockContent, 'record' | 'renewed'>, tenure: Tenure): RunRecord {
  const { tenures = [] } = ended(record, Date.parse(renewed) + EXPIRY)
  return { ...record, tenures: [...tenures, tenure].slice(-MOST_TENURES) }
}

function ended({ tenures = [], ...record }: RunRecord, at: number): RunRecord {
  return { ...record, tenures: tenures.map((tenure) => ({ until: new Date(at).toISOString(), ...tenure })) }
}

interface Found extends LockContent {
  readonly etag: string
}

/**
 * Takes the lock of a store's runs, and waits while another run holds it. Terraform's own lock covers one
 * Terraform command; a run is several, and Valohai after them: between them another run would find a key
 * whose secret it cannot have, and replace it.
 *
 * @param holder who holds it then, for the person who waits; and as whom it has Terraform work
 * @param info told when a wait begins
 * @throws where another run holds it for over ten minutes: who, and since when
 */
export async function takeRunLock(
  place: StatePlace,
  { holder, terraformAs, onLost }: LockHolder,
  info: (message: string) => void,
  clock: LockClock,
): Promise<RunLock> {
  const s3 = s3Client(place.client)
  const run = randomUUID()
  const waiting = waitingRoom(place, info, clock)
  for (;;) {
    const found = await read(s3, place)
    const isOurs = found?.run === run
    // The answer to taking it may have been lost.
    if (isOurs || found === undefined || !found.isHeld || waiting.isOver(found)) {
      const since = new Date(clock.now()).toISOString()
      const before = found ?? { record: { keys: [] }, renewed: since }
      const record = isOurs ? found.record : begun(before, { who: terraformAs, since })
      const content: LockContent = { run, holder, since, renewed: since, isHeld: true, record }
      const etag = isOurs ? found.etag : await take(s3, place, content, found?.etag)
      if (etag !== undefined) return held(s3, place, { content, etag, onLost }, clock)
    }
    await waiting.pause(found)
  }
}

/** Puts the lock; where that fails, S3 may have taken it all the same. */
async function take(
  s3: S3Client,
  place: StatePlace,
  content: LockContent,
  before: string | undefined,
): Promise<string | undefined> {
  try {
    return await put(s3, place, content, before)
  } catch (cause) {
    const found = await read(s3, place).catch(() => undefined)
    if (found?.run === content.run) return found.etag
    throw cause
  }
}

/**
 * The record, without taking the lock: what `plan` goes by. Where a run is under way it is waited for.
 *
 * @returns `undefined` where there is none yet
 */
export async function awaitRecord(
  place: StatePlace,
  info: (message: string) => void,
  clock: LockClock,
): Promise<RunRecord | undefined> {
  const s3 = s3Client(place.client)
  const waiting = waitingRoom(place, info, clock)
  for (;;) {
    const found = await read(s3, place)
    if (found === undefined || !found.isHeld || waiting.isOver(found)) return found?.record
    await waiting.pause(found)
  }
}

/** Tells of a wait once, and when it is over: the holder has been silent for a minute, or held it for too long. */
function waitingRoom(
  { bucket, key }: StatePlace,
  info: (message: string) => void,
  clock: LockClock,
): { isOver: (found: Found) => boolean; pause: (found: Found | undefined) => Promise<void> } {
  const begin = clock.now()
  let told: string | undefined
  // Measured by this run's own waiting: the clocks of the holder, of S3 and of this machine may differ.
  let unchanged = { etag: '', since: begin }
  return {
    isOver: (found) => {
      if (found.etag !== unchanged.etag) unchanged = { etag: found.etag, since: clock.now() }
      if (clock.now() - unchanged.since > EXPIRY) {
        info(
          `The run that held the lock (${found.holder}) has not been heard of for a minute; going on from where it ended`,
        )
        return true
      }
      if (clock.now() - begin > LIMIT) {
        throw new Error(
          `Another run has held the lock of this store since ${found.since} and still renews it: ${found.holder}. ` +
            `Wait for it to end, or cancel it; the lock (s3://${bucket}/${key}) is void a minute after that.`,
        )
      }
      if (told !== found.since)
        info(`Another run holds the lock since ${found.since}: ${found.holder}. Waiting for it`)
      told = found.since
      return false
    },
    pause: async (found) => {
      if (clock.now() - begin > LIMIT) {
        throw new Error(
          `The lock s3://${bucket}/${key} is free, and S3 refused for ten minutes to let this run take it. Look at the object, and run again.`,
        )
      }
      await clock.sleep(found === undefined ? POLL / 10 : POLL)
    },
  }
}

function held(
  s3: S3Client,
  place: StatePlace,
  taken: Pick<LockHolder, 'onLost'> & { readonly content: LockContent; readonly etag: string },
  clock: LockClock,
): RunLock {
  let { content } = taken
  let etag: string | undefined = taken.etag
  // One write at a time: a renewal must not overtake a note.
  let queue: Promise<unknown> = Promise.resolve()
  const write = (change: Partial<LockContent> = {}): Promise<void> => {
    const work = async (): Promise<void> => {
      if (etag === undefined) throw lost(place)
      // As it is when its turn has come: what was noted meanwhile stays.
      const next = { ...content, ...change }
      const renewed: LockContent = { ...next, renewed: new Date(clock.now()).toISOString() }
      // Refused: another run took the lock over, or the answer to an earlier write was lost.
      etag = (await put(s3, place, renewed, etag)) ?? (await rewrite(s3, place, renewed))
      if (etag === undefined) {
        const error = lost(place)
        taken.onLost(error)
        throw error
      }
      content = next
    }
    const result = queue.then(work)
    queue = result.catch(() => undefined)
    return result
  }
  const stop = clock.every(RENEWAL, () => write().catch(() => undefined))
  return {
    get record() {
      return content.record
    },
    note: (record) => write({ record }),
    confirm: () => write(),
    release: async () => {
      stop()
      const record = ended(content.record, clock.now())
      await write({ isHeld: false, record }).catch(() => undefined)
    },
  }
}

/** Writes once more where what stands there is still this run's. */
async function rewrite(s3: S3Client, place: StatePlace, content: LockContent): Promise<string | undefined> {
  const found = await read(s3, place)
  return found?.run === content.run ? put(s3, place, content, found.etag) : undefined
}

function lost({ bucket, key }: StatePlace): Error {
  return new Error(
    `This run stood still for so long that another run took over its lock (s3://${bucket}/${key}). It stops here; run it again.`,
  )
}

/** @returns the new ETag; `undefined` where the object is not as it was (`before`; `undefined`: missing) any more */
async function put(
  s3: S3Client,
  { bucket, key, writing }: StatePlace,
  content: LockContent,
  before: string | undefined,
): Promise<string | undefined> {
  const condition = before === undefined ? { IfNoneMatch: '*' } : { IfMatch: before }
  try {
    const Body = lockText(content)
    const object = { Bucket: bucket, Key: key, Body, ...writing, ...condition }
    return (await s3.send(new PutObjectCommand(object))).ETag
  } catch (error) {
    const isGone = before !== undefined && isMissingObject(error)
    // Somebody else was first (412), or at the very same moment (409); or the object is gone by now.
    if (isGone || [409, 412].includes(statusOf(error) ?? 0)) return undefined
    throw new Error(`The lock s3://${bucket}/${key} could not be taken: ${describe(error)}`, { cause: error })
  }
}

async function read(s3: S3Client, { bucket, key, reading }: StatePlace): Promise<Found | undefined> {
  try {
    const { Body, ETag } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key, ...reading }))
    return { ...parseLock((await Body?.transformToString()) ?? ''), etag: ETag ?? '' }
  } catch (error) {
    if (isMissingObject(error)) return undefined
    throw new Error(`The lock s3://${bucket}/${key} could not be read: ${describe(error)}`, { cause: error })
  }
}

/** Whether S3 has no such object, though the bucket is there. */
const isMissingObject = (error: unknown): boolean =>
  statusOf(error) === 404 && nameOf(error) !== 'NoSuchBucket'
