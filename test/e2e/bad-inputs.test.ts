import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { runStep, type StepResult } from '../support/action-runner'

let directory: string
let server: Server
let url: string
let requests: string[]

beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'valohai-s3-bad-'))
  server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`)
    response.end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const terraform = path.join(directory, 'terraform')
  writeFileSync(terraform, `#!/bin/sh\ntouch ${path.join(directory, 'terraform-was-started')}\n`)
  chmodSync(terraform, 0o755)
})

beforeEach(() => {
  requests = []
})

afterAll(() => {
  server.close()
  rmSync(directory, { recursive: true, force: true })
})

/** Runs the bundle where every request and every start of Terraform would be seen. */
const step = (inputs: Record<string, string>): Promise<StepResult> =>
  runStep({
    directory,
    environment: {
      PATH: `${directory}${path.delimiter}${process.env.PATH ?? ''}`,
      AWS_ENDPOINT_URL: url,
      AWS_ACCESS_KEY_ID: 'AKIADEPLOYER',
      AWS_SECRET_ACCESS_KEY: 'secret-of-the-deployer',
    },
    inputs: {
      bucket: 'my-valohai-bucket',
      region: 'eu-west-1',
      'valohai-project': 'acme/churn-model',
      'valohai-token': 'token',
      'valohai-url': url,
      ...inputs,
    },
  })

const ROWS: readonly [input: string, value: string, fix: RegExp][] = [
  ['command', 'aply', /apply/],
  ['bucket', '', /bucket/i],
  ['bucket', 'ab', /3/],
  ['bucket', 'a'.repeat(64), /63/],
  ['bucket', 'My-Bucket', /my-bucket/],
  ['bucket', 'my_bucket', /my-bucket/],
  ['bucket', 'my.bucket', /my-bucket/],
  ['bucket', '-bucket', /bucket/],
  ['bucket', 'xn--bucket', /xn--/],
  ['bucket', 'bucket-s3alias', /-s3alias/],
  ['bucket', 's3://my-bucket', /my-bucket/],
  ['bucket', 'arn:aws:s3:::my-bucket', /my-bucket/],
  ['region', 'eu-west1', /eu-west-1/],
  ['region', 'EU-WEST-1', /eu-west-1/],
  ['region', 'eu-west-1a', /eu-west-1/],
  ['region', 'Ireland', /eu-west-1/],
  ['valohai-project', '', /acme\/churn-model/],
  ['valohai-project', 'churn-model', /owner/],
  ['valohai-project', 'https://app.valohai.com/p/acme/churn-model/', /acme\/churn-model/],
  ['valohai-token', '', /VALOHAI_TOKEN/],
  ['valohai-token', 'Token abc', /alone|leave/],
  ['valohai-token', 'with space', /space|white/],
  ['valohai-url', 'http://valohai.example.com', /https/],
  ['valohai-url', 'https://app.valohai.com/api/v0/', /https:\/\/app\.valohai\.com/],
  ['valohai-url', 'app.valohai.com', /https/],
  ['store-name', 'n'.repeat(65), /64/],
  ['set-default', 'yes', /true/],
  ['cors', 'on', /true/],
  ['multipart', '1', /true/],
  ['iam-user-name', 'u'.repeat(65), /64/],
  ['iam-user-name', 'user name', /letters/],
  ['multipart-role-name', 'role/name', /letters/],
  ['kms-key-arn', '1234abcd-12ab-34cd-56ef-1234567890ab', /arn/],
  ['kms-key-arn', 'arn:aws:kms:eu-west-1:123456789012:alias/store', /key/],
  ['kms-key-arn', 'arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab', /eu-west-1/],
  ['versioning', 'Enabled', /true/],
  ['abort-multipart-days', '7 days', /whole number of days/],
  ['abort-multipart-days', '-1', /whole number of days/],
  ['abort-multipart-days', '1.5', /whole number of days/],
  ['tags', 'team', /key=value/],
  ['tags', 'aws:team=ml', /aws:/],
  ['tags', 'team=ml\nteam=data', /team/],
  ['tags', Array.from({ length: 51 }, (_, index) => `k${index}=v`).join('\n'), /50/],
  ['state-bucket', 'my-valohai-bucket', /my-valohai-bucket-tfstate/],
  ['state-bucket', 'State', /state/],
  ['state-key', '/absolute', /Write a key like/],
  ['state-region', 'nowhere-1', /eu-west-1/],
  ['backend', 'dynamo', /s3/],
  ['backend-config', 'bucket=other', /state-bucket/],
  ['backend-config', 'secret_key=abc', /environment/],
  ['terraform-version', '1.5.0', /1\.10/],
  ['terraform-version', 'latest', /1\.11\.4/],
  ['aws-provider-version', '4.67.0', /5\.100/],
  ['layout', 'module', /synth/],
  ['format', 'yaml', /hcl/],
]

test.each(ROWS)(
  '%s: %j is refused with its fix; nothing is asked, nothing is started',
  async (input, value, fix) => {
    const { exitCode, stdout, outputs } = await step({ [input]: value })
    expect(exitCode).toBe(1)
    expect(stdout).toMatch(new RegExp(`${input}: .*${fix.source}`, 'i'))
    expect(outputs).toEqual({})
    expect(requests).toEqual([])
    expect(existsSync(path.join(directory, 'terraform-was-started'))).toBe(false)
  },
)

test('all problems are listed at once', async () => {
  const { stdout } = await step({ bucket: 'A', region: 'x', tags: 'team', cors: 'maybe' })
  for (const input of ['bucket', 'region', 'tags', 'cors']) expect(stdout).toMatch(new RegExp(`${input}: `))
})

test('the traps work: good inputs do make a request and start Terraform', async () => {
  const { exitCode } = await step({})
  expect(exitCode).toBe(1)
  expect(requests).not.toEqual([])
})
