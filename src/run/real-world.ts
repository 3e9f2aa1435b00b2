import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { findKeyOwner, listAccessKeys, removeAccessKey } from '../aws/access-keys'
import { findAccount } from '../aws/account'
import { findAttachments, listInlinePolicies } from '../aws/attachments'
import { countContents } from '../aws/contents'
import { removeLeftover, removePolicy } from '../aws/remove'
import { findExisting } from '../aws/existing'
import { findCorsRules, findManagedElsewhere } from '../aws/existing-bucket'
import { preflight } from '../aws/preflight'
import { isPublic } from '../aws/public-access'
import { proveCredentials, type ProofClock } from '../aws/credential-proof'
import { SecretEnvelope } from '../aws/key-secret'
import { httpClient } from '../http'
import type { LockClock } from '../state/run-lock'
import { readOtherState } from '../state/other-state'
import type { Request } from '../config'
import type { Reporter } from '../reporting/reporter'
import { ERRORED_STATE } from '../terraform/unsaved-state'
import type { Verdict } from '../decide/findings'
import type { Outcome } from '../decide/outcome'
import { check } from './check'
import { run } from './run'
import { ValohaiClient } from '../valohai'
import type { RunRequest } from './act/context'
import { openState } from './state-access'
import { openTerraform, TERRAFORM } from './terraform-directory'
import type { World } from './world'

/** What a front door brings to a run. */
export interface Surroundings {
  readonly reporter: Reporter
  /** The process's environment. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly signal: AbortSignal
  /** Who runs this, for those who have to wait for it. */
  readonly holder: string
  /** Where directories that live as long as the run are made. */
  readonly temporaryDirectory: string
  /** Whether the directory that Terraform works in stays after the run. */
  readonly keepDirectory: boolean
  /**
   * Where a Terraform that was installed is kept, for later runs. Not a place that others can write to; `undefined`
   * where there is none.
   */
  readonly cacheDirectory: string | undefined
  /** Where a `.terraform-version` is looked for. */
  readonly workspace: string
}

/** Real time; a wait ends at once, by throwing, when the run is cancelled. */
const clockOf = (signal: AbortSignal): ProofClock & LockClock => ({
  now: () => Date.now(),
  sleep: (milliseconds: number) => sleep(milliseconds, undefined, { signal }),
  every: (milliseconds: number, work: () => Promise<void>) => {
    // Does not keep the process alive.
    const timer = setInterval(() => void work(), milliseconds).unref()
    return () => {
      clearInterval(timer)
    }
  },
})

/** Runs `plan` or `apply` on the real world: what both front doors do. */
export const runForReal = (request: RunRequest, surroundings: Surroundings): Promise<Outcome> =>
  inRealWorld(request, surroundings, run)

/** Runs `check` on the real world. */
export const checkForReal = (request: RunRequest, surroundings: Surroundings): Promise<Verdict> =>
  inRealWorld(request, surroundings, check)

/**
 * Works on the real world. Directories that were made for the run go with it, unless somebody may want to look into
 * them (`keepDirectory`).
 */
async function inRealWorld<T>(
  request: RunRequest,
  surroundings: Surroundings,
  work: (request: RunRequest, world: World) => Promise<T>,
): Promise<T> {
  const { temporaryDirectory, keepDirectory } = surroundings
  await mkdir(temporaryDirectory, { recursive: true, mode: 0o700 })
  const scratch = await mkdtemp(path.join(temporaryDirectory, 'valohai-s3-'))
  try {
    return await work(request, createWorld(request, surroundings, scratch))
  } finally {
    // A state that could not be saved is the only word of what was made.
    const isUnsaved = existsSync(path.join(scratch, TERRAFORM, ERRORED_STATE))
    if (!isUnsaved && (!keepDirectory || request.output.directoryIsExplicit))
      await remove(scratch, surroundings.reporter)
  }
}

/** What is left behind is told: it must not take the place of what the run ended with. */
async function remove(directory: string, reporter: Reporter): Promise<void> {
  try {
    await rm(directory, { recursive: true, force: true, maxRetries: 3 })
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    reporter.warning(`The directory of this run is left behind: ${why}`)
  }
}

function createWorld(request: Request, surroundings: Surroundings, scratch: string): World {
  const { reporter, signal, environment } = surroundings
  const http = httpClient(environment)
  const info = reporter.info.bind(reporter)
  const clock = clockOf(signal)
  const lost = new AbortController()
  const { valohai: link, store } = request
  const account = once(() => findAccount(store.region))
  const state = openState(request, surroundings, { clock, account, lost })
  return {
    reporter,
    signal,
    now: () => new Date(),
    valohai: link && new ValohaiClient(link.origin, link.token, { http, info }),
    aws: {
      findAccount: account,
      findExisting: (account, names) => findExisting(store.region, account, names),
      preflight: async (bucket, origin) => {
        const place = { name: bucket, region: store.region }
        await findManagedElsewhere(place, await account())
        return preflight(place, await account(), origin)
      },
      corsRules: async (bucket) => findCorsRules({ name: bucket, region: store.region }, await account()),
      isPublic: async (bucket) => isPublic({ name: bucket, region: store.region }, await account()),
      findKeyOwner: (id) => findKeyOwner(store.region, id),
      listKeys: (userName) => listAccessKeys(store.region, userName),
      removeKey: (userName, id) => removeAccessKey(store.region, userName, id),
      listInlinePolicies: (names) => listInlinePolicies(store.region, names),
      findAttachments: (names) => findAttachments(store.region, names),
      countContents: async (bucket) => countContents(bucket, store.region, await account()),
      removePolicy: (on, policy) => removePolicy(store.region, on, policy),
      remove: async (leftover) => removeLeftover(leftover, store.region, await account()),
      proveCredentials: (proof) => proveCredentials(proof, info, clock),
      createEnvelope: () => SecretEnvelope.create(),
    },
    stateBucket: state?.bucket,
    readOtherState: async (tag) => readOtherState(tag, { region: store.region, owner: (await account()).id }),
    openTerraform: () =>
      openTerraform(request, surroundings, { scratch, http, lost: lost.signal, ownLock: state?.ownLock }),
  }
}

/** Asks once, however often it is called. */
function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined
  return () => (answer ??= ask())
}
