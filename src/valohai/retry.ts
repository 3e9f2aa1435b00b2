import { backOff, parseRetryAfter } from '../http'
import { isOutcomeUnknown, type ValohaiError } from './errors'

/** How often a request is sent at most. */
export const MAX_ATTEMPTS = 6
const MAX_WAIT_MS = 60_000
/** Wait after a 429 that does not say how long. */
const DEFAULT_RATE_LIMIT_MS = 5_000

/** A request that failed, for `retryDelay`. */
export interface FailedAttempt {
  readonly method: string
  /** 1 for the first. */
  readonly attempt: number
  readonly error: ValohaiError
  /** The answer's `Retry-After`. */
  readonly retryAfter?: string | undefined
  /** Whether a repetition cannot help, e.g. after a certificate that is not trusted. */
  readonly hopeless?: boolean
}

/**
 * How long to wait before the same request is sent again, in milliseconds; `undefined`: not again.
 *
 * A 429 did nothing, so every method waits it out. After a lost answer or a 5xx a GET is repeated, and
 * so are DELETE, and PATCH and PUT, which here send absolute values and do the same when they are done twice. A POST
 * is not: it may have made the store. Its caller looks first.
 */
export function retryDelay(failure: FailedAttempt, now: number): number | undefined {
  const { method, attempt, error, retryAfter } = failure
  if (attempt >= MAX_ATTEMPTS || failure.hopeless) return undefined
  const asked = parseRetryAfter(retryAfter, now)
  if (error.status === 429) return Math.min(asked ?? DEFAULT_RATE_LIMIT_MS, MAX_WAIT_MS)
  const transient = isOutcomeUnknown(error) && (error.status === undefined || error.status >= 500)
  if (!transient || method === 'POST') return undefined
  return Math.min(asked ?? backOff(attempt), MAX_WAIT_MS)
}
