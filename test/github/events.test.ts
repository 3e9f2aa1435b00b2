import nock from 'nock'
import { ActionReporter } from '../../src/github/action-reporter'
import { githubContext } from '../../src/github/context'
import { Report } from '../../src/github/report'
import { startGithubStandIn, type GithubStandIn } from '../support/github-stand-in'
import { planned, request } from './samples'

const HEAD = 'a'.repeat(40)
/** What GitHub runs the workflow on: a merge that it makes, or the default branch. */
const COMMIT = 'b'.repeat(40)

let server: GithubStandIn
beforeEach(async () => {
  nock.enableNetConnect('127.0.0.1')
  jest.spyOn(process.stdout, 'write').mockReturnValue(true)
  server = await startGithubStandIn()
  server.pulls.push({ number: server.issueNumber, head: HEAD })
})
afterEach(async () => {
  await server.close()
  nock.disableNetConnect()
  jest.restoreAllMocks()
})

/** A plan in a workflow that an event started. Returns the job summary. */
async function plan(name: string, event: object): Promise<string> {
  let summary = ''
  const environment = {
    GITHUB_API_URL: server.apiUrl,
    GITHUB_REPOSITORY: `${server.owner}/${server.repo}`,
    GITHUB_SHA: COMMIT,
    GITHUB_EVENT_NAME: name,
    GITHUB_EVENT_PATH: 'event.json',
  }
  await new Report({
    reporter: new ActionReporter(),
    github: githubContext(environment, () => JSON.stringify(event)),
    writeSummary: (markdown) => Promise.resolve((summary += markdown)),
    sleep: () => Promise.resolve(),
  }).outcome({ ...request, github: { comment: true, issue: false, token: server.token } }, planned)
  return summary
}

const repo = { full_name: 'acme/ml-platform' }

it.each<[name: string, event: object]>([
  ['pull_request', { pull_request: { number: 17, head: { sha: HEAD, repo }, base: { repo } } }],
  ['pull_request_target', { pull_request: { number: 17, head: { sha: HEAD, repo }, base: { repo } } }],
  ['workflow_dispatch', { inputs: { 'pull-request': '17' }, ref: 'refs/heads/main' }],
  [
    'issue_comment',
    { action: 'created', comment: { body: '/plan' }, issue: { number: 17, pull_request: { url: 'x' } } },
  ],
])(
  'a plan on %s is a comment of the pull request, a status of its head, and the summary',
  async (...event) => {
    expect(await plan(...event)).toContain('Plan of S3 bucket')
    expect(server.comments.map(({ issue, body }) => [issue, body])).toEqual([
      [17, expect.stringContaining(`<!-- plan-digest: ${planned.digest} -->`)],
    ])
    expect(server.statuses.map(({ sha }) => sha)).toEqual([HEAD])
  },
)

it.each<[name: string, event: object]>([
  ['merge_group', { merge_group: { head_sha: COMMIT, base_ref: 'refs/heads/main' } }],
  ['workflow_dispatch', { inputs: null, ref: 'refs/heads/main' }],
  ['issue_comment', { comment: { body: '/plan' }, issue: { number: 17 } }],
  ['push', { after: COMMIT }],
  ['schedule', { schedule: '0 6 * * *' }],
])('a plan on %s of %j is the summary alone', async (...event) => {
  expect(await plan(...event)).toContain('Plan of S3 bucket')
  expect(server.requests).toEqual([])
})
