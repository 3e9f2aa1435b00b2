import nock from 'nock'
import { GithubIssueComments, type IssueComments } from '../../src/github/issue-comments'
import { openIssueComments } from '../../src/github/octokit'
import { planMarker, updatePlanComment, type CommentAction } from '../../src/github/update-plan-comment'
import {
  BOT,
  PERSON,
  startGithubStandIn,
  type GithubStandIn,
  type GithubStandInOptions,
} from '../support/github-stand-in'
import { HOSTILE } from './samples'

const identity = {
  valohaiOrigin: 'https://app.valohai.com',
  project: 'acme/churn-model',
  bucket: 'my-bucket',
}
const marker = planMarker(identity)

let server: GithubStandIn
const start = async (options: GithubStandInOptions = {}): Promise<GithubStandIn> => {
  nock.enableNetConnect('127.0.0.1')
  return (server = await startGithubStandIn(options))
}
afterEach(async () => {
  await server.close()
  nock.disableNetConnect()
})

const waits: number[] = []
const sleep = (milliseconds: number): Promise<void> => {
  waits.push(milliseconds)
  return Promise.resolve()
}

/** The real client, without the waits. */
async function open(timeoutMs?: number): Promise<IssueComments> {
  const { apiUrl, token, owner, repo, issueNumber } = server
  const { getOctokit } = await import('@actions/github')
  const octokit = getOctokit(token, { baseUrl: apiUrl })
  return new GithubIssueComments({
    request: (route, parameters) => octokit.request(route, { ...parameters }),
    ...{ token, owner, repo, issueNumber, sleep },
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  })
}

async function write(body: string, { mayCreate = true, by = marker } = {}): Promise<CommentAction> {
  return updatePlanComment({ comments: await open(), marker: by, body, mayCreate, sleep })
}

const ours = (): string[] =>
  server.comments.filter(({ body }) => body.startsWith(marker)).map(({ body }) => body)
const sent = (method: string): number => server.requests.filter((one) => one.method === method).length

describe('the one comment of a store', () => {
  it('is made by the first run and edited by the second', async () => {
    await start()
    await expect(write('first')).resolves.toBe('created')
    const [made] = server.comments
    await expect(write('second')).resolves.toBe('updated')
    expect(server.comments).toEqual([{ ...made, body: `${marker}\nsecond` }])
    expect(server.requests.map(({ path }) => path)).not.toContain('/user')
  })

  it('is found behind 200 others', async () => {
    await start({ otherComments: 200 })
    await write('first')
    for (let index = 0; index < 30; index += 1) server.comment(`Later ${index}`)
    await write('second')
    expect(ours()).toEqual([`${marker}\nsecond`])
    expect(server.comments).toHaveLength(231)
    expect(server.requests.filter(({ query }) => query.includes('page=3'))).not.toHaveLength(0)
  })

  it('is found on an Enterprise Server, by the client that the Action uses', async () => {
    await start({ basePath: '/api/v3', otherComments: 101 })
    const { apiUrl, token, owner, repo, issueNumber } = server
    const comments = await openIssueComments({ apiUrl, token, owner, repo, issueNumber })
    await updatePlanComment({ comments, marker, body: 'first', mayCreate: true, sleep })
    await updatePlanComment({ comments, marker, body: 'second', mayCreate: true, sleep })
    expect(ours()).toEqual([`${marker}\nsecond`])
  })

  it('is not made where there is nothing to change, and edited where it is there', async () => {
    await start()
    await expect(write('No changes', { mayCreate: false })).resolves.toBe('none')
    expect(sent('POST')).toBe(0)
    await write('first')
    await expect(write('No changes', { mayCreate: false })).resolves.toBe('updated')
    expect(ours()).toEqual([`${marker}\nNo changes`])
  })

  it('is not that of another store, project or installation', async () => {
    await start()
    const others = [
      { ...identity, bucket: 'other' },
      { ...identity, project: 'acme/other' },
      { ...identity, project: undefined },
      { ...identity, valohaiOrigin: 'https://valohai.example' },
    ].map(planMarker)
    for (const by of [marker, ...others]) await write('x', { by })
    expect(new Set(server.comments.map(({ body }) => body)).size).toBe(5)
    await write('y')
    expect(server.comments).toHaveLength(5)
  })

  it('is not one in which a person quotes the marker, or that only mentions it', async () => {
    await start()
    server.comment(`${marker}\nby a person`)
    server.comment(`> ${marker}\n\nby a bot that quotes`, BOT)
    server.comments.push({ id: 1, issue: server.issueNumber, body: `${marker}\nby a ghost`, user: null })
    await write('ours')
    expect(server.comments.map(({ body }) => body)).toEqual([
      `${marker}\nby a person`,
      `> ${marker}\n\nby a bot that quotes`,
      `${marker}\nby a ghost`,
      `${marker}\nours`,
    ])
  })

  it("is that of the token's own account, where it is a person's token", async () => {
    await start({ token: 'github_pat_of-a-machine-user', user: { id: 99, login: 'machine', type: 'User' } })
    server.comment(`${marker}\nby a person`)
    await write('first')
    await write('second')
    expect(ours()).toEqual([`${marker}\nby a person`, `${marker}\nsecond`])
  })

  it('is made again where somebody deletes it in the middle', async () => {
    await start()
    await write('first')
    let deletions = 1
    server.quirks.before = ({ method }) => {
      if (method === 'PATCH' && deletions-- > 0) server.comments.pop()
    }
    await expect(write('second')).resolves.toBe('created')
    expect(ours()).toEqual([`${marker}\nsecond`])
  })
})

describe('jobs at the same time', () => {
  it.each([2, 3, 8])('%d of them leave one comment, the oldest', async (jobs) => {
    await start()
    server.quirks.holdCreates = jobs
    await Promise.all(Array.from({ length: jobs }, (_, index) => write(`job ${index}`)))
    expect(sent('POST')).toBe(jobs)
    expect(ours()).toHaveLength(1)
    expect(server.comments[0]!.id).toBe(1001)
  })

  it('give the oldest the text of the one that came later', async () => {
    await start()
    let rivals = 1
    server.quirks.before = ({ method }) => {
      if (method === 'POST' && rivals-- > 0) server.comment(`${marker}\nthe rival's`, BOT)
    }
    await expect(write('mine')).resolves.toBe('updated')
    expect(server.comments.map(({ id, body }) => [id, body])).toEqual([[1001, `${marker}\nmine`]])
  })

  it('that died half way are cleaned up after by the next run', async () => {
    await start()
    for (const text of ['one', 'two', 'three']) server.comment(`${marker}\n${text}`, BOT)
    await expect(write('four', { mayCreate: false })).resolves.toBe('updated')
    expect(server.comments.map(({ id, body }) => [id, body])).toEqual([[1001, `${marker}\nfour`]])
  })
})

describe('GitHub in trouble', () => {
  it('is asked again, and the comment is made once', async () => {
    await start()
    server.quirks.outages = 2
    await expect(write('first')).resolves.toBe('created')
    expect(ours()).toHaveLength(1)
  })

  it('does not make a second comment where the answer was lost', async () => {
    await start()
    server.quirks.loseCreateAnswer = true
    await expect(write('first')).resolves.toBe('updated')
    expect(ours()).toEqual([`${marker}\nfirst`])
    expect(sent('POST')).toBe(1)
  })

  it('is given up on after a few attempts', async () => {
    await start()
    server.quirks.outages = Infinity
    await expect(write('first')).rejects.toThrow(/^GitHub refused to read comments with HTTP 502/)
    expect(server.requests).toHaveLength(3)
  })

  it('is waited for as long as it asks, and no longer than half a minute', async () => {
    await start()
    server.quirks.rateLimit = { times: 1, retryAfter: 7 }
    waits.length = 0
    await write('first')
    expect(waits[0]).toBe(7000)
    server.quirks.rateLimit = { times: 1, retryAfter: 3600 }
    await expect(write('second')).rejects.toThrow('HTTP 403: You have exceeded a secondary rate limit')
  })

  it('that never answers is no answer', async () => {
    await start()
    server.quirks.silent = true
    const comments = await open(50)
    await expect(updatePlanComment({ comments, marker, body: 'x', mayCreate: true, sleep })).rejects.toThrow(
      /^GitHub could not be reached to read comments/,
    )
  })

  it('that refuses is not asked twice, and the token is in no message', async () => {
    await start()
    server.quirks.forbidden = 'write'
    const refused = await write('x').catch((error: unknown) => error as Error)
    expect(refused).toMatchObject({ status: 403, name: 'GithubError' })
    expect((refused as Error).message).toContain('Resource not accessible by integration')
    expect((refused as Error).message).not.toContain(server.token)
    expect(sent('POST')).toBe(1)
  })
})

it.each(HOSTILE)('the marker is of one shape, whatever the values: %j', async (evil) => {
  await start()
  expect(planMarker({ valohaiOrigin: evil, project: evil, bucket: evil })).toMatch(
    /^<!-- valohai-s3-action:plan:[0-9a-f]{20} -->$/,
  )
})

it('the stand-in refuses another token', async () => {
  await start()
  const answer = await fetch(`${server.apiUrl}/user`, { headers: { authorization: 'token other' } })
  expect(answer.status).toBe(401)
  expect(server.requests).toEqual([])
  expect(PERSON.type).toBe('User')
})
