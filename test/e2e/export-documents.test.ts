import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { writeExport } from '../support/exports'
import { CACHE, prepared } from '../support/prepare'
import { startProvider, type SharedProvider } from '../support/provider'
import { terraformEnvironment } from '../support/terraform-environment'

let root: string
let provider: SharedProvider

beforeAll(async () => {
  provider = await startProvider(prepared().awsProvider)
  root = writeExport(mkdtempSync(path.join(tmpdir(), 'valohai-s3-documents-')), {})
  const { status, text } = terraform('init', '-backend=false', '-input=false', '-no-color')
  expect({ status, text }).toEqual({ status: 0, text })
})

afterAll(async () => {
  await provider.close()
  rmSync(root, { recursive: true, force: true })
})

/** Without credentials: what a test asks of AWS fails. */
const terraform = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync('terraform', args, {
    cwd: root,
    env: {
      PATH: process.env.PATH,
      HOME: root,
      ...terraformEnvironment(CACHE),
      ...provider.environment,
      CHECKPOINT_DISABLE: '1',
      AWS_EC2_METADATA_DISABLED: 'true',
    },
    encoding: 'utf8',
  })
  return { status, text: `${stdout}${stderr}` }
}

// The policies of the README are written from the same values that these tests compare with what Terraform
// evaluates, so they pass only where the README is right. Other exports, and OpenTofu, have their turn nightly.
test('the tests of an export pass, without credentials', () => {
  expect(terraform('fmt', '-check', '-diff', '-recursive')).toEqual({ status: 0, text: '' })
  const { status, text } = terraform('test', '-no-color')
  expect({ status, text }).toEqual({ status: 0, text })
  expect(text).toMatch(/Success! \d+ passed, 0 failed\./)
})

test('they fail where the configuration is opened', () => {
  const main = path.join(root, 'main.tf')
  const openings: [closed: string, open: string][] = [
    ['block_public_policy     = true', 'block_public_policy     = false'],
    ['allowed_origins = [var.valohai_origin]', 'allowed_origins = ["*"]'],
    ['Principal = { AWS = aws_iam_user.store.arn }', 'Principal = { AWS = "*" }'],
    ['"s3:AbortMultipartUpload",', '"s3:DeleteObject",'],
    ['"aws:SecureTransport" = "false"', '"aws:SecureTransport" = "true"'],
    ['Action   = ["s3:ListAllMyBuckets"]', 'Action   = ["s3:ListAllMyBuckets", "iam:*"]'],
    ['"AES256"', '"aws:kms"'],
    ['tonumber(generation)', 'length(generation)'],
  ]
  let text = readFileSync(main, 'utf8')
  for (const [closed, open] of openings) {
    expect(text).toContain(closed)
    text = text.replace(closed, open)
  }
  writeFileSync(main, text)

  const result = terraform('test', '-no-color')
  expect(result.status).toBe(1)
  expect([...result.text.matchAll(/run "(\w+)"\.\.\. fail/g)].map(([, name]) => name)).toEqual([
    'bucket_is_private',
    'bucket_is_encrypted',
    'cors_lets_valohai_alone_post',
    'bucket_refuses_plain_http',
    'user_reaches_this_bucket_alone',
    'role_is_for_this_user_alone',
    'role_cannot_delete',
    'two_generations_make_two_keys',
  ])
})
