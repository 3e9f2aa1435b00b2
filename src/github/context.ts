import * as v from 'valibot'

/** Where in GitHub a run is: what the runner's environment and the event's payload tell. Holds no secret. */
export interface GithubContext {
  /** Without a trailing slash: `https://api.github.com`, or `https://HOST/api/v3` of an Enterprise Server. */
  readonly apiUrl: string
  /** `undefined` outside of a workflow. */
  readonly repository: { readonly owner: string; readonly repo: string } | undefined
  /** The page of this run, attempt included, where the job summary is. */
  readonly runUrl: string | undefined
  /** The pull request that this run is of; `undefined` for every event of another kind. */
  readonly pullRequest: PullRequest | undefined
}

export interface PullRequest {
  readonly number: number
  /** The commit that is looked at: the head of the pull request, not the merge that GitHub makes of it. */
  readonly head: string | undefined
  /** Why the workflow's own token can only read, where that is so by GitHub's rules. */
  readonly readOnly: 'fork' | 'dependabot' | undefined
}

const EVENTS = ['pull_request', 'pull_request_target']

const repositorySchema = v.nullish(v.object({ full_name: v.string() }))
const payloadSchema = v.object({
  pull_request: v.object({
    number: v.pipe(v.number(), v.integer(), v.minValue(1)),
    head: v.optional(v.object({ sha: v.optional(v.string()), repo: repositorySchema })),
    base: v.optional(v.object({ repo: repositorySchema })),
  }),
})

/**
 * Reads where the run is.
 *
 * @param environment the process's environment
 * @param readEventPayload reads the file at `GITHUB_EVENT_PATH`; where it throws, there is no pull request
 */
export function githubContext(
  environment: Readonly<Record<string, string | undefined>>,
  readEventPayload: (path: string) => string,
): GithubContext {
  const value = (name: string): string | undefined => {
    const given = environment[name]?.trim()
    return given === '' ? undefined : given
  }
  const serverUrl = withoutSlash(value('GITHUB_SERVER_URL') ?? 'https://github.com')
  const [owner, repo, ...rest] = (value('GITHUB_REPOSITORY') ?? '').split('/')
  const repository = owner && repo && rest.length === 0 ? { owner, repo } : undefined

  const run = value('GITHUB_RUN_ID')
  const attempt = value('GITHUB_RUN_ATTEMPT')
  const eventPath = value('GITHUB_EVENT_PATH')
  const eventName = value('GITHUB_EVENT_NAME') ?? ''
  return {
    apiUrl: withoutSlash(value('GITHUB_API_URL') ?? 'https://api.github.com'),
    repository,
    runUrl:
      repository === undefined || run === undefined
        ? undefined
        : [
            `${serverUrl}/${repository.owner}/${repository.repo}/actions/runs/${run}`,
            ...(attempt === undefined ? [] : ['attempts', attempt]),
          ].join('/'),
    pullRequest:
      eventPath !== undefined && EVENTS.includes(eventName)
        ? pullRequest(() => readEventPayload(eventPath), eventName, value('GITHUB_ACTOR'))
        : undefined,
  }
}

function pullRequest(
  read: () => string,
  eventName: string,
  actor: string | undefined,
): PullRequest | undefined {
  let payload: unknown
  try {
    payload = JSON.parse(read())
  } catch {
    return undefined
  }
  const parsed = v.safeParse(payloadSchema, payload)
  if (!parsed.success) return undefined
  const { number, head, base } = parsed.output.pull_request
  // A fork that was deleted since has no repository any more.
  const isFork = head !== undefined && head.repo?.full_name !== base?.repo?.full_name
  const readOnly = eventName !== 'pull_request' ? undefined : isFork ? 'fork' : ofDependabot(actor)
  return { number, head: head?.sha, readOnly }
}

function ofDependabot(actor: string | undefined): 'dependabot' | undefined {
  return actor === 'dependabot[bot]' ? 'dependabot' : undefined
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '')
}
