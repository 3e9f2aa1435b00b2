import * as v from 'valibot'
import { backOff, parseRetryAfter } from '../http'

/** A comment on an issue or a pull request. */
export interface IssueComment {
  readonly id: number
  readonly body: string
  /** `undefined` where the account is gone. */
  readonly author: { readonly id: number; readonly isBot: boolean } | undefined
}

/** The comments of one pull request. Every method throws `GithubError`. */
export interface IssueComments {
  /** Id of the account that the token is of; `undefined` where GitHub does not tell: the token is a bot's. */
  whoami(): Promise<number | undefined>
  /** All of them, in the order they were made. */
  list(): Promise<IssueComment[]>
  create(body: string): Promise<IssueComment>
  /** Returns whether it was there. */
  update(id: number, body: string): Promise<boolean>
  /** Returns whether it was there. */
  remove(id: number): Promise<boolean>
}

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

export interface IssueCommentsOptions {
  readonly request: GithubRequest
  readonly token: string
  readonly owner: string
  readonly repo: string
  readonly issueNumber: number
  /** Waits some milliseconds. */
  readonly sleep: (milliseconds: number) => Promise<void>
  /** Milliseconds for one request. @default 15000 */
  readonly timeoutMs?: number
}

const PAGE_SIZE = 100
const MAX_PAGES = 100
const MAX_ATTEMPTS = 3
const BASE_WAIT_MS = 1_000
/** A comment is not worth a longer wait. */
const MAX_WAIT_MS = 30_000

const commentSchema = v.object({
  id: v.number(),
  body: v.nullish(v.string(), ''),
  user: v.nullish(v.object({ id: v.number(), type: v.nullish(v.string()) })),
})

/** GitHub's REST API for the comments of a pull request, which are those of the issue of the same number. */
export class GithubIssueComments implements IssueComments {
  readonly #options: IssueCommentsOptions

  constructor(options: IssueCommentsOptions) {
    this.#options = options
  }

  public async whoami(): Promise<number | undefined> {
    // The workflow's own token, and any GitHub App's, is of an installation; `/user` knows only people.
    if (this.#options.token.startsWith('ghs_')) return undefined
    try {
      const { data } = await this.#send('GET /user', {})
      return v.parse(v.object({ id: v.number() }), data).id
    } catch (error) {
      if (error instanceof GithubError && [401, 403, 404].includes(error.status ?? 0)) return undefined
      throw error
    }
  }

  public async list(): Promise<IssueComment[]> {
    const comments: IssueComment[] = []
    for (let page = 1; page <= MAX_PAGES; page += 1) {
      const { data, headers } = await this.#send(
        'GET /repos/{owner}/{repo}/issues/{issue_number}/comments',
        this.#onIssue({ per_page: PAGE_SIZE, page }),
      )
      comments.push(...parse(v.array(commentSchema), data).map(toComment))
      // A page may be short in the middle of a list, as GitHub leaves out what it hides; the header is what
      // tells. Its address is not followed: behind a proxy it may be another host's.
      if (typeof headers.link !== 'string' || !/\brel="?next\b/.test(headers.link)) break
    }
    return comments
  }

  public async create(body: string): Promise<IssueComment> {
    const route = 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments'
    const { data } = await this.#send(route, this.#onIssue({ body }))
    return toComment(parse(commentSchema, data))
  }

  public update(id: number, body: string): Promise<boolean> {
    return this.#onComment('PATCH', id, { body })
  }

  public remove(id: number): Promise<boolean> {
    return this.#onComment('DELETE', id, {})
  }

  async #onComment(method: 'PATCH' | 'DELETE', id: number, fields: object): Promise<boolean> {
    const { owner, repo } = this.#options
    const route = `${method} /repos/{owner}/{repo}/issues/comments/{comment_id}`
    try {
      await this.#send(route, { owner, repo, comment_id: id, ...fields })
      return true
    } catch (error) {
      if (error instanceof GithubError && [404, 410].includes(error.status ?? 0)) return false
      throw error
    }
  }

  #onIssue(parameters: object): Record<string, unknown> {
    const { owner, repo, issueNumber } = this.#options
    return { owner, repo, issue_number: issueNumber, ...parameters }
  }

  /** Sends again what may be sent twice: everything but POST, whose caller looks first. */
  async #send(route: string, parameters: object): ReturnType<GithubRequest> {
    const { request, sleep, timeoutMs = 15_000 } = this.#options
    for (let attempt = 1; ; attempt += 1) {
      try {
        const signal = AbortSignal.timeout(timeoutMs)
        return await request(route, { ...parameters, request: { signal } })
      } catch (cause) {
        const error = githubError(route, cause)
        const wait = attempt < MAX_ATTEMPTS ? waitBeforeRetry(route, error, cause, attempt) : undefined
        if (wait === undefined) throw error
        await sleep(wait)
      }
    }
  }
}

/** What is known of octokit's `RequestError`. */
interface RequestFailure {
  readonly status?: unknown
  readonly message?: unknown
  readonly response?: { readonly headers?: Readonly<Record<string, unknown>> }
}

function githubError(route: string, cause: unknown): GithubError {
  const { status, message, response } = cause as RequestFailure
  // Octokit calls a broken connection a 500; only what has a response was an answer.
  const answered = response !== undefined && typeof status === 'number' ? status : undefined
  const why = String(message ?? cause)
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .slice(0, 300)
  const what = route.startsWith('GET') ? 'read' : 'write'
  return new GithubError(
    answered === undefined
      ? `GitHub could not be reached to ${what} comments: ${why}`
      : `GitHub refused to ${what} comments with HTTP ${answered}: ${why}`,
    answered,
  )
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

function parse<const S extends v.GenericSchema>(schema: S, data: unknown): v.InferOutput<S> {
  const parsed = v.safeParse(schema, data)
  if (!parsed.success) throw new GithubError('GitHub answered with something that is no comment', undefined)
  return parsed.output
}

function toComment({ id, body, user }: v.InferOutput<typeof commentSchema>): IssueComment {
  return { id, body, author: user ? { id: user.id, isBot: user.type === 'Bot' } : undefined }
}
