import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { GetBucketPolicyCommand, GetBucketVersioningCommand } from '@aws-sdk/client-s3'
import { fences, sectionOf } from '../../export/markdown'
import { ACTIONS_NODE } from '../../support/action-runner'
import { readKeys, s3Client } from '../../support/describe-aws'
import { openSandbox, type Sandbox } from '../sandbox'

const CLI = path.resolve(__dirname, '..', '..', '..', 'dist', 'cli.js')
const BUCKET = 'acme-for-years'
const USER = `valohai-${BUCKET}`

let sandbox: Sandbox
let home: string
let root: string

beforeAll(async () => {
  sandbox = await openSandbox(BUCKET)
  home = mkdtempSync(path.join(tmpdir(), 'valohai-s3-life-'))
  root = path.join(home, 'infra')
  mkdirSync(path.join(home, 'gnupg'), { mode: 0o700 })
  sh(`git init -q '${root}'`, home)
})

afterAll(async () => {
  sh('gpgconf --kill all', home)
  await sandbox.close()
  rmSync(home, { recursive: true, force: true })
})

/** Runs lines as a person's shell does; fails the test where one fails. */
function sh(lines: string, cwd = root): string {
  const who = { GIT_AUTHOR_NAME: 'me', GIT_AUTHOR_EMAIL: 'me@example.com' }
  const { status, stdout, stderr } = spawnSync('bash', ['-eo', 'pipefail', '-c', lines], {
    cwd,
    env: {
      PATH: process.env.PATH,
      HOME: home,
      GNUPGHOME: path.join(home, 'gnupg'),
      TF_INPUT: '0',
      TF_CLI_ARGS: '-no-color',
      CHECKPOINT_DISABLE: '1',
      ...who,
      GIT_COMMITTER_NAME: 'me',
      GIT_COMMITTER_EMAIL: 'me@example.com',
      ...sandbox.environment,
    },
    encoding: 'utf8',
  })
  expect({ lines, status, output: status === 0 ? '' : stdout + stderr }).toEqual({
    lines,
    status: 0,
    output: '',
  })
  return stdout
}

const synth = (...options: string[]): string =>
  sh(
    [`'${ACTIONS_NODE}' '${CLI}' synth --bucket ${BUCKET} --region eu-west-1 --out . --backend local`]
      .concat('--abort-multipart-days 0', options)
      .join(' '),
  )

const blocks = (title: string, language: string): string[] =>
  fences(sectionOf(readFileSync(path.join(root, 'README.md'), 'utf8'), title))
    .filter((fence) => fence.language === language)
    .map(({ lines }) => lines.join('\n'))

const VALUES = (): string => path.join(root, 'terraform.tfvars.json')
const values = (): Record<string, unknown> =>
  JSON.parse(readFileSync(VALUES(), 'utf8')) as Record<string, unknown>
const setGenerations = (...generations: string[]): void =>
  writeFileSync(VALUES(), JSON.stringify({ ...values(), access_key_generations: generations }, null, 2))
const apply = (): string => sh('terraform plan -out=tfplan\nterraform apply tfplan')
const keys = async (): Promise<string[]> => Object.keys(await readKeys(sandbox.emulator, USER))

test('the key pair, the first apply, and the secret, by the lines of the README', async () => {
  sh('gpg --batch --quiet --passphrase "" --quick-generate-key me@example.com default default never')
  synth()
  for (const lines of blocks('Before the first apply: a public key for the secret', 'sh'))
    sh(lines.replace('<KEY_ID>', 'me@example.com'))
  synth('--pgp-key public-key.gpg')
  expect(values().pgp_key).toMatch(/^[A-Za-z0-9+/]{64,}={0,2}$/)
  const [first = '', commit = '', encrypted = '', plain = ''] = blocks('Apply it by hand', 'sh')
  sh(first)
  sh(commit)
  const secret = sh(encrypted)
  expect(secret).toMatch(/^[A-Za-z0-9/+]{40}$/)
  // Neither the state, nor the plan, nor git has it.
  expect(sh(`${plain.trim()} 2>&1 || true`)).not.toContain(secret)
  expect(readFileSync(path.join(root, 'terraform.tfstate'), 'utf8')).not.toContain(secret)
  const untracked = sh('git status --porcelain --untracked-files=all')
  expect(untracked).toContain('main.tf')
  expect(untracked).not.toMatch(/tfplan|tfstate|\.terraform\//)
  expect(await keys()).toHaveLength(1)
})

test('exported again with other options, at each point of a rotation: nothing is lost', async () => {
  writeFileSync(path.join(root, 'own.tf'), 'variable "own" {}\n')
  writeFileSync(VALUES(), JSON.stringify({ ...values(), own: 'mine' }))
  const [first] = await keys()
  const { pgp_key } = values()

  setGenerations('1', '2')
  synth('--versioning')
  apply()
  const both = await keys()
  expect(both).toHaveLength(2)
  expect(both).toContain(first)

  synth('--versioning', '--tags team=ml')
  apply()
  expect(await keys()).toEqual(both)

  setGenerations('2')
  synth('--versioning', '--tags team=ml', '--multipart false')
  apply()
  const [second, ...others] = await keys()
  expect(others).toEqual([])
  expect(both).toContain(second)

  synth('--versioning')
  apply()
  expect(await keys()).toEqual([second])
  expect(values()).toMatchObject({ access_key_generations: ['2'], pgp_key, own: 'mine' })
})

test('given up by the lines of the README, the bucket stays with its settings; and is taken in again', async () => {
  const s3 = s3Client(sandbox.emulator)
  const settings = async () => [
    (await s3.send(new GetBucketVersioningCommand({ Bucket: BUCKET }))).Status,
    JSON.parse((await s3.send(new GetBucketPolicyCommand({ Bucket: BUCKET }))).Policy ?? '') as unknown,
  ]
  const before = await settings()
  const [removed = ''] = blocks('Before you destroy anything', 'hcl')
  const [rm = '', planAndApply = ''] = blocks('Before you destroy anything', 'sh')
  sh(rm)
  writeFileSync(path.join(root, 'removed.tf'), removed)
  expect(sh(planAndApply)).toMatch(/0 added, 0 changed, 5 destroyed/)
  expect(await settings()).toEqual(before)

  rmSync(path.join(root, 'removed.tf'))
  synth('--versioning')
  // What is not there is taken out of the blocks: all of IAM, by now.
  const [imports = ''] = blocks('What is there already', 'hcl')
  const ofBucket = imports.split('\n\n').filter((block) => block.includes('aws_s3'))
  writeFileSync(path.join(root, 'imports.tf'), ofBucket.join('\n\n'))
  expect(apply()).toMatch(new RegExp(`${ofBucket.length} imported, 5 added, 0 changed, 0 destroyed`))
  expect(await settings()).toEqual(before)
})
