import { hostname, userInfo } from 'node:os'
import type { Request } from '../config'
import type { Account } from '../decide/observed'
import { isOwnLock } from '../decide/stale-lock'
import { isPlain, statePlace, type StatePlace } from '../state/place'
import { awaitRecord, lockPlace, takeRunLock, type LockClock, type RunLock } from '../state/run-lock'
import { lookAtStateBucket, makeStateBucket } from '../state/state-bucket'
import { readStateObject, readTerraformLock } from '../state/state-object'
import type { Surroundings } from './real-world'
import type { StateBucket } from './world'

/** The way to a state in S3. */
export interface StateAccess {
  readonly bucket: StateBucket
  /** Id of a lock that this run's Terraform made on the state, if it is there. */
  readonly ownLock: () => Promise<string | undefined>
}

/** The state's bucket in the real world; `undefined` with a backend other than S3. */
export function openState(
  { store, terraform: { backend } }: Request,
  { reporter, holder, environment }: Surroundings,
  {
    clock,
    account,
    lost,
  }: {
    readonly clock: LockClock
    readonly account: () => Promise<Account>
    /** Aborted when another run took the lock over. */
    readonly lost: AbortController
  },
): StateAccess | undefined {
  if (backend.type !== 's3') return undefined
  const info = reporter.info.bind(reporter)
  const place = async (): Promise<StatePlace> => statePlace(backend, await account(), environment)
  const lock = async (): Promise<StatePlace> => lockPlace(await place())
  const onLost = (error: Error): void => {
    lost.abort(error)
  }
  let held: RunLock | undefined
  const bucket: StateBucket = {
    name: backend.bucket,
    look: async (account) => lookAtStateBucket(await place(), account),
    make: async (account, onMade) => makeStateBucket(await place(), account, store, onMade),
    takeLock: async () => {
      held = await takeRunLock(await lock(), { holder, terraformAs: terraformAs(), onLost }, info, clock)
      return held
    },
    awaitRecord: async () => awaitRecord(await lock(), info, clock),
    terraformLock: async () => readTerraformLock(await place()),
    readState: async () => (isPlain(backend) ? readStateObject(await place()) : undefined),
  }
  const ownLock = async (): Promise<string | undefined> => {
    const found = await bucket.terraformLock()
    return held !== undefined && found !== undefined && isOwnLock(held.record, found) ? found.id : undefined
  }
  return { bucket, ownLock }
}

/** As whom Terraform works here, as it writes that into its own lock. */
function terraformAs(): string {
  try {
    return `${userInfo().username}@${hostname()}`
  } catch {
    // A user id without a name: Terraform writes none either.
    return `@${hostname()}`
  }
}
