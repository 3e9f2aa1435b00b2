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

/** One wrong value for each input that can be wrong beside the others; `test/config` has every rule. */
const WRONG: Readonly<Record<string, readonly [value: string, fix: RegExp]>> = {
  bucket: ['My_Bucket', /my-bucket/],
  region: ['EU-WEST-1', /eu-west-1/],
  'valohai-project': ['https://app.valohai.com/p/acme/churn-model/', /acme\/churn-model/],
  'valohai-token': ['Token abc', /alone|without/],
  'valohai-url': ['http://valohai.example.com', /https/],
  'store-name': ['n'.repeat(65), /64/],
  'set-default': ['yes', /true/],
  cors: ['on', /true/],
  'iam-user-name': ['user name', /letters/],
  'multipart-role-name': ['role/name', /name alone/],
  'kms-key-arn': ['1234abcd-12ab-34cd-56ef-1234567890ab', /arn/],
  versioning: ['Enabled', /true/],
  'abort-multipart-days': ['7 days', /whole number of days/],
  tags: ['aws:team=ml', /aws:/],
  'state-bucket': ['State', /state/],
  'state-key': ['/absolute', /valohai-s3/],
  'state-region': ['nowhere-1', /eu-west-1/],
  'backend-config': ['secret_key=abc', /environment/],
  'terraform-version': ['latest', /1\.15\.9/],
  'aws-provider-version': ['4.67.0', /5\.100/],
  layout: ['module', /synth/],
  format: ['yaml', /hcl/],
}
const FIXES = Object.entries(WRONG).map(([input, [, fix]]) => [input, fix] as const)

test.each<[name: string, inputs: Record<string, string>, fixes: readonly (readonly [string, RegExp])[]]>([
  ['what is wrong', Object.fromEntries(Object.entries(WRONG).map(([name, [value]]) => [name, value])), FIXES],
  [
    'what is missing',
    { bucket: '', 'valohai-project': '', 'valohai-token': '' },
    [
      ['bucket', /my-valohai-bucket/],
      ['valohai-project', /acme\/churn-model/],
      ['valohai-token', /VALOHAI_TOKEN/],
    ],
  ],
  ['an unknown command', { command: 'aply' }, [['command', /apply/]]],
])('%s is refused, each with its fix; nothing is asked, nothing is started', async (_, inputs, fixes) => {
  const { exitCode, stdout, outputs } = await step(inputs)
  expect(exitCode).toBe(1)
  for (const [input, fix] of fixes) expect(stdout).toMatch(new RegExp(`\\b${input}: .*${fix.source}`, 'i'))
  expect(outputs).toEqual({})
  expect(requests).toEqual([])
  expect(existsSync(path.join(directory, 'terraform-was-started'))).toBe(false)
})

test('the trap works: with good inputs something is asked', async () => {
  const { exitCode } = await step({})
  expect(exitCode).toBe(1)
  expect(requests).not.toEqual([])
})
