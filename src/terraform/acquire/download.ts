import { setTimeout as sleep } from 'node:timers/promises'
import {
  backOff,
  describeError,
  type Http,
  isCertificateError,
  isHopeless,
  isRedirect,
  megabytes,
  parseRetryAfter,
} from '../../http'
import { ReleaseProblem } from './problem'

/** What a download takes from outside; the defaults are for a real run. */
export interface DownloadOptions {
  readonly http: Http
  readonly info: (message: string) => void
  /** When aborted, the download stops and its reason is thrown. */
  readonly signal?: AbortSignal | undefined
  /** Milliseconds without a single byte after which a connection counts as dead. @default 30000 */
  readonly silenceMs?: number
  /** Milliseconds before the second attempt; doubled before each further one. @default 2000 */
  readonly retryBaseMs?: number
}

const MAX_ATTEMPTS = 3
const RETRY_BASE_MS = 2000
const MAX_WAIT_MS = 60_000
const SILENCE_MS = 30_000
const PROGRESS_EVERY_MS = 10_000
const MAX_REDIRECTS = 5
/** Terraform's archives are about 30 MB; whatever is far over that is something else. */
const MAX_BYTES = 500_000_000

/** An answer other than 200. */
class HttpStatus extends Error {
  readonly status: number
  readonly retryAfter: string | undefined

  constructor(status: number, retryAfter?: string) {
    super(`HTTP ${status}`)
    this.status = status
    this.retryAfter = retryAfter
  }
}

/** A redirect that is not followed. */
class BadRedirect extends Error {}

/**
 * Downloads one file into memory. Network errors, 408, 429 and 5xx are tried again after short waits.
 * Redirects may lead to other hosts, as those of Artifactory do, but not from https to http: what counts is
 * the signature, so nothing secret is ever sent along.
 *
 * @throws ReleaseProblem where it cannot be had; the signal's reason where that is aborted
 */
export async function download(url: string, options: DownloadOptions): Promise<Buffer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await follow(url, options)
    } catch (error) {
      options.signal?.throwIfAborted()
      if (attempt === MAX_ATTEMPTS || !isTransient(error)) throw unavailable(url, error, attempt)
      const delay = delayBefore(attempt, error, options)
      options.info(`${url}: ${describeError(error)}; trying again in ${delay / 1000} s`)
      await pause(delay, options.signal)
    }
  }
}

async function follow(url: string, options: DownloadOptions): Promise<Buffer> {
  let at = new URL(url)
  for (let hops = 0; hops <= MAX_REDIRECTS; hops += 1) {
    const { status, headers, body } = await options.http(at, {
      headers: { accept: '*/*' },
      limit: { silence: options.silenceMs ?? SILENCE_MS },
      maxBytes: MAX_BYTES,
      signal: options.signal,
      onData: progress(at, options.info),
    })
    if (status === 200) return body
    if (!isRedirect(status) || headers.location === undefined) {
      throw new HttpStatus(status, headers['retry-after'])
    }
    const target = new URL(headers.location, at)
    const isSafe = target.protocol === 'https:' || (target.protocol === 'http:' && at.protocol === 'http:')
    if (!isSafe)
      throw new BadRedirect(`it redirects from ${at.protocol}// to ${target.protocol}//${target.host}`)
    at = target
  }
  throw new BadRedirect(`it redirects over ${MAX_REDIRECTS} times`)
}

/** Tells now and then how far a slow download is. */
function progress(url: URL, info: (message: string) => void): (received: number, total: number) => void {
  let last = Date.now()
  return (received, total) => {
    if (Date.now() - last < PROGRESS_EVERY_MS) return
    last = Date.now()
    const of = Number.isNaN(total) ? '' : ` of ${megabytes(total)}`
    info(`${url.pathname.split('/').at(-1) ?? ''}: ${megabytes(received)}${of}`)
  }
}

function isTransient(error: unknown): boolean {
  if (error instanceof HttpStatus) return error.status >= 500 || error.status === 408 || error.status === 429
  return !(error instanceof BadRedirect) && !isHopeless(error)
}

function delayBefore(
  attempt: number,
  error: unknown,
  { retryBaseMs = RETRY_BASE_MS }: DownloadOptions,
): number {
  const asked = error instanceof HttpStatus ? parseRetryAfter(error.retryAfter, Date.now()) : undefined
  return Math.min(asked ?? backOff(attempt, retryBaseMs), MAX_WAIT_MS)
}

function unavailable(url: string, error: unknown, attempts: number): ReleaseProblem {
  const times = attempts === 1 ? '' : `, ${attempts} times`
  return new ReleaseProblem(
    `${url} could not be downloaded (${describeError(error)}${times})`,
    fixFor(error),
    {
      cause: error,
    },
  )
}

function fixFor(error: unknown): string {
  const otherwise = 'or add a step with hashicorp/setup-terraform'
  if (error instanceof HttpStatus && [404, 410].includes(error.status)) {
    return `Check that this version of Terraform was released and that the mirror, if TERRAFORM_RELEASES_URL names one, has it; ${otherwise}`
  }
  if (error instanceof HttpStatus && [401, 403, 407].includes(error.status)) {
    return `Check the proxy, and that the mirror, if TERRAFORM_RELEASES_URL names one, can be read without logging in; ${otherwise}`
  }
  if (isCertificateError(error)) return `For a certificate of your own set NODE_EXTRA_CA_CERTS, ${otherwise}`
  return `Check the network and its proxy (HTTPS_PROXY, NO_PROXY), set TERRAFORM_RELEASES_URL to a mirror, ${otherwise}`
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, signal === undefined ? {} : { signal })
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  }
}
