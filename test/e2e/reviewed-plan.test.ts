import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { DeleteBucketCorsCommand, DeletePublicAccessBlockCommand } from '@aws-sdk/client-s3'
import type { StepResult } from '../support/action-runner'
import { readBucket, s3Client } from '../support/describe-aws'
import { startGithubStandIn, type GithubStandIn } from '../support/github-stand-in'
import { openSandbox, type Sandbox } from './sandbox'

const BUCKET = 'acme-reviewed-plan'
const HEAD = 'a'.repeat(40)
const SQUASHED = 'b'.repeat(40)

let sandbox: Sandbox
let github: GithubStandIn
let reviewed = ''

beforeAll(async () => {
  sandbox = await openSandbox(BUCKET)
  github = await startGithubStandIn()
  github.pulls.push({ number: github.issueNumber, head: HEAD })
})

afterAll(async () => {
  await github.close()
  await sandbox.close()
})

/** A step in a workflow: of the pull request, or of the commit that came of merging it. */
const step = (
  inputs: Record<string, string>,
  event: object,
  name: string,
  commit: string,
): Promise<StepResult> => {
  const payload = path.join(sandbox.directory, 'event.json')
  writeFileSync(payload, JSON.stringify(event))
  return sandbox.step(
    { 'github-token': github.token, ...inputs },
    {
      environment: {
        ...sandbox.environment,
        GITHUB_API_URL: github.apiUrl,
        GITHUB_REPOSITORY: `${github.owner}/${github.repo}`,
        GITHUB_SHA: commit,
        GITHUB_EVENT_NAME: name,
        GITHUB_EVENT_PATH: payload,
      },
    },
  )
}

const comments = (): string[] => github.comments.map(({ body }) => body)

const plan = (): Promise<StepResult> => {
  const repo = { full_name: `${github.owner}/${github.repo}` }
  const event = { pull_request: { number: github.issueNumber, head: { sha: HEAD, repo }, base: { repo } } }
  return step({ command: 'plan' }, event, 'pull_request', 'c'.repeat(40))
}

const apply = (approved: string): Promise<StepResult> =>
  step({ command: 'apply', 'approved-plan': approved }, {}, 'push', SQUASHED)

test('two plans of the same thing have the same digest, and record it on the head', async () => {
  const [first, second] = [await plan(), await plan()]
  expect([first.exitCode, second.exitCode]).toEqual([0, 0])
  reviewed = first.outputs['plan-digest'] ?? ''
  // Eleven resources, a store and the default.
  expect(reviewed.split(',')).toHaveLength(13)
  expect(second.outputs['plan-digest']).toBe(reviewed)
  expect(github.statuses.map(({ sha, state }) => [sha, state])).toEqual([
    [HEAD, 'success'],
    [HEAD, 'success'],
  ])
  expect(comments()).toEqual([expect.stringContaining(`<!-- plan-digest: ${reviewed} -->`)])
  // The public key of a run is one short line in what people read.
  expect(comments()[0]).toMatch(/pgp_key += "of this run alone"/)
  expect(Math.max(...(comments()[0] ?? '').split('\n').map(({ length }) => length))).toBeLessThan(400)
})

test('before the pull request is merged nothing is approved, and nothing is made', async () => {
  const refused = await apply('pull-request')
  expect(refused.exitCode).toBe(1)
  expect(refused.stdout).toContain('No pull request was merged as commit bbbbbbb')
  expect(refused.stdout).toContain(`approved-plan: ${reviewed}`)
  expect(sandbox.storesPosted()).toBe(0)
})

test('a failed apply of what was merged carries on', async () => {
  Object.assign(github.pulls[0]!, { mergedAt: new Date().toISOString(), mergeCommit: SQUASHED })
  sandbox.valohai.quirks.failNext = [
    { method: 'POST', path: /stores\/$/, status: 400, body: { name: ['No.'] } },
  ]
  expect((await apply('pull-request')).exitCode).toBe(1)
  expect(await apply('pull-request')).toMatchObject({ exitCode: 0, outputs: { changes: 'true' } })
})

test('what was changed in AWS and in Valohai since is refused with the new digest, which lets it through', async () => {
  const s3 = s3Client(sandbox.emulator)
  await s3.send(new DeleteBucketCorsCommand({ Bucket: BUCKET }))
  await s3.send(new DeletePublicAccessBlockCommand({ Bucket: BUCKET }))
  const [project] = sandbox.valohai.state.projects
  project!.default_store = null
  const before = structuredClone([sandbox.valohai.state.projects, sandbox.valohai.state.stores])
  const refused = await apply('none')
  expect(refused.exitCode).toBe(1)
  expect(refused.stdout).toContain('- create aws_s3_bucket_cors_configuration.store')
  expect(refused.stdout).toContain('- Valohai: make it the default store of acme/churn-model')
  expect((await readBucket(sandbox.emulator, BUCKET)).cors).toBeUndefined()
  expect([sandbox.valohai.state.projects, sandbox.valohai.state.stores]).toEqual(before)
  const [, digest = ''] = /approved-plan: ([0-9a-f,]{16,})/.exec(refused.stdout) ?? []
  expect(digest.split(',')).toHaveLength(3)
  expect(await apply(digest)).toMatchObject({ exitCode: 0, outputs: { 'plan-digest': digest } })
  expect(await apply('none')).toMatchObject({
    exitCode: 0,
    outputs: { changes: 'false', 'plan-digest': 'none' },
  })
})
