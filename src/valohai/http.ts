import { HttpClient } from '@actions/http-client'
import { version } from '../../package.json'
import { answerError, successBody, type Answer, type AnswerContext } from './answers'
import { oneLine, ValohaiError } from './errors'
import { redact, secretsIn } from './redact'
import { MAX_ATTEMPTS, retryDelay } from './retry'
import { apiUrl, nextPage, redirectTarget } from './urls'

/** What the HTTP layer takes from outside; the defaults are for a real run. */
export interface HttpOptions {
  /** Milliseconds for one request, its answer included. @default 30000 */
  readonly timeoutMs?: number
  /** Told before every wait. @default - nobody */
  readonly info?: (message: string) => void
  /** Waits some milliseconds. @default - a timer */
  readonly sleep?: (ms: number) => Promise<void>
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number
}

export type WriteMethod = 'POST' | 'PUT' | 'PATCH'

const MAX_REDIRECTS = 5
const MAX_PAGES = 500
const PAGE_SIZE = 100

/** A raw answer and the headers that steer what comes next. */
interface RawAnswer extends Answer {
  readonly location?: string | undefined
  readonly retryAfter?: string | undefined
}

/**
 * Valohai's REST API as JSON in and out, with its token. The token goes to the configured origin alone:
 * redirects and links to other pages are resolved here and never leave it. Errors are `ValohaiError`.
 */
export class ValohaiHttp {
  /** Scheme, host and port of Valohai, e.g. `https://app.valohai.com`. */
  readonly origin: string
  readonly sleep: (ms: number) => Promise<void>
  readonly now: () => number
  readonly #token: string
  readonly #secrets: Set<string>
  readonly #timeoutMs: number
  readonly #info: (message: string) => void

  /** `url` is the address of the web app; its path, if any, is not used. */
  constructor(url: string, token: string, options: HttpOptions = {}) {
    this.origin = new URL(url).origin
    this.#token = token
    this.#secrets = new Set([token])
    this.#timeoutMs = options.timeoutMs ?? 30_000
    this.#info = options.info ?? (() => undefined)
    this.sleep = options.sleep ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms)))
    this.now = options.now ?? Date.now
  }

  /** Reads `path`, e.g. `projects/<id>/`. Retried with back-off and a limit. */
  async get(path: string): Promise<unknown> {
    return this.#request('GET', apiUrl(this.origin, path), path)
  }

  /**
   * Writes `body` to `path` and returns the answer. Every secret in the body is redacted from all later
   * errors. PATCH and PUT must hold absolute values: they are repeated after a lost answer, POST is not.
   */
  async send(method: WriteMethod, path: string, body: object): Promise<unknown> {
    for (const secret of secretsIn(body)) this.#secrets.add(secret)
    return this.#request(method, apiUrl(this.origin, path), path, JSON.stringify(body))
  }

  /** All entries of a list, e.g. `stores/`, page after page. Throws on a cycle of pages. */
  async list(path: string): Promise<unknown[]> {
    const entries: unknown[] = []
    const seen = new Set<string>()
    let url: URL | undefined = apiUrl(this.origin, `${path}?limit=${PAGE_SIZE}`)
    while (url) {
      if (seen.has(url.href))
        throw new ValohaiError(`Valohai's list ${path} links back to a page already read`)
      if (seen.size >= MAX_PAGES) throw new ValohaiError(`Valohai's list ${path} has over ${MAX_PAGES} pages`)
      seen.add(url.href)
      const page: unknown = await this.#request('GET', url, path)
      // An installation without pagination answers with the bare list.
      const results: unknown = Array.isArray(page) ? page : field(page, 'results')
      if (!Array.isArray(results))
        throw new ValohaiError(`Valohai answered ${path} with something that is no list`)
      entries.push(...(results as unknown[]))
      url = nextPage(this.origin, field(page, 'next'))
    }
    return entries
  }

  /** Tells about a wait, without any secret. */
  info(message: string): void {
    this.#info(redact(message, this.#secrets))
  }

  async #request(method: string, url: URL, path: string, body?: string): Promise<unknown> {
    const context: AnswerContext = { origin: this.origin, path, secrets: this.#secrets }
    for (let attempt = 1; ; attempt += 1) {
      let error: ValohaiError
      let retryAfter: string | undefined
      let hopeless = false
      try {
        const answer = await this.#follow(method, url, body)
        if (answer.status >= 200 && answer.status < 300) return successBody(answer, context)
        error = answerError(answer, context)
        retryAfter = answer.retryAfter
      } catch (cause) {
        if (cause instanceof ValohaiError) throw this.#redacted(cause)
        error = this.#unreachable(cause)
        hopeless = isHopeless(cause)
      }
      const delay = retryDelay({ method, attempt, error, retryAfter, hopeless }, this.now())
      if (delay === undefined) throw error
      const reason = error.status === undefined ? 'gave no answer' : `answered HTTP ${error.status}`
      this.info(
        `Valohai ${reason} to ${method} ${path}; trying again in ${delay / 1000} s (${attempt} of ${MAX_ATTEMPTS - 1})`,
      )
      await this.sleep(delay)
    }
  }

  async #follow(method: string, url: URL, body: string | undefined): Promise<RawAnswer> {
    let at = url
    for (let hops = 0; hops <= MAX_REDIRECTS; hops += 1) {
      const answer = await this.#once(method, at, body)
      if (![301, 302, 303, 307, 308].includes(answer.status)) return answer
      at = redirectTarget(method, at, answer.location, answer.status)
    }
    throw new ValohaiError(`Valohai redirected ${url.pathname} over ${MAX_REDIRECTS} times`, { status: 310 })
  }

  async #once(method: string, url: URL, body: string | undefined): Promise<RawAnswer> {
    const signal = AbortSignal.timeout(this.#timeoutMs)
    const client = new HttpClient(`valohai-s3-action/${version}`, [withSignal(signal)], {
      allowRedirects: false,
      allowRetries: false,
      // Ours, over the whole exchange, comes first; the client's own counts idle time only.
      socketTimeout: this.#timeoutMs + 1000,
    })
    try {
      const { message } = await client.request(method, url.href, body ?? null, {
        authorization: `Token ${this.#token}`,
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      })
      // Not the client's `readBody`: that never returns when the connection breaks in mid-answer.
      const chunks: Buffer[] = []
      for await (const chunk of message) chunks.push(Buffer.from(chunk as Uint8Array))
      return {
        status: message.statusCode ?? 0,
        contentType: message.headers['content-type'] ?? '',
        body: Buffer.concat(chunks).toString('utf8'),
        location: message.headers.location,
        retryAfter: message.headers['retry-after'],
      }
    } catch (error) {
      if (signal.aborted) throw new Error(`no answer within ${this.#timeoutMs / 1000} s`, { cause: error })
      throw error
    } finally {
      client.dispose()
    }
  }

  #unreachable(cause: unknown): ValohaiError {
    const reason = oneLine(redact(cause instanceof Error ? describe(cause) : String(cause), this.#secrets))
    return new ValohaiError(
      `Could not reach ${this.origin}: ${reason}. Check \`valohai-url\`, the network and its proxy` +
        (field(cause, 'code') === 'ERR_INVALID_CHAR' ? '; does `valohai-token` hold a line break?' : '') +
        (/CERT|UNABLE_TO_/.test(reason) ? '; for a certificate of your own set NODE_EXTRA_CA_CERTS' : ''),
    )
  }

  #redacted(error: ValohaiError): ValohaiError {
    const status = error.status === undefined ? {} : { status: error.status }
    return new ValohaiError(redact(error.message, this.#secrets), { ...status, problems: error.problems })
  }
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

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
}

/** Codes of TLS and of requests that cannot be sent at all: the same next time. */
function isHopeless(cause: unknown): boolean {
  const code = field(cause, 'code')
  return typeof code === 'string' && /CERT|UNABLE_TO_|^ERR_(TLS|INVALID)/.test(code)
}

function describe(error: Error): string {
  const code = field(error, 'code')
  // Happy eyeballs reports an AggregateError with an empty message.
  const text = error.message === '' ? error.name : error.message
  return typeof code === 'string' && !text.includes(code) ? `${text} (${code})` : text
}
