import { setTimeout as wait } from 'node:timers/promises'
import {
  AnswerTooLarge,
  describeError,
  type Http,
  isCertificateError,
  isHopeless,
  isRedirect,
  isUnsendable,
} from '../http'
import { Redactor } from '../reporting/redact'
import { answerError, successBody, type Answer, type AnswerContext } from './answers'
import { isOutcomeUnknown, oneLine, ValohaiError } from './errors'
import { MAX_ATTEMPTS, retryDelay } from './retry'
import { apiUrl, nextPage, redirectTarget } from './urls'

/** What the client takes from outside; the defaults are for a real run. */
export interface HttpOptions {
  readonly http: Http
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
type Method = 'GET' | 'DELETE' | WriteMethod

const MAX_REDIRECTS = 5
const MAX_PAGES = 500
const PAGE_SIZE = 100
/** A page of a hundred stores has some 100 KB; far more is something else, and must not fill the memory. */
const MAX_BYTES = 50_000_000

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
  readonly #http: Http
  readonly #redactor = new Redactor()
  readonly #timeoutMs: number
  readonly #info: (message: string) => void

  /** `url` is the address of the web app; its path, if any, is not used. */
  constructor(url: string, token: string, options: HttpOptions) {
    this.origin = new URL(url).origin
    this.#token = token
    this.#redactor.add(token)
    this.#http = options.http
    this.#timeoutMs = options.timeoutMs ?? 30_000
    this.#info = options.info ?? (() => undefined)
    this.sleep = options.sleep ?? ((ms) => wait(ms))
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
    for (const secret of secretsIn(body)) this.#redactor.add(secret)
    return this.#request(method, apiUrl(this.origin, path), path, JSON.stringify(body))
  }

  /** Deletes what is at `path`. Retried as `get`: to delete twice does the same. */
  async delete(path: string): Promise<void> {
    await this.#request('DELETE', apiUrl(this.origin, path), path)
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
    this.#info(this.#redactor.redact(message))
  }

  async #request(method: Method, url: URL, path: string, body?: string): Promise<unknown> {
    const context: AnswerContext = { origin: this.origin, path, redactor: this.#redactor }
    // Whether an earlier try of this write was never answered, or ended in Valohai's own failure.
    let mayBeDone = false
    for (let attempt = 1; ; attempt += 1) {
      let error: ValohaiError
      let retryAfter: string | undefined
      let hopeless = false
      try {
        const answer = await this.#follow(method, url, body)
        if (answer.status >= 200 && answer.status < 300) return successBody(answer, context)
        error = answerError(answer, context, { isRefusal: method !== 'GET' && !mayBeDone })
        retryAfter = answer.retryAfter
      } catch (cause) {
        if (cause instanceof ValohaiError) throw this.#redacted(cause)
        error = this.#unreachable(cause)
        hopeless = isHopeless(cause)
      }
      mayBeDone ||= isOutcomeUnknown(error)
      const delay = retryDelay({ method, attempt, error, retryAfter, hopeless }, this.now())
      if (delay === undefined) throw error
      const reason = error.status === undefined ? 'gave no answer' : `answered HTTP ${error.status}`
      this.info(
        `Valohai ${reason} to ${method} ${path}; trying again in ${delay / 1000} s (${attempt} of ${MAX_ATTEMPTS - 1})`,
      )
      await this.sleep(delay)
    }
  }

  async #follow(method: Method, url: URL, body: string | undefined): Promise<RawAnswer> {
    let at = url
    for (let hops = 0; hops <= MAX_REDIRECTS; hops += 1) {
      const answer = await this.#once(method, at, body)
      if (!isRedirect(answer.status)) return answer
      at = redirectTarget(method, at, answer.location, answer.status)
    }
    throw new ValohaiError(`Valohai redirected ${url.pathname} over ${MAX_REDIRECTS} times`, { status: 310 })
  }

  async #once(method: Method, url: URL, body: string | undefined): Promise<RawAnswer> {
    const answer = await this.#http(url, {
      method,
      headers: {
        authorization: `Token ${this.#token}`,
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body,
      limit: { exchange: this.#timeoutMs },
      maxBytes: MAX_BYTES,
    })
    return {
      status: answer.status,
      contentType: answer.headers['content-type'] ?? '',
      body: answer.body.toString('utf8'),
      location: answer.headers.location,
      retryAfter: answer.headers['retry-after'],
    }
  }

  #unreachable(cause: unknown): ValohaiError {
    if (cause instanceof AnswerTooLarge) {
      return new ValohaiError(
        `${this.origin} did not answer as Valohai's API: ${cause.message}. Check \`valohai-url\``,
      )
    }
    const reason = oneLine(this.#redactor.redact(describeError(cause)))
    return new ValohaiError(
      `Could not reach ${this.origin}: ${reason}. Check \`valohai-url\`, the network and its proxy` +
        (isUnsendable(cause) ? '; does `valohai-token` hold a line break?' : '') +
        (isCertificateError(cause) ? '; for a certificate of your own set NODE_EXTRA_CA_CERTS' : ''),
    )
  }

  #redacted(error: ValohaiError): ValohaiError {
    const status = error.status === undefined ? {} : { status: error.status }
    return new ValohaiError(this.#redactor.redact(error.message), { ...status, problems: error.problems })
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
}

const SECRET_KEY = /secret|password|token/i

/** The secret texts in a request's body: every string under a key that names a secret. */
function secretsIn(body: unknown): string[] {
  if (typeof body !== 'object' || body === null) return []
  return Object.entries(body).flatMap(([key, value]: [string, unknown]) =>
    typeof value === 'string' ? (SECRET_KEY.test(key) ? [value] : []) : secretsIn(value),
  )
}
