import * as v from 'valibot'

/** Where in GitHub a run is: what the runner's environment and the event's payload tell. Holds no secret. */
export interface GithubContext {
  /** Without a trailing slash: `https://api.github.com`, or `https://HOST/api/v3` of an Enterprise Server. */
  readonly apiUrl: string
  /** `undefined` outside of a workflow. */
  readonly repository: { readonly owner: string; readonly repo: string } | undefined
  /** The page of this run, attempt included, where the job summary is. */
  readonly runUrl: string | undefined
  /** The commit that the run is of. */
  readonly commit: string | undefined
  /** The pull request that this run is of; `undefined` where the event names none. */
  readonly pullRequest: PullRequest | undefined
}

export interface PullRequest {
  readonly number: number
  /** The head of the pull request, not the merge that GitHub makes of it; `undefined` where the event does not tell. */
  readonly head: string | undefined
  /** Why the workflow's own token can only read, where that is so by GitHub's rules. */
  readonly readOnly: 'fork' | 'dependabot' | undefined
}

const repositorySchema = v.nullish(v.object({ full_name: v.string() }))
const numberSchema = v.pipe(v.number(), v.integer(), v.minValue(1))
const payloadSchema = v.object({
  pull_request: v.object({
    number: numberSchema,
    head: v.optional(v.object({ sha: v.optional(v.string()), repo: repositorySchema })),
    base: v.optional(v.object({ repo: repositorySchema })),
  }),
})

/** Events that are about a pull request and do not show it, with where its number stands in the payload. */
const NUMBER_ALONE = {
  issue_comment: v.pipe(
    v.object({ issue: v.object({ number: numberSchema, pull_request: v.object({}) }) }),
    v.transform(({ issue }) => issue.number),
  ),
  workflow_dispatch: v.pipe(
    v.object({ inputs: v.object({ 'pull-request': v.pipe(v.string(), v.digits(), v.transform(Number)) }) }),
    v.transform(({ inputs }) => inputs['pull-request']),
    numberSchema,
  ),
}

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
    commit: value('GITHUB_SHA'),
    pullRequest:
      eventPath === undefined
        ? undefined
        : pullRequest(() => readEventPayload(eventPath), eventName, value('GITHUB_ACTOR')),
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
  switch (eventName) {
    case 'pull_request':
    case 'pull_request_target':
      return shownPullRequest(payload, eventName, actor)
    case 'issue_comment':
    case 'workflow_dispatch': {
      const number = v.safeParse(NUMBER_ALONE[eventName], payload)
      return number.success ? { number: number.output, head: undefined, readOnly: undefined } : undefined
    }
    default:
      return undefined
  }
}

function shownPullRequest(
  payload: unknown,
  eventName: string,
  actor: string | undefined,
): PullRequest | undefined {
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
