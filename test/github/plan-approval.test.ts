import nock from 'nock'
import { GithubApi } from '../../src/github/api'
import { ActionReporter } from '../../src/github/action-reporter'
import { openGithub } from '../../src/github/octokit'
import { approvalByPullRequest } from '../../src/github/plan-approval'
import { Report } from '../../src/github/report'
import type { PullRequest } from '../../src/github/context'
import { factsOf, identityOf } from '../../src/github/facts'
import type { StandInPull } from '../support/github-stand-in-commits'
import { PERSON, startGithubStandIn, type GithubStandIn } from '../support/github-stand-in'
import { github, nothing, planned, request } from './samples'

const HEAD = 'a'.repeat(40)
const MERGED = 'b'.repeat(40)
const OTHER = ['1111111111111111', '2222222222222222'] as const

let server: GithubStandIn
beforeEach(async () => {
  nock.enableNetConnect('127.0.0.1')
  jest.spyOn(process.stdout, 'write').mockReturnValue(true)
  server = await startGithubStandIn({ otherComments: 120 })
  server.pulls.push({ number: 17, head: HEAD })
})
afterEach(async () => {
  await server.close()
  nock.disableNetConnect()
  jest.restoreAllMocks()
})

/** A plan of the pull request, told on GitHub. */
async function plan(
  digests: readonly string[] = planned.digest.split(','),
  pullRequest: Partial<PullRequest> = {},
): Promise<string> {
  let summary = ''
  await new Report({
    reporter: new ActionReporter(),
    github: {
      ...github,
      apiUrl: server.apiUrl,
      repository: { owner: server.owner, repo: server.repo },
      pullRequest: { number: 17, head: HEAD, readOnly: undefined, ...pullRequest },
    },
    writeSummary: (markdown) => Promise.resolve((summary += markdown)),
    sleep: () => Promise.resolve(),
  }).outcome(
    { ...request, github: { comment: true, issue: false, token: server.token } },
    { ...planned, digest: digests.join(',') },
  )
  return summary
}

/** Merges the pull request, and notes what GitHub does. */
const merge = (how: Partial<StandInPull> = { mergeCommit: MERGED }): void => {
  Object.assign(server.pulls[0]!, { mergedAt: new Date().toISOString(), ...how })
}

const comment = (): { body: string } => server.comments.find(({ user }) => user?.type === 'Bot')!

async function approved(commit = MERGED): Promise<{ digests: string[]; source: string }> {
  const { apiUrl, token, owner, repo } = server
  const options = await openGithub({ apiUrl, token, owner, repo })
  const api = new GithubApi({ ...options, sleep: () => Promise.resolve() }, 'pull requests')
  const { digests, source } = await approvalByPullRequest(
    { api, identity: identityOf(factsOf(request)) },
    commit,
  )
  return { digests: [...digests], source }
}

const EARLIER = ['d', 'e'].map((digit) => digit.repeat(40))

it.each<[how: string, merged: Partial<StandInPull>, others: readonly string[]]>([
  ['a merge', { mergeCommit: MERGED }, [HEAD]],
  ['a squash', { mergeCommit: MERGED }, [HEAD]],
  ['a rebase, of its last commit alone', { mergeCommit: MERGED, rebased: EARLIER }, [HEAD, ...EARLIER]],
  ['a push of its head', { mergeCommit: HEAD }, [MERGED]],
])('what the pull request showed is approved for the commit of %s', async (_, merged, others) => {
  await plan()
  merge(merged)
  expect(await approved(merged.mergeCommit)).toEqual({
    digests: planned.digest.split(','),
    source: 'Approved is the plan of pull request #17.',
  })
  for (const commit of others) {
    const { digests, source } = await approved(commit)
    expect(digests).toEqual([])
    expect(source).toContain(`No pull request was merged as commit ${commit.slice(0, 7)}`)
  }
})

it('nothing is approved for a commit that came of no pull request, be it on the branch of one', async () => {
  await plan()
  expect(await approved(HEAD)).toMatchObject({ digests: [] })
  merge()
  for (const commit of [HEAD, 'c'.repeat(40)]) {
    const { digests, source } = await approved(commit)
    expect(digests).toEqual([])
    expect(source).toContain(`No pull request was merged as commit ${commit.slice(0, 7)}`)
  }
})

it.each<[what: string, meddle: () => unknown, why: string]>([
  [
    'the comment was edited',
    () => (comment().body = comment().body.replace(/plan-digest: \S+/, `plan-digest: ${OTHER[0]}`)),
    'it was edited, or written again afterwards',
  ],
  ['the comment was deleted', () => server.comments.splice(0), 'No comment of pull request #17 shows a plan'],
  [
    'a person set the status',
    () => server.statuses.splice(0, 1, { ...server.statuses[0]!, creator: PERSON }),
    'No plan of this store was recorded on aaaaaaa',
  ],
  [
    'the status is of another store',
    () =>
      server.statuses.splice(0, 1, {
        ...server.statuses[0]!,
        context: 'valohai-s3 plan of other (12345678)',
      }),
    'No plan of this store was recorded',
  ],
  [
    'commits were pushed since the plan',
    () => (server.pulls[0]!.head = 'd'.repeat(40)),
    'No plan of this store',
  ],
  ['GitHub refuses', () => (server.quirks.forbidden = 'all'), 'HTTP 403'],
  ['GitHub is down', () => (server.quirks.outages = Infinity), 'HTTP 502'],
])('nothing is approved where %s', async (_, meddle, why) => {
  await plan()
  merge()
  meddle()
  const { digests, source } = await approved()
  expect(digests).toEqual([])
  expect(source).toContain(why)
})

it('a plan that runs again after the merge approves nothing, unless it is the same', async () => {
  await plan()
  merge()
  // Times of GitHub are in seconds; the plan that follows is later.
  server.pulls[0]!.mergedAt = new Date(Date.now() - 60_000).toISOString()
  server.statuses.splice(0, 1, {
    ...server.statuses[0]!,
    createdAt: new Date(Date.now() - 120_000).toISOString(),
  })
  await plan()
  expect((await approved()).digests).toEqual(planned.digest.split(','))
  await plan(OTHER)
  expect(await approved()).toEqual({
    digests: [],
    source:
      'The comment of pull request #17 does not show the plan that was recorded before the merge: it was edited, or written again afterwards.',
  })
})

it('a copy of the list by somebody else approves what was recorded, and no more', async () => {
  await plan()
  merge()
  server.comment(comment().body.replace(/plan-digest: \S+/, `plan-digest: ${OTHER.join(',')}`), PERSON)
  expect((await approved()).digests).toEqual(planned.digest.split(','))
})

it('without the right to set a status the comment says that it approves nothing, and only then', async () => {
  server.quirks.forbidsStatuses = true
  const summary = await plan()
  expect(comment().body).toContain('cannot be approved by the pull request')
  expect(comment().body).toContain('statuses&#58; write')
  expect(summary).toContain(planned.digest)
  server.quirks.forbidsStatuses = false
  await plan()
  expect(comment().body).not.toContain('cannot be approved')
})

it('an event that names the pull request alone comments there, and records on its head', async () => {
  await plan(undefined, { head: undefined })
  expect(server.statuses).toMatchObject([{ sha: HEAD, state: 'success' }])
  expect(comment().body).toContain(planned.digest)
  // What a reader sees beside the commit is no longer than GitHub takes.
  expect(server.statuses[0]?.description).toMatch(/^sha256:[0-9a-f]{64}$/)
})

it('a plan without changes is recorded too', async () => {
  await plan(['none'])
  merge()
  expect(nothing.digest).toBe('none')
  expect(await approved()).toEqual({ digests: [], source: 'Approved is the plan of pull request #17.' })
})
