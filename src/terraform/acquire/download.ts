import { setTimeout as sleep } from 'node:timers/promises'
import { HttpClient } from '@actions/http-client'
import { version } from '../../../package.json'
import { codeOf, messageOf, ReleaseProblem } from './problem'

/** What a download takes from outside; the defaults are for a real run. */
export interface DownloadOptions {
  readonly info: (message: string) => void
  /** When aborted, the download stops and its reason is thrown. */
  readonly signal?: AbortSignal | undefined
  /** Milliseconds without a single byte after which a connection counts as dead. @default 30000 */
  readonly idleTimeoutMs?: number
  /** Milliseconds before the second, third, … attempt. @default 1000, 5000 */
  readonly retryDelaysMs?: readonly number[]
}

const RETRY_DELAYS_MS = [1000, 5000]
const IDLE_TIMEOUT_MS = 30_000
const PROGRESS_EVERY_MS = 10_000
const MAX_REDIRECTS = 5
/** Terraform's archives are about 30 MB; whatever is far over that is something else. */
const MAX_BYTES = 500_000_000

/** An answer other than 200. */
class HttpStatus extends Error {
  public readonly status: number

  constructor(status: number) {
    super(`HTTP ${status}`)
    this.status = status
  }
}

/**
 * Downloads one file into memory, through the proxy that HTTPS_PROXY and NO_PROXY name. Network errors, 408,
 * 429 and 5xx are tried again after short waits. Redirects may lead to other hosts, as those of Artifactory
 * do, but not from https to http: what counts is the signature, so nothing secret is ever sent along.
 *
 * @throws ReleaseProblem where it cannot be had; the signal's reason where that is aborted
 */
export async function download(url: string, options: DownloadOptions): Promise<Buffer> {
  const delays = options.retryDelaysMs ?? RETRY_DELAYS_MS
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await follow(url, options)
    } catch (error) {
      options.signal?.throwIfAborted()
      const delay = delays[attempt]
      if (delay === undefined || !isTransient(error)) throw unavailable(url, error, attempt + 1)
      options.info(`${url}: ${describe(error)}; trying again in ${delay / 1000} s`)
      await pause(delay, options.signal)
    }
  }
}

async function follow(url: string, options: DownloadOptions): Promise<Buffer> {
  let at = new URL(url)
  for (let hops = 0; hops <= MAX_REDIRECTS; hops += 1) {
    const answer = await once(at, options)
    if (Buffer.isBuffer(answer)) return answer
    const target = new URL(answer.location, at)
    const isSafe = target.protocol === 'https:' || (target.protocol === 'http:' && at.protocol === 'http:')
    if (!isSafe) throw new HopelessError(`it redirects from https to ${target.protocol}//${target.host}`)
    at = target
  }
  throw new HopelessError(`it redirects over ${MAX_REDIRECTS} times`)
}

async function once(url: URL, options: DownloadOptions): Promise<Buffer | { location: string }> {
  const idleMs = options.idleTimeoutMs ?? IDLE_TIMEOUT_MS
  const idle = new AbortController()
  const timer = setTimeout(() => idle.abort(), idleMs)
  const signal = AbortSignal.any([idle.signal, ...(options.signal === undefined ? [] : [options.signal])])
  const client = new HttpClient(`valohai-s3-action/${version}`, [withSignal(signal)], {
    // Ours resolves relative targets and never waits for the body of a redirect.
    allowRedirects: false,
    allowRetries: false,
    socketTimeout: idleMs + 1000,
  })
  try {
    const { message } = await client.get(url.href, { accept: '*/*' })
    const status = message.statusCode ?? 0
    if (status !== 200) {
      message.destroy()
      const { location } = message.headers
      if ([301, 302, 303, 307, 308].includes(status) && location !== undefined) return { location }
      throw new HttpStatus(status)
    }
    const total = Number(message.headers['content-length'] ?? NaN)
    const tell = progress(url, total, options.info)
    const chunks: Buffer[] = []
    let received = 0
    for await (const chunk of message as AsyncIterable<Buffer>) {
      timer.refresh()
      chunks.push(chunk)
      received += chunk.length
      if (received > MAX_BYTES) throw new HopelessError(`it is larger than ${megabytes(MAX_BYTES)}`)
      tell(received)
    }
    return Buffer.concat(chunks)
  } catch (error) {
    if (idle.signal.aborted) throw new Error(`nothing came for ${idleMs / 1000} s`, { cause: error })
    throw error
  } finally {
    clearTimeout(timer)
    client.dispose()
  }
}

/** Tells now and then how far a slow download is. */
function progress(url: URL, total: number, info: (message: string) => void): (received: number) => void {
  let last = Date.now()
  return (received) => {
    if (Date.now() - last < PROGRESS_EVERY_MS) return
    last = Date.now()
    const of = Number.isNaN(total) ? '' : ` of ${megabytes(total)}`
    info(`${url.pathname.split('/').at(-1) ?? ''}: ${megabytes(received)}${of}`)
  }
}

/** A size for people, e.g. `27.3 MB`. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`
}

/** Gives the request a signal, and the address of an IPv6 host without its brackets, as sockets want it. */
function withSignal(signal: AbortSignal): NonNullable<ConstructorParameters<typeof HttpClient>[1]>[number] {
  return {
    prepareRequest(options) {
      options.signal = signal
      if (options.host?.startsWith('[')) options.host = options.host.slice(1, -1)
    },
    canHandleAuthentication: () => false,
    handleAuthentication: () => Promise.reject(new Error('unused')),
  }
}

/** The same next time, so not worth another attempt. */
class HopelessError extends Error {}

function isTransient(error: unknown): boolean {
  if (error instanceof HttpStatus) return error.status >= 500 || error.status === 408 || error.status === 429
  return !(error instanceof HopelessError) && !isCertificate(error)
}

function isCertificate(error: unknown): boolean {
  return /CERT|UNABLE_TO_|^ERR_TLS/.test(codeOf(error))
}

function unavailable(url: string, error: unknown, attempts: number): ReleaseProblem {
  const times = attempts === 1 ? '' : `, ${attempts} times`
  return new ReleaseProblem(`${url} could not be downloaded (${describe(error)}${times})`, fixFor(error), {
    cause: error,
  })
}

function fixFor(error: unknown): string {
  const otherwise = 'or add a step with hashicorp/setup-terraform'
  if (error instanceof HttpStatus && [404, 410].includes(error.status)) {
    return `Check that this version of Terraform was released and that the mirror, if TERRAFORM_RELEASES_URL names one, has it; ${otherwise}`
  }
  if (error instanceof HttpStatus && [401, 403, 407].includes(error.status)) {
    return `Check the proxy, and that the mirror, if TERRAFORM_RELEASES_URL names one, can be read without logging in; ${otherwise}`
  }
  if (isCertificate(error)) return `For a certificate of your own set NODE_EXTRA_CA_CERTS, ${otherwise}`
  return `Check the network and its proxy (HTTPS_PROXY, NO_PROXY), set TERRAFORM_RELEASES_URL to a mirror, ${otherwise}`
}

function describe(error: unknown): string {
  const code = codeOf(error)
  const text = messageOf(error)
  // Happy eyeballs reports an AggregateError with an empty message.
  if (text === '') return code
  return code !== '' && !text.includes(code) ? `${text}, ${code}` : text
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, signal === undefined ? {} : { signal })
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  }
}
