import { writeFileSync } from 'node:fs'
import path from 'node:path'
import type { StepResult } from '../support/action-runner'
import { startGithubStandIn, type GithubStandIn } from '../support/github-stand-in'
import { openSandbox, type Sandbox } from './sandbox'

const BUCKET = 'acme-pull-request'

let sandbox: Sandbox
let github: GithubStandIn

beforeAll(async () => {
  sandbox = await openSandbox(BUCKET)
  // An Enterprise Server's base path, and 200 comments of other people before ours.
  github = await startGithubStandIn({ basePath: '/api/v3', otherComments: 200 })
})

afterAll(async () => {
  await github.close()
  await sandbox.close()
})

/** A step in a workflow of a pull request. */
const step = (command: string): Promise<StepResult> => {
  const payload = path.join(sandbox.directory, 'event.json')
  const repository = { full_name: `${github.owner}/${github.repo}` }
  writeFileSync(
    payload,
    JSON.stringify({
      action: 'synchronize',
      pull_request: {
        number: github.issueNumber,
        head: { sha: 'abc123', repo: repository },
        base: { repo: repository },
      },
    }),
  )
  return sandbox.step(
    { command, 'github-token': github.token },
    {
      environment: {
        ...sandbox.environment,
        GITHUB_API_URL: github.apiUrl,
        GITHUB_SERVER_URL: 'https://github.example.com',
        GITHUB_REPOSITORY: repository.full_name,
        GITHUB_RUN_ID: '42',
        GITHUB_EVENT_NAME: 'pull_request',
        GITHUB_EVENT_PATH: payload,
      },
    },
  )
}

/** Bodies of the comments of the token's account. */
const ours = (): string[] =>
  github.comments.filter(({ user }) => user?.login === 'github-actions[bot]').map(({ body }) => body)

test('a first plan makes one comment, with the counts, the diff and what changes in Valohai', async () => {
  expect(await step('plan')).toMatchObject({ exitCode: 0, outputs: { changes: 'true', 'to-add': '11' } })
  expect(ours()).toHaveLength(1)
  expect(ours()[0]).toContain('11 to add')
  expect(ours()[0]).toContain('aws_s3_bucket')
  expect(ours()[0]).not.toContain(sandbox.valohai.token)
})

test('a token that may only read costs a warning, and the summary has the plan', async () => {
  github.quirks.forbidden = 'write'
  const result = await step('plan')
  expect(result.exitCode).toBe(0)
  expect(result.stdout).toMatch(/::warning/)
  expect(result.summary).toContain('aws_s3_bucket')
  delete github.quirks.forbidden
})

test('after an apply, a plan edits the comment to say that nothing changes', async () => {
  const applied = await step('apply')
  expect(applied).toMatchObject({ exitCode: 0 })
  expect(applied.summary).toContain(applied.outputs['store-id'])
  const planned = await step('plan')
  expect(planned).toMatchObject({ exitCode: 0, outputs: { changes: 'false' } })
  expect(ours()).toHaveLength(1)
  expect(ours()[0]).not.toContain('to add')
  expect(github.comments).toHaveLength(201)
})
