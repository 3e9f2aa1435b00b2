import { describe, nameOf, statusOf } from '../aws/errors'
import { TerraformError } from '../terraform/diagnostics'
import { ValohaiError } from '../valohai'

/** AWS's names of a refusal that a right, or a perimeter, is behind; a question without a body has none. */
const DENIED =
  /^(AccessDenied|AccessDeniedException|AllAccessDisabled|Forbidden|UnauthorizedOperation|403|Unknown|UnknownError)$/

/** AWS's names of too many requests, which it answers with 400 as well. */
const TOO_MANY = /^(Throttl|TooManyRequests|RequestLimitExceeded$|SlowDown$)/

/** Node's codes of a way that leads nowhere. */
const NO_WAY = /^(ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOST|ENET|EPIPE)/

/**
 * Why something could not be looked at: a right is missing, or there is no way to it.
 *
 * @returns `undefined` where the error is of another kind: credentials that are no good, an answer that says something
 */
export function whyUnseen(error: unknown): string | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (isUnseen(cause)) return wordsOf(error)
  }
  return undefined
}

/** The names of AWS's errors say something; those of our own do not. */
const wordsOf = (error: unknown): string =>
  error instanceof ValohaiError || error instanceof TerraformError ? error.message : describe(error)

/** Whether an error is all in words for a person: none of AWS's, Valohai's or a program's is behind it. */
export function isInWords(error: Error): boolean {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (cause.name !== 'Error') return false
  }
  return true
}

function isUnseen(cause: Error): boolean {
  if (cause instanceof ValohaiError) {
    const { status } = cause
    return status === undefined || status === 403 || status === 429 || status >= 500
  }
  if (cause instanceof TerraformError) return /\bAccessDenied|\bStatusCode: 403\b/.test(cause.message)
  if (TOO_MANY.test(nameOf(cause))) return true
  const status = statusOf(cause)
  if (status === 403) return DENIED.test(nameOf(cause))
  if (status !== undefined) return status >= 500
  const { code } = cause as { readonly code?: unknown }
  return nameOf(cause) === 'TimeoutError' || (typeof code === 'string' && NO_WAY.test(code))
}
