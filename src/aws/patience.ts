import { loadConfig } from '@smithy/core/config'
import { NODE_MAX_ATTEMPT_CONFIG_OPTIONS, StandardRetryStrategy } from '@smithy/core/retry'
import { nameOf, statusOf } from './errors'
import type { RetryErrorInfo, RetryStrategyV2, StandardRetryToken } from '@smithy/types'

/**
 * How S3 and IAM answer as long as a change of a moment ago has not settled: another change of the same thing is
 * under way, a bucket of that name is being made or deleted, a bucket that was just made is not known everywhere.
 */
const SETTLING = [
  'OperationAborted',
  'NoSuchBucket',
  'ConcurrentModification',
  'EntityTemporarilyUnmodifiable',
]

/** With the SDK's pauses for throttling (up to 1, 2, 4, 8, 16, 20, 20 s) some half a minute, and 71 s at most. */
const ATTEMPTS = 8

/**
 * Tries again what failed, with the SDK's back-off: a request without an answer as often as the SDK always does
 * (`AWS_MAX_ATTEMPTS`), and what settles in time, or is throttled, for longer.
 */
export class Patience implements RetryStrategyV2 {
  readonly mode = 'standard'
  readonly #settling: ReadonlySet<string>
  readonly #usual: StandardRetryStrategy
  readonly #patient = new StandardRetryStrategy(ATTEMPTS)

  /** @param settling names of answers that settle in time, besides those that always do */
  constructor(settling: readonly string[], profile: string | undefined) {
    this.#settling = new Set([...SETTLING, ...settling])
    this.#usual = new StandardRetryStrategy(
      loadConfig(NODE_MAX_ATTEMPT_CONFIG_OPTIONS, profile === undefined ? {} : { profile }),
    )
  }

  acquireInitialRetryToken(scope: string): Promise<StandardRetryToken> {
    return this.#usual.acquireInitialRetryToken(scope)
  }

  refreshRetryTokenForRetry(token: StandardRetryToken, info: RetryErrorInfo): Promise<StandardRetryToken> {
    return this.#settles(info.error) || info.errorType === 'THROTTLING'
      ? this.#patient.refreshRetryTokenForRetry(token, { ...info, errorType: 'THROTTLING' })
      : this.#usual.refreshRetryTokenForRetry(token, info)
  }

  #settles(error: unknown): boolean {
    // The SDK adds a word to those names that its model of the operation knows.
    const name = nameOf(error).replace(/Exception$/, '')
    // The answer to a HEAD says no more than its status.
    return this.#settling.has(name) || (name === 'Unknown' && statusOf(error) === 409)
  }

  recordSuccess(token: StandardRetryToken): void {
    this.#usual.recordSuccess(token)
  }
}
