import { githubContext } from '../../src/github/context'

const environment = {
  GITHUB_API_URL: 'https://github.example/api/v3/',
  GITHUB_SERVER_URL: 'https://github.example',
  GITHUB_REPOSITORY: 'acme/ml-platform',
  GITHUB_RUN_ID: '99',
  GITHUB_RUN_ATTEMPT: '2',
  GITHUB_EVENT_NAME: 'pull_request',
  GITHUB_EVENT_PATH: '/event.json',
  GITHUB_ACTOR: 'ada',
  GITHUB_TOKEN: 'never read',
}
const repository = (name: string) => ({ sha: 'abc', repo: { full_name: name } })
const payload = {
  pull_request: { number: 17, head: repository('acme/ml-platform'), base: repository('acme/ml-platform') },
}
const read = (value: unknown) => () => JSON.stringify(value)

it('reads where the run is, on an Enterprise Server too', () => {
  const paths: string[] = []
  const context = githubContext(environment, (path) => {
    paths.push(path)
    return JSON.stringify(payload)
  })
  expect(context).toEqual({
    apiUrl: 'https://github.example/api/v3',
    repository: { owner: 'acme', repo: 'ml-platform' },
    runUrl: 'https://github.example/acme/ml-platform/actions/runs/99/attempts/2',
    pullRequest: { number: 17, head: 'abc', readOnly: undefined },
  })
  expect(paths).toEqual(['/event.json'])
  expect(JSON.stringify(context)).not.toContain('never read')
})

it('needs nothing of it', () => {
  expect(githubContext({}, read(payload))).toEqual({
    apiUrl: 'https://api.github.com',
    repository: undefined,
    runUrl: undefined,
    pullRequest: undefined,
  })
})

it.each([
  ['a fork', { head: repository('ada/fork'), base: repository('acme/ml-platform') }, 'ada', 'fork'],
  ['a deleted fork', { head: { sha: 'abc', repo: null }, base: repository('acme/x') }, 'ada', 'fork'],
  ['Dependabot', {}, 'dependabot[bot]', 'dependabot'],
])('knows that the token of %s can only read', (_, repositories, actor, readOnly) => {
  const event = { pull_request: { ...payload.pull_request, ...repositories } }
  const of = (name: string): string | undefined =>
    githubContext({ ...environment, GITHUB_ACTOR: actor, GITHUB_EVENT_NAME: name }, read(event)).pullRequest
      ?.readOnly
  expect(of('pull_request')).toBe(readOnly)
  expect(of('pull_request_target')).toBeUndefined()
})

it.each(['push', 'workflow_dispatch', 'issue_comment', 'merge_group', ''])(
  '%j has no pull request',
  (name) => {
    expect(
      githubContext({ ...environment, GITHUB_EVENT_NAME: name }, read(payload)).pullRequest,
    ).toBeUndefined()
  },
)

it.each([
  ['is no JSON', () => '{'],
  [
    'is missing',
    () => {
      throw new Error('ENOENT')
    },
  ],
  ['is of another shape', read({ pull_request: { number: '17' } })],
  ['has a number that is none', read({ pull_request: { number: -1 } })],
])('a payload that %s is no pull request', (_, readPayload) => {
  expect(githubContext(environment, readPayload).pullRequest).toBeUndefined()
})

it.each<[name: string, event: object, number: number | undefined]>([
  ['issue_comment', { issue: { number: 17, pull_request: { url: 'x' } } }, 17],
  ['issue_comment', { issue: { number: 17 } }, undefined],
  ['workflow_dispatch', { inputs: { 'pull-request': '17' } }, 17],
  ['workflow_dispatch', { inputs: { 'pull-request': '' } }, undefined],
  ['workflow_dispatch', { inputs: { 'pull-request': '0' } }, undefined],
  ['workflow_dispatch', { inputs: { 'pull-request': '../17' } }, undefined],
  ['workflow_dispatch', { inputs: null }, undefined],
  ['merge_group', { merge_group: { head_sha: 'abc' } }, undefined],
  ['push', { issue: { number: 17, pull_request: {} } }, undefined],
])('%s of %j is of the pull request %s', (name, event, number) => {
  const { pullRequest } = githubContext({ ...environment, GITHUB_EVENT_NAME: name }, read(event))
  expect(pullRequest).toEqual(number && { number, head: undefined, readOnly: undefined })
})
