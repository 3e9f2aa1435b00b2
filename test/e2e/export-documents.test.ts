import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { exportDocuments } from '../../src/export/documents'
import { synthesize } from '../../src/infra/synthesize'
import { requestOf } from '../export/request'
import { terraformEnvironment } from '../support/terraform-environment'
import { CACHE } from './sandbox'

const KEY = 'arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab'

let directory: string

beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'valohai-s3-documents-'))
})

afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** Without credentials: what a test asks of AWS fails. */
const terraform = (cwd: string, ...args: string[]) => {
  const { status, stdout, stderr } = spawnSync('terraform', args, {
    cwd,
    env: {
      PATH: process.env.PATH,
      HOME: directory,
      ...terraformEnvironment(CACHE),
      CHECKPOINT_DISABLE: '1',
      AWS_EC2_METADATA_DISABLED: 'true',
    },
    encoding: 'utf8',
  })
  return { status, text: `${stdout}${stderr}` }
}

const write = (name: string, ...changes: Parameters<typeof requestOf>): string => {
  const request = requestOf(...changes)
  const out = path.join(directory, name)
  for (const [file, text] of [...synthesize(request.options, request.target), ...exportDocuments(request)]) {
    mkdirSync(path.dirname(path.join(out, file)), { recursive: true })
    writeFileSync(path.join(out, file), text)
  }
  const init = terraform(out, 'init', '-backend=false', '-input=false', '-no-color')
  expect(init).toEqual({ status: 0, text: init.text })
  return out
}

const LONG = 'b'.repeat(63)

// The policies of the README are written from the same values that these tests compare with what Terraform
// evaluates, so they pass only where the README is right.
test.each<[name: string, ...changes: Parameters<typeof requestOf>]>([
  ['root', {}],
  [
    'module-json-kms',
    {
      target: { layout: 'module', format: 'json' },
      options: { kmsKeyArn: KEY, versioning: true, iamUserName: 'me', tags: { '${a} "b"': '%{c}' } },
    },
  ],
  [
    'root-json-cn',
    {
      target: { format: 'json' },
      options: { region: 'cn-north-1', cors: false, multipart: false, abortMultipartDays: 0 },
    },
  ],
  [
    'module-gov-long',
    { target: { layout: 'module' }, options: { region: 'us-gov-west-1', bucketName: LONG } },
  ],
])('the tests of an export pass, without credentials: %s', (name, changes) => {
  const out = write(name, changes)
  expect(terraform(out, 'fmt', '-check', '-diff', '-recursive')).toEqual({ status: 0, text: '' })
  const { status, text } = terraform(out, 'test', '-no-color')
  expect({ status, text }).toEqual({ status: 0, text })
  expect(text).toMatch(/Success! \d+ passed, 0 failed\./)
})

test('they fail where the configuration is opened', () => {
  const out = write('opened')
  const main = path.join(out, 'main.tf')
  const opened = readFileSync(main, 'utf8')
    .replace('block_public_policy     = true', 'block_public_policy     = false')
    .replace('allowed_origins = [var.valohai_origin]', 'allowed_origins = ["*"]')
    .replace('Principal = { AWS = aws_iam_user.store.arn }', 'Principal = { AWS = "*" }')
    .replace('"s3:AbortMultipartUpload",', '"s3:DeleteObject",')
    .replace('"aws:SecureTransport" = "false"', '"aws:SecureTransport" = "true"')
    .replace('Action   = ["s3:ListAllMyBuckets"]', 'Action   = ["s3:ListAllMyBuckets", "iam:*"]')
    .replace('"AES256"', '"aws:kms"')
    .replace('tonumber(generation)', 'length(generation)')
  writeFileSync(main, opened)
  const { status, text } = terraform(out, 'test', '-no-color')
  expect(status).toBe(1)
  expect([...text.matchAll(/run "(\w+)"\.\.\. fail/g)].map(([, name]) => name)).toEqual([
    'bucket_is_private',
    'bucket_is_encrypted',
    'bucket_refuses_plain_http',
    'cors_lets_valohai_alone_post',
    'user_reaches_this_bucket_alone',
    'role_is_for_this_user_alone',
    'role_cannot_delete',
    'two_generations_make_two_keys',
  ])
})
