import * as v from 'valibot'
import { backOff, parseRetryAfter } from '../http'

/** A request to GitHub's REST API: a route with its parameters, as octokit takes them. */
export type GithubRequest = (
  route: string,
  parameters: Readonly<Record<string, unknown>>,
) => Promise<{ readonly data: unknown; readonly headers: Readonly<Record<string, unknown>> }>

/** GitHub said no, or said nothing. */
export class GithubError extends Error {
  override readonly name = 'GithubError'

  constructor(
    message: string,
    /** HTTP status; `undefined` where no answer came. */
    readonly status: number | undefined,
  ) {
    super(message)
  }

  /** Whether GitHub may have done what it was asked for though it did not say so. */
  get isOutcomeUnknown(): boolean {
    return this.status === undefined || this.status >= 500
  }
}

export interface GithubApiOptions {
  readonly request: GithubRequest
  readonly token: string
  readonly owner: string
  readonly repo: string
  /** Waits some milliseconds. */
  readonly sleep: (milliseconds: number) => Promise<void>
  /** Milliseconds for one request. @default 15000 */
  readonly timeoutMs?: number | undefined
}

const PAGE_SIZE = 100
const MAX_PAGES = 100
const MAX_ATTEMPTS = 3
const BASE_WAIT_MS = 1_000
/** What is told on GitHub is not worth a longer wait. */
const MAX_WAIT_MS = 30_000

/** GitHub's REST API for one repository and one kind of thing in it. Every method throws `GithubError`. */
export class GithubApi {
  readonly #options: GithubApiOptions
  readonly #what: string

  /** @param what what is read and written, in the plural, for errors */
  constructor(options: GithubApiOptions, what: string) {
    this.#options = options
    this.#what = what
  }

  /** Id of the account that the token is of; `undefined` where GitHub does not tell: the token is a bot's. */
  public async whoami(): Promise<number | undefined> {
    // The workflow's own token, and any GitHub App's, is of an installation; `/user` knows only people.
    if (this.#options.token.startsWith('ghs_')) return undefined
    try {
      return (await this.send('GET /user', {}, v.object({ id: v.number() }))).id
    } catch (error) {
      if (error instanceof GithubError && [401, 403, 404].includes(error.status ?? 0)) return undefined
      throw error
    }
  }

  /** Sends a request, and reads its answer by a schema. */
  public async send<const S extends v.GenericSchema>(
    route: string,
    parameters: object,
    schema: S,
  ): Promise<v.InferOutput<S>> {
    const { data } = await this.#send(route, parameters)
    return this.#parse(schema, data)
  }

  /** All pages of a list. */
  public async list<const S extends v.GenericSchema>(
    route: string,
    parameters: object,
    schema: S,
  ): Promise<v.InferOutput<S>[]> {
    const entries: v.InferOutput<S>[] = []
    for (let page = 1; page <= MAX_PAGES; page += 1) {
      const { data, headers } = await this.#send(route, { ...parameters, per_page: PAGE_SIZE, page })
      entries.push(...this.#parse(v.array(schema), data))
      // A page may be short in the middle of a list, as GitHub leaves out what it hides; the header is what
      // tells. Its address is not followed: behind a proxy it may be another host's.
      if (typeof headers.link !== 'string' || !/\brel="?next\b/.test(headers.link)) break
    }
    return entries
  }

  /** Changes or removes something. Returns whether it was there. */
  public async onThere(route: string, parameters: object): Promise<boolean> {
    try {
      await this.#send(route, parameters)
      return true
    } catch (error) {
      if (error instanceof GithubError && [404, 410].includes(error.status ?? 0)) return false
      throw error
    }
  }

  /** Sends again what may be sent twice: everything but POST, whose caller looks first. */
  async #send(route: string, parameters: object): ReturnType<GithubRequest> {
    const { request, owner, repo, sleep, timeoutMs = 15_000 } = this.#options
    for (let attempt = 1; ; attempt += 1) {
      try {
        const signal = AbortSignal.timeout(timeoutMs)
        return await request(route, { owner, repo, ...parameters, request: { signal } })
      } catch (cause) {
        const error = this.#errorOf(route, cause)
        const wait = attempt < MAX_ATTEMPTS ? waitBeforeRetry(route, error, cause, attempt) : undefined
        if (wait === undefined) throw error
        await sleep(wait)
      }
    }
  }

  #errorOf(route: string, cause: unknown): GithubError {
    const { status, message, response } = cause as RequestFailure
    // Octokit calls a broken connection a 500; only what has a response was an answer.
    const answered = response !== undefined && typeof status === 'number' ? status : undefined
    const why = String(message ?? cause)
      .replaceAll(/[\s\p{Cc}]+/gu, ' ')
      .slice(0, 300)
    const what = `${route.startsWith('GET') ? 'read' : 'write'} ${this.#what}`
    return new GithubError(
      answered === undefined
        ? `GitHub could not be reached to ${what}: ${why}`
        : `GitHub refused to ${what} with HTTP ${answered}: ${why}`,
      answered,
    )
  }

  #parse<const S extends v.GenericSchema>(schema: S, data: unknown): v.InferOutput<S> {
    const parsed = v.safeParse(schema, data)
    if (parsed.success) return parsed.output
    throw new GithubError(`GitHub was asked for ${this.#what}, and answered with something else`, undefined)
  }
}

/** What is known of octokit's `RequestError`. */
interface RequestFailure {
  readonly status?: unknown
  readonly message?: unknown
  readonly response?: { readonly headers?: Readonly<Record<string, unknown>> }
}

/** Milliseconds; `undefined`: not again. */
function waitBeforeRetry(
  route: string,
  error: GithubError,
  cause: unknown,
  attempt: number,
): number | undefined {
  const header = (cause as RequestFailure).response?.headers?.['retry-after']
  const asked = parseRetryAfter(typeof header === 'string' ? header : undefined, Date.now())
  // Too many requests at once, e.g. from a large matrix: GitHub did nothing, and says when to come again.
  if ([403, 429].includes(error.status ?? 0) && asked !== undefined) {
    return asked <= MAX_WAIT_MS ? asked : undefined
  }
  if (!error.isOutcomeUnknown || route.startsWith('POST')) return undefined
  return backOff(attempt, BASE_WAIT_MS)
}
