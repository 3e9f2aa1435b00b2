import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { CreateBucketCommand } from '@aws-sdk/client-s3'
import { s3Client } from '../../support/describe-aws'
import { startEmulator, type Emulator } from '../../support/emulator'
import { writeExport } from '../../support/exports'
import { opentofuEnvironment } from '../../support/opentofu-environment'
import { describeWith } from '../../support/peers'
import { terraformEnvironment } from '../../support/terraform-environment'
import { CACHE } from '../sandbox'

const KEY = 'arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab'

/** Exports that differ in what is there and in how it is named. */
const EXPORTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  root: {},
  module: { layout: 'module' },
  everything: {
    versioning: 'true',
    'kms-key-arn': KEY,
    'iam-user-name': 'me',
    'valohai-url': 'https://valohai.example.com',
    tags: 'a.b:c/d=x y\ncost-center=1234',
  },
  'json module': { layout: 'module', format: 'json', 'kms-key-arn': KEY },
  'json root in China': {
    format: 'json',
    region: 'cn-north-1',
    cors: 'false',
    multipart: 'false',
    'abort-multipart-days': '0',
  },
  'module in GovCloud, longest name': { layout: 'module', region: 'us-gov-west-1', bucket: 'b'.repeat(63) },
}

let directory: string
let emulator: Emulator

beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'valohai-s3-exports-'))
  emulator = await startEmulator(CACHE)
  await s3Client(emulator).send(
    new CreateBucketCommand({
      Bucket: 'my-valohai-bucket-tfstate',
      CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
    }),
  )
})

afterAll(async () => {
  await emulator.close()
  rmSync(directory, { recursive: true, force: true })
})

describeWith('terraform', (program) => works(program, terraformEnvironment))
describeWith('tofu', (program) => works(program, opentofuEnvironment))

/** What an export has to do with either program. */
function works(program: string, environment: (cache: string) => Record<string, string>): void {
  /** Fails where the program fails. Without `aws`, what asks AWS anything fails. */
  const run = (cwd: string, args: readonly string[], aws: Readonly<Record<string, string>> = {}): string =>
    execFileSync(program, [...args, '-no-color'], {
      cwd,
      env: {
        PATH: process.env.PATH,
        HOME: directory,
        ...environment(CACHE),
        CHECKPOINT_DISABLE: '1',
        AWS_EC2_METADATA_DISABLED: 'true',
        ...aws,
      },
      encoding: 'utf8',
      // So that what it says is in the error, not between the lines of jest.
      stdio: 'pipe',
    })
  const directoryOf = (...parts: string[]): string => path.join(directory, path.basename(program), ...parts)

  test.each(Object.keys(EXPORTS))('the tests of an export pass, without credentials: %s', (name) => {
    const out = writeExport(directoryOf(name), EXPORTS[name]!)
    run(out, ['fmt', '-check', '-recursive'])
    run(out, ['init', '-backend=false', '-input=false'])
    expect(run(out, ['test'])).toMatch(/Success! \d+ passed, 0 failed\./)
  })

  test('a root is initialized and planned', () => {
    const root = writeExport(directoryOf('planned root'), {})
    run(root, ['init', '-input=false'], emulator.environment)
    expect(run(root, ['plan', '-input=false'], emulator.environment)).toContain(
      'Plan: 12 to add, 0 to change',
    )
  })

  test('a module is initialized and planned, twice from one configuration', () => {
    const root = directoryOf('calls')
    mkdirSync(root, { recursive: true })
    writeExport(path.join(root, 'store'), { layout: 'module' })
    const call = `provider "aws" {
  region = "eu-west-1"
}

module "store" {
  for_each    = toset(["first-bucket", "second-bucket"])
  source      = "./store"
  bucket_name = each.key
}
`
    writeFileSync(path.join(root, 'main.tf'), call)
    run(root, ['init', '-input=false'], emulator.environment)
    expect(run(root, ['plan', '-input=false'], emulator.environment)).toContain(
      'Plan: 24 to add, 0 to change',
    )
  })
}
