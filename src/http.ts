import { Agent, type Dispatcher, EnvHttpProxyAgent } from 'undici'
import { version } from '../package.json'

/** One request. */
export interface HttpRequest {
  /** @default GET */
  readonly method?: Dispatcher.HttpMethod
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array | undefined
  /** Milliseconds for the whole exchange, or without a single byte of the answer. */
  readonly limit: { readonly exchange: number } | { readonly silence: number }
  /** The most bytes that an answer may have. */
  readonly maxBytes: number
  /** When aborted, the exchange ends and the signal's reason is thrown. */
  readonly signal?: AbortSignal | undefined
  /** Told as an answer comes in: its bytes so far, and in all (`NaN`: not known). @default - nobody */
  readonly onData?: (received: number, total: number) => void
}

/** A whole answer. Headers by their names in lower case; of those that come several times the last. */
export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Partial<Record<string, string>>>
  /** Empty for a redirect, whose body nobody waits for. */
  readonly body: Buffer
}

/** Sends one request, once. Follows no redirect: who may be told what is for the caller to decide. */
export type Http = (url: URL, request: HttpRequest) => Promise<HttpAnswer>

/** An answer is larger than the request allows. */
export class AnswerTooLarge extends Error {
  constructor(maxBytes: number) {
    super(`the answer is larger than ${megabytes(maxBytes)}`)
  }
}

/**
 * HTTP through the proxy that the environment names for the kind of address (`HTTPS_PROXY`, `HTTP_PROXY`, but for
 * those of `NO_PROXY`). No proxy is asked for a loopback address.
 *
 * @param ca certificates (PEM) that are trusted in place of Node's own, of the proxy as well
 * @throws where a proxy is not a URL
 */
export function httpClient(environment: Readonly<Record<string, string | undefined>>, ca?: string): Http {
  const value = (name: string): string => environment[name.toLowerCase()] ?? environment[name] ?? ''
  const tls = ca === undefined ? {} : { connect: { ca }, requestTls: { ca }, proxyTls: { ca } }
  const through = (name: 'HTTP_PROXY' | 'HTTPS_PROXY'): Http => {
    const proxy = withScheme(value(name).trim())
    // Not shown: it may hold a password.
    if (proxy !== '' && !URL.canParse(proxy)) {
      throw new Error(`${name} is not a URL. Write it as http://proxy.example.com:3128`)
    }
    if (proxy === '') return httpOver(new Agent(tls))
    // Given in full, also where empty: what is missing is read from the process's own environment.
    const noProxy = withLoopback(value('NO_PROXY'))
    const options = { ...tls, httpProxy: proxy, httpsProxy: proxy, noProxy, proxyTunnel: false }
    return httpOver(silently(() => new EnvHttpProxyAgent(options)))
  }
  const [http, https] = [through('HTTP_PROXY'), through('HTTPS_PROXY')]
  return (url, request) => (url.protocol === 'https:' ? https : http)(url, request)
}

/** Without Node's note that a class of undici is still on trial: a person can do nothing about it. */
function silently<T>(make: () => T): T {
  const emitWarning = process.emitWarning.bind(process)
  process.emitWarning = () => undefined
  try {
    return make()
  } finally {
    process.emitWarning = emitWarning
  }
}

/** HTTP over a dispatcher of undici's. */
export function httpOver(dispatcher: Dispatcher): Http {
  return async (url, request) => {
    const timer = new Timer(request.limit)
    try {
      const { statusCode, headers, body } = await dispatcher.request({
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method: request.method ?? 'GET',
        headers: { 'user-agent': `valohai-s3-action/${version}`, ...request.headers },
        body: request.body ?? null,
        signal: AbortSignal.any([timer.signal, ...(request.signal === undefined ? [] : [request.signal])]),
        // Ours counts instead: undici's own would stop neither a slow trickle nor a slow connection as a whole.
        headersTimeout: 0,
        bodyTimeout: 0,
      })
      const answer = { status: statusCode, headers: lastOfEach(headers) }
      if (isRedirect(statusCode)) {
        body.on('error', () => undefined).destroy()
        return { ...answer, body: Buffer.alloc(0) }
      }
      const total = Number(answer.headers['content-length'] ?? NaN)
      return { ...answer, body: await read(body, request, total, timer) }
    } finally {
      timer.stop()
    }
  }
}

async function read(
  body: AsyncIterable<Buffer>,
  { maxBytes, onData }: HttpRequest,
  total: number,
  timer: Timer,
): Promise<Buffer> {
  const chunks: Buffer[] = []
  let received = 0
  for await (const chunk of body) {
    timer.sawData()
    chunks.push(chunk)
    received += chunk.length
    if (received > maxBytes) throw new AnswerTooLarge(maxBytes)
    onData?.(received, total)
  }
  return Buffer.concat(chunks)
}

/** Aborts its signal when the limit of an exchange is over. */
class Timer {
  readonly #controller = new AbortController()
  readonly #isOfSilence: boolean
  readonly #timeout: NodeJS.Timeout

  constructor(limit: HttpRequest['limit']) {
    this.#isOfSilence = 'silence' in limit
    const ms = 'silence' in limit ? limit.silence : limit.exchange
    const what = this.#isOfSilence ? 'nothing came for' : 'no answer within'
    this.#timeout = setTimeout(() => this.#controller.abort(new Error(`${what} ${ms / 1000} s`)), ms)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  sawData(): void {
    if (this.#isOfSilence) this.#timeout.refresh()
  }

  stop(): void {
    clearTimeout(this.#timeout)
  }
}

/** Whether an answer says that what was asked for is elsewhere. */
export function isRedirect(status: number): boolean {
  return [301, 302, 303, 307, 308].includes(status)
}

/** Whether an error is about a certificate that is not trusted. */
export function isCertificateError(error: unknown): boolean {
  return /CERT|UNABLE_TO_|^ERR_TLS/.test(codeOf(error))
}

/** Whether a request that got no answer would get none the next time either. */
export function isHopeless(error: unknown): boolean {
  return error instanceof AnswerTooLarge || isCertificateError(error) || isUnsendable(error)
}

/** Whether a request could not be sent as it is, e.g. for a line break in a header. */
export function isUnsendable(error: unknown): boolean {
  return codeOf(error) === 'UND_ERR_INVALID_ARG'
}

/** What an error of a request says, with its code. */
export function describeError(error: unknown): string {
  const code = codeOf(error)
  // Where several addresses were tried, Node's error has an empty message.
  const text = error instanceof Error ? error.message || (code === '' ? error.name : code) : String(error)
  return text.includes(code) ? text : `${text} (${code})`
}

/** 0.5 s, 1 s, 2 s, … for attempt 1, 2, 3, …, in milliseconds; or of another base. */
export function backOff(attempt: number, baseMs = 500): number {
  return baseMs * 2 ** (attempt - 1)
}

/**
 * Milliseconds a `Retry-After` header asks for: a number of seconds, or a date. `undefined` where it is
 * missing or neither; at least a second where it is in the past, so that nothing spins.
 */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? ''
  if (text === '') return undefined
  const wait = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now
  return Number.isNaN(wait) ? undefined : Math.max(wait, 1000)
}

/** A size for people, e.g. `27.3 MB`. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`
}

function codeOf(error: unknown): string {
  const code: unknown =
    typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : ''
}

function lastOfEach(headers: NodeJS.Dict<string | string[]>): HttpAnswer['headers'] {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.at(-1) : value]),
  )
}

/** `proxy.example.com:3128` is what many write, and curl takes. */
function withScheme(proxy: string): string {
  return proxy === '' || proxy.includes('://') ? proxy : `http://${proxy}`
}

/** With the loopback addresses; and `example.com` stands for its hosts too, as curl has it. */
function withLoopback(noProxy: string): string {
  if (noProxy.trim() === '*') return '*'
  const entries = noProxy.split(/[,\s]+/).filter((entry) => entry !== '')
  const hosts = entries.flatMap((entry) => (/^[.*]/.test(entry) ? [entry] : [entry, `.${entry}`]))
  return [...hosts, 'localhost', '127.0.0.1', '[::1]'].join(',')
}
