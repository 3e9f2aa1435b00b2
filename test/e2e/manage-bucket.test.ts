import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import {
  DeleteBucketCorsCommand,
  ListObjectVersionsCommand,
  PutBucketCorsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { readBucket, readKeys, s3Client } from '../support/describe-aws'
import { AWS_PROVIDER_VERSION } from '../../src/config/versions'
import { openSandbox, type Sandbox } from './sandbox'

const BUCKET = 'acme-elsewhere'
const ELSEWHERE = { 'manage-bucket': 'false' }

let sandbox: Sandbox

beforeAll(async () => {
  sandbox = await openSandbox(BUCKET)
})
afterAll(() => sandbox.close())

/** The team's own Terraform of the bucket, in a directory of its own. */
function terraform(...args: string[]): number {
  const directory = path.join(sandbox.directory, 'of-the-team')
  mkdirSync(directory, { recursive: true })
  writeFileSync(
    path.join(directory, 'main.tf'),
    `terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "${AWS_PROVIDER_VERSION}" }
  }
}
provider "aws" {
  region = "eu-west-1"
}
resource "aws_s3_bucket" "data" {
  bucket = "${BUCKET}"
  tags   = { owner = "data-team" }
}
resource "aws_s3_bucket_policy" "data" {
  bucket = aws_s3_bucket.data.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Sid = "Partner", Effect = "Allow", Principal = { AWS = "arn:aws:iam::210987654321:root" }, Action = "s3:GetObject", Resource = "\${aws_s3_bucket.data.arn}/*" }]
  })
}
`,
  )
  try {
    execFileSync('terraform', args, {
      cwd: directory,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...sandbox.environment },
      stdio: 'pipe',
    })
    return 0
  } catch (error) {
    return (error as { status: number }).status
  }
}

/** What is in the bucket and on it. */
async function everything(): Promise<object> {
  const { Versions = [] } = await s3Client(sandbox.emulator).send(
    new ListObjectVersionsCommand({ Bucket: BUCKET }),
  )
  return {
    ...(await readBucket(sandbox.emulator, BUCKET)),
    objects: Versions.map(({ Key, ETag }) => [Key, ETag]),
  }
}

test('a bucket that is not there is told before anything is made', async () => {
  for (const command of ['plan', 'apply']) {
    const step = await sandbox.step({ ...ELSEWHERE, command })
    expect(step.exitCode).toBe(1)
    expect(step.stdout).toContain(
      `There is no bucket ${BUCKET}, and with \`manage-bucket: false\` none is made`,
    )
  }
  expect(await readKeys(sandbox.emulator, `valohai-${BUCKET}-acme-churn-model`).catch(() => 'none')).toBe(
    'none',
  )
})

test('with a Terraform of its own, both plans are empty afterwards, and the rule that is missing is told', async () => {
  expect(terraform('init', '-input=false')).toBe(0)
  expect(terraform('apply', '-auto-approve', '-input=false')).toBe(0)
  const s3 = s3Client(sandbox.emulator)
  await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'of-last-year', Body: 'an output' }))
  const CORSRules = [{ AllowedOrigins: ['https://tool.example'], AllowedMethods: ['PUT'] }]
  await s3.send(new PutBucketCorsCommand({ Bucket: BUCKET, CORSConfiguration: { CORSRules } }))
  const before = await everything()

  const step = await sandbox.step(ELSEWHERE)
  expect(step).toMatchObject({ exitCode: 0, outputs: { 'store-action': 'created', 'to-destroy': '0' } })
  expect(step.stdout).toContain('does not let Valohai')
  expect(step.stdout).toContain(`"AllowedOrigins":["${sandbox.valohai.url}"],"AllowedMethods":["POST"]`)
  expect(await everything()).toEqual(before)
  expect(await sandbox.step({ ...ELSEWHERE, command: 'plan' })).toMatchObject({
    outputs: { changes: 'false' },
  })
  expect(terraform('plan', '-detailed-exitcode', '-input=false')).toBe(0)
  await s3.send(new DeleteBucketCorsCommand({ Bucket: BUCKET }))
})

const NAME = 'valohai-acme-elsewhere-acme-churn-model'
const OF_THE_STORE = {
  'state-key': `valohai-s3/${BUCKET}-acme-churn-model.tfstate`,
  'iam-user-name': NAME,
}

test('from false to true: the lines that go on with the same state, then `adopt`, which adds and changes nothing', async () => {
  const stopped = await sandbox.step({ command: 'plan' })
  expect(stopped.exitCode).toBe(1)
  expect(stopped.stdout).toContain(`state-key: ${OF_THE_STORE['state-key']}`)
  expect(stopped.stdout).toContain(`iam-user-name: ${NAME}`)
  const role = /multipart-role-name: ([\w-]+)/.exec(stopped.stdout)?.[1] ?? ''
  const names = { ...OF_THE_STORE, 'multipart-role-name': role }

  const asked = await sandbox.step({ ...names, command: 'plan' })
  expect(asked.stdout).toContain(`The bucket ${BUCKET} was not made by a run`)
  const before = (await everything()) as { objects: object; policy: { Statement: object[] } }
  const step = await sandbox.step({ ...names, adopt: 'true' })
  expect(step).toMatchObject({ exitCode: 0, outputs: { 'store-action': 'unchanged', 'to-destroy': '0' } })
  const after = (await everything()) as typeof before
  expect(after.objects).toEqual(before.objects)
  expect(after.policy.Statement).toEqual(expect.arrayContaining(before.policy.Statement))
  expect(await sandbox.step({ ...names, adopt: 'true' })).toMatchObject({ outputs: { changes: 'false' } })

  // And back: forgotten, and left as it is.
  const off = { ...names, ...ELSEWHERE }
  const forgotten = await sandbox.step(off)
  expect(forgotten).toMatchObject({
    exitCode: 0,
    outputs: { changes: 'true', 'to-destroy': '0', 'to-change': '0' },
  })
  expect(forgotten.stdout).toContain('forget aws_s3_bucket.store')
  expect(await everything()).toEqual(after)
  expect(await sandbox.step(off)).toMatchObject({ outputs: { changes: 'false' } })
  expect(sandbox.storesPosted()).toBe(1)
})
