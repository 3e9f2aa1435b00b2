import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { STATE_TAG } from '../../src/store/names'
import { ACTIONS_NODE } from '../support/action-runner'
import { readBucket } from '../support/describe-aws'
import { objectVersions, openSandbox, type Sandbox } from './sandbox'

const BUCKET = 'acme-job'

let sandbox: Sandbox

beforeAll(async () => {
  // The provider gets its environment from Terraform, as it does for users.
  sandbox = await openSandbox(BUCKET, { ownProvider: true })
})

afterAll(() => sandbox.close())

/** What a job has set for a Terraform of its own. */
const OF_THE_JOB = {
  TF_VAR_region: 'us-west-2',
  TF_VAR_tags: '{"team":"other"}',
  TF_VAR_valohai_origin: 'https://other.example.com',
  TF_WORKSPACE: 'prod',
  TF_CLI_ARGS: '-input=false',
  TF_CLI_ARGS_plan: '-destroy',
  TF_DATA_DIR: '/nowhere',
  TF_AWS_DEFAULT_TAGS_team: 'other',
}

test("the job's settings for a Terraform of its own change nothing, and are named once; its log has no secret", async () => {
  const step = await sandbox.step(
    { command: 'apply' },
    { environment: { ...sandbox.environment, ...OF_THE_JOB, TF_LOG: 'trace' } },
  )
  expect(step.exitCode).toBe(0)
  const { location, cors, tags } = await readBucket(sandbox.emulator, BUCKET)
  expect(location).toBe('eu-west-1')
  expect(JSON.stringify(cors)).not.toContain('other.example.com')
  expect(tags?.map(({ Key }) => Key)).toEqual([STATE_TAG])
  const states = Object.keys(await objectVersions(sandbox.emulator, `${BUCKET}-tfstate`))
  expect(states.filter((key) => key.includes('.tfstate ')).join()).not.toContain('prod')

  const names = step.stdout.split('\n').filter((line) => line.includes('TF_WORKSPACE'))
  expect(names).toEqual([expect.stringContaining(Object.keys(OF_THE_JOB).sort().join(', '))])
  expect(step.stdout).not.toContain('us-west-2')

  expect(step.stdout).toMatch(/^::debug::\S+ \[(TRACE|DEBUG)\]/m)
  expect(step.stdout).not.toMatch(/^\d{4}-\S+ \[(TRACE|DEBUG)\]/m)
  const secret = String(sandbox.valohai.state.stores[0]?.configuration.secret_access_key)
  const shown = step.stdout.replaceAll(/^::add-mask::.*$/gm, '') + step.stderr
  expect(secret).toHaveLength(40)
  expect(shown).not.toContain(secret)
})

test.each(['plan', 'apply'])(
  '%s runs no provider that somebody put into its output-dir, and says what is in the way',
  async (command) => {
    const output = path.join(sandbox.directory, `committed-${command}`)
    const provider = path.join(
      output,
      '.terraform/providers/registry.terraform.io/hashicorp/aws/5.100.0/linux_amd64/terraform-provider-aws_v5.100.0_x5',
    )
    const ran = path.join(sandbox.directory, 'provider-ran')
    mkdirSync(path.dirname(provider), { recursive: true })
    writeFileSync(provider, `#!/bin/sh\ntouch ${ran}\n`)
    chmodSync(provider, 0o755)
    writeFileSync(path.join(output, '.terraform.lock.hcl'), '')
    const { exitCode, stdout } = await sandbox.step({ command, 'output-dir': output })
    expect(exitCode).toBe(1)
    expect(stdout).toContain('- .terraform was not written by valohai-s3')
    expect(stdout).toContain('- .terraform.lock.hcl was not written by valohai-s3')
    expect(existsSync(ran)).toBe(false)
  },
)

test('a user without a name, a home and a tool cache that can be written plans all the same', () => {
  const cache = path.join(sandbox.directory, 'cache')
  mkdirSync(cache)
  chmodSync(cache, 0o555)
  chmodSync(sandbox.directory, 0o755)
  const isRoot = process.getuid?.() === 0
  const { status, stdout, stderr } = spawnSync(
    ACTIONS_NODE,
    [
      path.resolve(__dirname, '../../dist/cli.js'),
      'plan',
      '--bucket',
      'acme-nameless',
      '--region',
      'eu-west-1',
    ],
    {
      cwd: '/',
      encoding: 'utf8',
      env: { PATH: process.env.PATH, RUNNER_TOOL_CACHE: cache, ...sandbox.environment },
      // Who is root may write everywhere.
      ...(isRoot ? { uid: 54_321, gid: 54_321 } : {}),
    },
  )
  expect(stderr).toContain('the tool cache cannot be written (EACCES')
  expect(status).toBe(0)
  expect(stdout).toMatch(/^changes=true$/m)
})
