import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { openSandbox, type Sandbox } from './sandbox'

const CLI = path.resolve(__dirname, '..', '..', 'dist', 'cli.js')
const BUCKET = 'acme-command-line'

let sandbox: Sandbox
let home: string

beforeAll(async () => {
  sandbox = await openSandbox(BUCKET)
  home = path.join(sandbox.directory, 'home')
  mkdirSync(home)
})

afterAll(() => sandbox.close())

/** Runs the command as a person does: the token in the environment, Node as it is on PATH. */
const valohaiS3 = (command: string, options: readonly string[] = []) => {
  const args = [
    CLI,
    command,
    '--bucket',
    BUCKET,
    '--region',
    'eu-west-1',
    '--abort-multipart-days',
    '0',
    ...options,
  ]
  const child = spawn('node', args, {
    cwd: home,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      XDG_CACHE_HOME: path.join(home, 'cache'),
      VALOHAI_TOKEN: sandbox.valohai.token,
      VALOHAI_HOST: sandbox.valohai.url,
      ...sandbox.environment,
    },
  })
  const output = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output.stdout += chunk))
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (output.stderr += chunk))
  return new Promise<{ exitCode: number | null; stdout: string; stderr: string }>((resolve) => {
    child.on('close', (exitCode) => resolve({ exitCode, ...output }))
  })
}

const LOCAL = [
  ...['--valohai-project', 'acme/churn-model'],
  ...['--backend', 'local', '--backend-config', 'path=state/store.tfstate'],
]

test('a plan shows what would change, and changes nothing', async () => {
  const { exitCode, stdout, stderr } = await valohaiS3('plan', LOCAL)
  expect(exitCode).toBe(0)
  expect(stdout).toMatch(/^changes=true$/m)
  expect(stdout).toMatch(/^to-add=11$/m)
  expect(stderr).toContain('# aws_s3_bucket.store will be created')
  expect(sandbox.valohai.state.stores).toEqual([])
})

test('an apply tells each step with its time, keeps the state where it was asked to, and leaves nothing else', async () => {
  const { exitCode, stdout, stderr } = await valohaiS3('apply', [
    ...LOCAL,
    '--tags',
    'team=ml',
    '--tags',
    'a=b',
  ])
  expect(exitCode).toBe(0)
  expect(stdout).toMatch(/^store-action=created$/m)
  for (const step of [
    'Prepare Terraform',
    'Look at what is there',
    'Plan',
    'Apply',
    'Prove the access key',
  ]) {
    expect(stderr).toMatch(new RegExp(`✓ ${step} \\([0-9.]+ s\\)`))
  }
  const state = readFileSync(path.join(home, 'state', 'store.tfstate'), 'utf8')
  expect(state).toContain('"team": "ml"')
  const secret = String(sandbox.valohai.state.stores[0]?.configuration.secret_access_key)
  for (const text of [state, stdout, stderr]) {
    expect(text).not.toContain(secret)
    expect(text).not.toContain(sandbox.valohai.token)
  }
  expect(
    readdirSync(path.join(home, 'cache', 'valohai-s3')).filter((name) => name.startsWith('valohai-s3-')),
  ).toEqual([])
  // With a backend of the user's own, no state bucket is made.
  const answer = await fetch(`${sandbox.emulator.url}/moto-api/data.json`)
  expect(await answer.text()).not.toContain(`${BUCKET}-tfstate`)
})

test('a failure is told on stderr, with the step and what exists', async () => {
  sandbox.valohai.quirks.failNext = [
    { method: 'GET', path: /users\/me/, status: 401, body: { detail: 'Invalid token.' } },
  ]
  const { exitCode, stdout, stderr } = await valohaiS3('apply', LOCAL)
  expect(exitCode).toBe(1)
  expect(stdout).toBe('')
  expect(stderr).toMatch(/Look at what is there: failed\.[\s\S]*token[\s\S]*The bucket acme-command-line in/i)
})

test('a second apply changes nothing, and leaves the Terraform that it ran where it was asked to', async () => {
  const { exitCode, stdout } = await valohaiS3('apply', [
    ...LOCAL,
    '--tags',
    'team=ml',
    '--tags',
    'a=b',
    '--out',
    'kept',
  ])
  expect(exitCode).toBe(0)
  expect(stdout).toMatch(/^changes=false$/m)
  expect(stdout).toMatch(/^terraform-dir=.*kept$/m)
  expect(existsSync(path.join(home, 'kept', 'main.tf'))).toBe(true)
})
