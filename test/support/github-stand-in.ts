import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answerCommits, type Commits } from './github-stand-in-commits'

export interface StandInUser {
  readonly id: number
  readonly login: string
  readonly type: 'Bot' | 'User'
}

export interface StandInComment {
  readonly id: number
  readonly issue: number
  body: string
  readonly user: StandInUser | null
}

export interface StandInIssue {
  readonly number: number
  title: string
  body: string
  state: 'open' | 'closed'
  readonly user: StandInUser | null
  /** There where it is a pull request, which GitHub lists among the issues. */
  readonly pull_request?: object
}

export interface GithubStandInOptions {
  /** @default - a random one of the kind that a workflow gets */
  readonly token?: string
  /** Who the token is. @default github-actions[bot] */
  readonly user?: StandInUser
  /** `/api/v3` for an Enterprise Server. @default - none, as of github.com */
  readonly basePath?: string
  /** How many comments of people there are on the pull request already. @default 0 */
  readonly otherComments?: number
}

/** What goes wrong; may be changed while the server runs. */
export interface GithubQuirks {
  /** Writes are refused as to the token of a fork: `write`; reads too: `all`. */
  forbidden?: 'write' | 'all'
  /** Commit statuses are refused, as to a token without that permission. */
  forbidsStatuses?: boolean
  /** How many of the next requests are answered with a 502. */
  outages?: number
  /** The next comment is made, and the answer is a 502. */
  loseCreateAnswer?: boolean
  /** The next requests are told to come again later, after so many seconds. */
  rateLimit?: { times: number; readonly retryAfter: number }
  /** A comment is made only once so many jobs want to make one. */
  holdCreates?: number
  /** Runs between a request and its effect, e.g. to let another job be faster. */
  before?: (request: LoggedGithubRequest) => void
  /** Never answers. */
  silent?: boolean
}

export interface LoggedGithubRequest {
  readonly method: string
  /** Without the base path. */
  readonly path: string
  readonly query: string
  readonly body: unknown
}

export interface GithubStandIn extends Commits {
  /** The value of GITHUB_API_URL. */
  readonly apiUrl: string
  readonly token: string
  readonly owner: string
  readonly repo: string
  readonly issueNumber: number
  readonly user: StandInUser
  /** In the order they were made; a test may look at them and change them. */
  readonly comments: StandInComment[]
  /** Issues and pull requests, in the order they were made; a test may look at them and change them. */
  readonly issues: StandInIssue[]
  /** Everything that was asked with the right token. */
  readonly requests: LoggedGithubRequest[]
  readonly quirks: GithubQuirks
  /** Makes a comment as somebody. */
  comment(body: string, user?: StandInUser): StandInComment
  close(): Promise<void>
}

export const BOT: StandInUser = { id: 41898282, login: 'github-actions[bot]', type: 'Bot' }
export const PERSON: StandInUser = { id: 7, login: 'ada', type: 'User' }

/** GitHub's limit, in the stricter of the units that it is told to count in. */
const MAX_BODY = 65_536

interface Reply {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** Starts a stand-in for the part of GitHub's REST API that comments on pull requests use, on a loopback port. */
export async function startGithubStandIn(options: GithubStandInOptions = {}): Promise<GithubStandIn> {
  const { basePath = '', user = BOT, otherComments = 0 } = options
  const token = options.token ?? `ghs_${randomUUID()}`
  const [owner, repo, issueNumber] = ['acme', 'ml-platform', 17]
  const comments: StandInComment[] = []
  const issues: StandInIssue[] = []
  const commits: Commits = { pulls: [], statuses: [] }
  const requests: LoggedGithubRequest[] = []
  const quirks: GithubQuirks = {}
  let held: (() => void)[] = []
  let lastId = 1000

  const comment = (body: string, by: StandInUser = PERSON, issue = issueNumber): StandInComment => {
    lastId += 1
    const made: StandInComment = { id: lastId, issue, body, user: by }
    comments.push(made)
    return made
  }
  for (let index = 1; index <= otherComments; index += 1) comment(`Comment ${index}`)

  const server = createServer((request, response) => {
    answer(request).then(
      (reply) => reply && send(response, reply),
      (error: unknown) => send(response, { status: 500, body: { message: String(error) } }),
    )
  })

  async function answer(request: IncomingMessage): Promise<Reply | undefined> {
    const at = new URL(request.url ?? '/', apiUrl)
    const text = await readText(request)
    if (!at.pathname.startsWith(`${basePath}/`)) return { status: 404, body: { message: 'Not Found' } }
    // Both are what GitHub takes; octokit sends the former.
    if (![`token ${token}`, `Bearer ${token}`].includes(request.headers.authorization ?? '')) {
      return { status: 401, body: { message: 'Bad credentials' } }
    }
    const logged: LoggedGithubRequest = {
      method: request.method ?? '',
      path: at.pathname.slice(basePath.length),
      query: at.search,
      body: text === '' ? undefined : (JSON.parse(text) as unknown),
    }
    requests.push(logged)
    if (quirks.silent) return undefined
    if ((quirks.outages ?? 0) > 0) {
      quirks.outages = (quirks.outages ?? 0) - 1
      return { status: 502, body: '<html>Unicorn!</html>' }
    }
    if (quirks.rateLimit && quirks.rateLimit.times > 0) {
      quirks.rateLimit.times -= 1
      return {
        status: 403,
        body: { message: 'You have exceeded a secondary rate limit.' },
        headers: { 'retry-after': String(quirks.rateLimit.retryAfter) },
      }
    }
    const isWrite = logged.method !== 'GET'
    if (quirks.forbidsStatuses && logged.path.includes('/statuses')) return FORBIDDEN
    if (quirks.forbidden === 'all' || (quirks.forbidden === 'write' && isWrite)) return FORBIDDEN
    quirks.before?.(logged)
    return route(logged, new URLSearchParams(logged.query))
  }

  async function route({ method, path, body }: LoggedGithubRequest, query: URLSearchParams): Promise<Reply> {
    if (method === 'GET' && path === '/user') return token.startsWith('ghs_') ? FORBIDDEN : ok(user)
    const ofRepository = `/repos/${owner}/${repo}`
    const answered = path.startsWith(ofRepository)
      ? answerCommits(commits, { method, path: path.slice(ofRepository.length), body, user })
      : undefined
    if (answered !== undefined) return answered
    const issuesPath = `${ofRepository}/issues`
    const ofIssue = `${issuesPath}/${issueNumber}/comments`
    if (path === ofIssue && method === 'GET') {
      return list(
        path,
        query,
        comments.filter(({ issue }) => issue === issueNumber),
      )
    }
    if (path === issuesPath && method === 'GET') {
      const state = query.get('state') ?? 'open'
      const found = issues.filter((issue) => state === 'all' || issue.state === state)
      // The newest first, unless it is asked for otherwise.
      return list(path, query, found.reverse())
    }
    if (path === ofIssue && method === 'POST') return create(textOf(body), (text) => comment(text, user))
    if (path === issuesPath && method === 'POST') {
      const { title } = body as { title: string }
      return create(textOf(body), (text) => {
        const made: StandInIssue = { number: issues.length + 100, title, body: text, state: 'open', user }
        issues.push(made)
        return made
      })
    }
    const number = new RegExp(`^${issuesPath}/(\\d+)$`).exec(path)?.[1]
    if (number !== undefined && method === 'PATCH') {
      const issue = issues.find((one) => one.number === Number(number))
      return issue === undefined
        ? { status: 404, body: { message: 'Not Found' } }
        : ok(Object.assign(issue, body))
    }

    const id = new RegExp(`^${issuesPath}/comments/(\\d+)$`).exec(path)?.[1]
    const index = comments.findIndex((one) => one.id === Number(id))
    const found = comments[index]
    if (found === undefined) return { status: 404, body: { message: 'Not Found' } }
    if (method === 'DELETE') {
      comments.splice(index, 1)
      return { status: 204 }
    }
    if (method !== 'PATCH') return { status: 405, body: { message: 'Method Not Allowed' } }
    const text = textOf(body)
    if (isTooLong(text)) return TOO_LONG
    found.body = text
    return ok(found)
  }

  function list(path: string, query: URLSearchParams, all: readonly object[]): Reply {
    const size = Math.min(Number(query.get('per_page') ?? 30), 100)
    const page = Number(query.get('page') ?? 1)
    const last = Math.max(1, Math.ceil(all.length / size))
    const to = (number: number, rel: string): string =>
      `<${apiUrl}${path}?per_page=${size}&page=${number}>; rel="${rel}"`
    const links = [
      ...(page > 1 ? [to(page - 1, 'prev'), to(1, 'first')] : []),
      ...(page < last ? [to(page + 1, 'next'), to(last, 'last')] : []),
    ]
    const headers: Record<string, string> = links.length > 0 ? { link: links.join(', ') } : {}
    return { status: 200, body: all.slice((page - 1) * size, page * size), headers }
  }

  async function create(body: string, make: (body: string) => object): Promise<Reply> {
    if (isTooLong(body)) return TOO_LONG
    if (quirks.holdCreates !== undefined) {
      const all = quirks.holdCreates
      await new Promise<void>((resolve) => {
        held.push(resolve)
        if (held.length < all) return
        delete quirks.holdCreates
        for (const release of held) release()
        held = []
      })
    }
    const made = make(body)
    if (quirks.loseCreateAnswer) {
      quirks.loseCreateAnswer = false
      return { status: 502, body: '<html>Unicorn!</html>' }
    }
    return { status: 201, body: made }
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}${basePath}`
  return {
    apiUrl,
    token,
    owner,
    repo,
    issueNumber,
    user,
    ...commits,
    comments,
    issues,
    requests,
    quirks,
    comment,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const FORBIDDEN: Reply = {
  status: 403,
  body: {
    message: 'Resource not accessible by integration',
    documentation_url: 'https://docs.github.com/rest',
  },
}
const TOO_LONG: Reply = {
  status: 422,
  body: { message: 'Validation Failed', errors: ['Body is too long (maximum is 65536 characters)'] },
}

const ok = (body: unknown): Reply => ({ status: 200, body })

/** By characters, and by UTF-16 code units, which are never fewer; and by the bytes that the column holds. */
function isTooLong(body: string): boolean {
  return body.length >= MAX_BODY || Buffer.byteLength(body) > 4 * MAX_BODY
}

function textOf(body: unknown): string {
  const text = (body as { body?: unknown } | undefined)?.body
  return typeof text === 'string' ? text : ''
}

function send(response: ServerResponse, { status, body, headers }: Reply): void {
  const isText = typeof body === 'string'
  response.writeHead(status, {
    'content-type': isText ? 'text/html' : 'application/json; charset=utf-8',
    ...headers,
  })
  response.end(body === undefined ? undefined : isText ? body : JSON.stringify(body))
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array))
  return Buffer.concat(chunks).toString('utf8')
}
