import nock from 'nock'
import type { Finding, Verdict } from '../../src/decide/findings'
import { reportIssue } from '../../src/github/drift-issue'
import {
  BOT,
  PERSON,
  startGithubStandIn,
  type GithubStandIn,
  type GithubStandInOptions,
} from '../support/github-stand-in'
import { facts, HOSTILE } from './samples'

let server: GithubStandIn
let told: string[]
let warned: string[]

const start = async (options: GithubStandInOptions = {}): Promise<void> => {
  nock.enableNetConnect('127.0.0.1')
  server = await startGithubStandIn(options)
  told = []
  warned = []
}
afterEach(async () => {
  await server.close()
  nock.disableNetConnect()
})

const finding = (what: string): Finding => ({
  what,
  where: 'there',
  is: 'this',
  should: 'that',
  fix: 'Do it.',
})
const drift = (...what: string[]): Verdict => ({ findings: what.map(finding), notChecked: [], notes: [] })
const QUIET = drift()

const report = (
  verdict: Verdict,
  { token = server.token, bucket = facts.bucket }: { token?: string | undefined; bucket?: string } = {},
): Promise<void> =>
  reportIssue({
    verdict,
    facts: { ...facts, bucket },
    github: {
      apiUrl: server.apiUrl,
      repository: { owner: server.owner, repo: server.repo },
      runUrl: 'https://github.com/acme/ml-platform/actions/runs/1',
    },
    token,
    reporter: {
      info: (message) => told.push(message),
      warning: (message) => warned.push(message),
      redact: (text) => text.replaceAll('hunter2', '***'),
    },
    sleep: () => Promise.resolve(),
  })

const openOnes = (): string[] => server.issues.filter(({ state }) => state === 'open').map(({ body }) => body)

it.each<[string, GithubStandInOptions]>([
  ['on github.com', {}],
  ['on an Enterprise Server', { basePath: '/api/v3' }],
])('is opened once, written again, closed, and opened again: %s', async (_where, options) => {
  await start(options)
  await report(QUIET)
  expect(server.issues).toEqual([])
  await report(drift('The bucket is missing'))
  await report(drift('The role differs'))
  expect(server.issues).toMatchObject([
    {
      title: 'Drift of S3 bucket my-bucket for Valohai project acme/churn-model',
      state: 'open',
      body: expect.stringContaining('The role differs'),
    },
  ])
  expect(server.issues[0]?.body).not.toContain('The bucket is missing')
  await report(QUIET)
  expect(server.issues).toMatchObject([{ state: 'closed', body: expect.stringContaining('holds') }])
  await report(drift('Again'))
  expect(server.issues).toMatchObject([{ state: 'open', body: expect.stringContaining('Again') }])
  expect(warned).toEqual([])
})

it('is one a store, beside pull requests and what people wrote', async () => {
  await start()
  await report(drift('a'))
  const [made] = server.issues
  server.issues.unshift(
    { ...made!, number: 1, user: PERSON },
    { ...made!, number: 2, user: BOT, pull_request: {} },
  )
  for (let number = 1000; number < 1150; number += 1)
    server.issues.push({ number, title: 'x', body: 'x', state: 'open', user: PERSON })
  await report(drift('b'))
  await report(drift('c'), { bucket: 'another' })
  expect(server.issues.filter(({ body }) => body.startsWith('<!--'))).toHaveLength(4)
  await report(QUIET)
  expect(openOnes().filter((body) => body.startsWith('<!--'))).toHaveLength(3)
  expect(openOnes()).toContainEqual(expect.stringContaining('another'))
})

it('is one, where jobs at once each made theirs', async () => {
  await start()
  server.quirks.holdCreates = 3
  await Promise.all([report(drift('a')), report(drift('b')), report(drift('c'))])
  expect(openOnes()).toHaveLength(1)
  await report(QUIET)
  await report(drift('d'))
  expect(openOnes()).toHaveLength(1)
  expect(server.issues[0]?.state).toBe('open')
})

it('is one, where the answer to its making was lost', async () => {
  await start()
  server.quirks.loseCreateAnswer = true
  await report(drift('a'))
  expect(server.issues).toHaveLength(1)
  expect(warned).toEqual([])
})

it('stays where a world was not seen, and closes where a detail was not', async () => {
  await start()
  await report(drift('a'))
  await report({ ...QUIET, notChecked: [{ what: 'Valohai', why: 'No way.', isWorld: true }] })
  expect(openOnes()).toHaveLength(1)
  await report({ ...QUIET, notChecked: [{ what: 'Which key', why: 'It is hidden.' }] })
  expect(openOnes()).toHaveLength(0)
})

it('is no failure where the token may not write', async () => {
  await start()
  server.quirks.forbidden = 'write'
  await report(drift('a'))
  expect(warned).toEqual([expect.stringContaining('issues: write')])
  await report(drift('a'), { token: '' })
  expect(server.issues).toEqual([])
})

it('shows no secret, and lets no value be markup', async () => {
  await start()
  await report(drift('hunter2', ...HOSTILE))
  expect(server.issues[0]?.body).not.toMatch(/hunter2|<script|@everyone\b/)
  expect(server.issues[0]?.body.length).toBeLessThan(65_536)
})
