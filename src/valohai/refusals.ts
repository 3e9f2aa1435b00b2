import { ValohaiError, type Problem } from './errors'

/** How long after a key was made a refusal of it is put down to IAM, which takes its time to tell S3. */
const PROPAGATION_MS = 60_000
const FIRST_WAIT_MS = 2_000
const MAX_WAIT_MS = 10_000

const CREDENTIALS =
  /credential|access.?key|secret.?key|test.?file|signature|accessdenied|access denied|could not be (verified|validated)/i

/**
 * How long to wait until a refused key is tried again, in milliseconds; `undefined` where the refusal is
 * about something else, or the key is too old for IAM to be the reason.
 *
 * Valohai checks new credentials by writing a test file to the bucket (guide, step 6).
 */
export function freshKeyDelay(
  error: unknown,
  keyMadeAt: Date,
  attempt: number,
  now: number,
): number | undefined {
  if (!(error instanceof ValohaiError) || error.status !== 400) return undefined
  if (error.problems.length === 0 || !error.problems.every(isAboutCredentials)) return undefined
  const left = keyMadeAt.getTime() + PROPAGATION_MS - now
  // The upper bound on `left` is for a clock here that runs far behind that of AWS.
  if (left <= 0 || left > 2 * PROPAGATION_MS) return undefined
  return Math.min(FIRST_WAIT_MS * 2 ** (attempt - 1), MAX_WAIT_MS, Math.max(left, FIRST_WAIT_MS))
}

function isAboutCredentials({ field, message, code }: Problem): boolean {
  const path = field ?? ''
  // A complaint about the store's name may well quote a name with "secret" in it.
  if (path !== '' && path !== 'configuration' && !path.startsWith('configuration.'))
    return /^(access_key_id|secret_access_key)$/.test(path)
  return (
    /\.(access_key_id|secret_access_key)$/.test(path) ||
    CREDENTIALS.test(message) ||
    CREDENTIALS.test(code ?? '')
  )
}

/** Whether the API wants to be told the store's owner. */
export function asksForOwner(error: unknown): boolean {
  return (
    error instanceof ValohaiError &&
    error.status === 400 &&
    error.problems.some(({ field }) => field === 'owner')
  )
}

/** Whether the API says that a store of this name exists. */
export function saysNameTaken(error: unknown): boolean {
  return (
    error instanceof ValohaiError &&
    error.status === 400 &&
    error.problems.some(({ field }) => field === 'name')
  )
}
