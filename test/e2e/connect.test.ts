import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { CreateBucketCommand } from '@aws-sdk/client-s3'
import { readKeys, s3Client } from '../support/describe-aws'
import { writeExport } from '../support/exports'
import { runStep, type StepResult } from '../support/action-runner'
import { filesBelow, openSandbox, shownLog, type Sandbox } from './sandbox'
import { inDays, useStore } from './story'

const CLI = path.resolve(__dirname, '..', '..', 'dist', 'cli.js')
const BUCKET = 'acme-connected'
const LINE = /^terraform output -json \| valohai-s3 (connect .*)$/m

// One story, in order: each test begins where the one before it ended.
let sandbox: Sandbox
let root: string
/** Of every access key that was made. */
const secrets: string[] = []
/** All that `connect` said. */
const said: string[] = []

beforeAll(async () => {
  sandbox = await openSandbox(BUCKET)
  root = writeExport(path.join(sandbox.directory, 'root'), {
    bucket: BUCKET,
    'abort-multipart-days': '0',
    'valohai-url': sandbox.valohai.url,
  })
  await s3Client(sandbox.emulator).send(
    new CreateBucketCommand({
      Bucket: `${BUCKET}-tfstate`,
      CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
    }),
  )
  terraform(['init', '-input=false'])
  terraform(['apply', '-input=false', '-auto-approve'])
})

afterAll(() => sandbox.close())

function terraform(args: readonly string[], cwd = root): string {
  return execFileSync('terraform', args, {
    cwd,
    env: { ...process.env, CHECKPOINT_DISABLE: '1', ...sandbox.environment },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
}

function outputs(cwd = root): string {
  const text = terraform(['output', '-json'], cwd)
  secrets.push(
    ...[...text.matchAll(/"secret_access_key":\s*(?:\{[^}]*"value":\s*)?"([^"]+)"/g)]
      .map(([, one]) => one!)
      // Of an object's outputs Terraform prints the types too.
      .filter((one) => one !== 'string'),
  )
  return text
}

/** Neither Terraform nor anything of AWS is within reach, besides where the emulator stands in for it. */
const bare = (): Record<string, string> => ({
  PATH: '/nonexistent',
  HOME: path.join(sandbox.directory, 'home'),
  AWS_ENDPOINT_URL: sandbox.emulator.environment.AWS_ENDPOINT_URL!,
  AWS_EC2_METADATA_DISABLED: 'true',
  VALOHAI_TOKEN: sandbox.valohai.token,
})

/** The README's line, after its pipe. The stand-in answers in this process, so it must not be blocked. */
async function connect(
  input = outputs(),
  more: readonly string[] = [],
): Promise<{ exitCode: number | null; text: string }> {
  const [, line = ''] = LINE.exec(readFileSync(path.join(root, 'README.md'), 'utf8')) ?? []
  const child = spawn(process.execPath, [CLI, ...line.split(' '), ...more], {
    env: bare(),
    cwd: sandbox.directory,
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk))
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk))
  child.stdin.end(input)
  const [exitCode] = (await once(child, 'close')) as [number | null]
  said.push(stdout, stderr)
  return { exitCode, text: `${stderr}\n${stdout}` }
}

const onlyStore = () => {
  expect(sandbox.valohai.state.stores).toHaveLength(1)
  return sandbox.valohai.state.stores[0]!
}

const writes = (): number => sandbox.valohai.state.requests.filter(({ method }) => method !== 'GET').length

test('the line of the README makes the store of the project and its default', async () => {
  expect(await connect()).toMatchObject({
    exitCode: 0,
    text: expect.stringContaining('store-action=created'),
  })
  const store = onlyStore()
  expect(store).toMatchObject({
    name: BUCKET,
    configuration: {
      bucket: BUCKET,
      region: 'eu-west-1',
      secret_access_key: secrets[0],
      multipart_upload_iam_role: `arn:aws:iam::123456789012:role/valohai-${BUCKET}-multipart`,
    },
  })
  expect(sandbox.valohai.state.projects[0]?.default_store).toBe(store.id)
  await useStore(sandbox.emulator, store)
})

test('again, nothing is written', async () => {
  const before = writes()
  const { exitCode, text } = await connect()
  expect(exitCode).toBe(0)
  expect(text).toContain('changes=false')
  expect(text).toContain('store-action=unchanged')
  expect(writes()).toBe(before)
})

test('the key is rotated as the README tells it', async () => {
  const values = path.join(root, 'terraform.tfvars.json')
  const setGenerations = (generations: readonly string[]): void => {
    const given = JSON.parse(readFileSync(values, 'utf8')) as Record<string, unknown>
    writeFileSync(values, JSON.stringify({ ...given, access_key_generations: generations }))
    terraform(['apply', '-input=false', '-auto-approve'])
  }
  const old = String(onlyStore().configuration.access_key_id)
  setGenerations(['1', '2'])
  const { exitCode, text } = await connect()
  expect(exitCode).toBe(0)
  const store = onlyStore()
  const held = String(store.configuration.access_key_id)
  expect(held).not.toBe(old)
  expect(text).toContain(`The store holds the access key ${held}, generation 2.`)
  expect(text).toContain(`The access key ${old}, generation 1, may go from ${inDays(7)} on`)
  expect(text).toContain(`key-retires-on=${inDays(7)}`)
  await useStore(sandbox.emulator, store)

  const before = writes()
  expect((await connect()).text).toContain(`key-retires-on=${inDays(7)}`)
  expect(writes()).toBe(before)
  setGenerations(['2'])
  expect(await readKeys(sandbox.emulator, `valohai-${BUCKET}`)).toEqual({ [held]: 'Active' })
  expect((await connect()).text).toContain('changes=false')
  await useStore(sandbox.emulator, store)
})

test('a store of the project with a key that the outputs do not know stops it, and adopt takes it over', async () => {
  const { configuration } = onlyStore()
  const held = configuration.access_key_id
  configuration.access_key_id = 'AKIASOMEBODYELSES000'
  const before = writes()
  const refused = await connect()
  expect(refused.exitCode).toBe(1)
  expect(refused.text).toContain('AKIASOMEBODYELSES000, which is not among the outputs')
  expect(refused.text).toContain('adopt: true')
  expect(writes()).toBe(before)
  expect((await connect(outputs(), ['--adopt'])).text).toContain('store-action=updated')
  expect(onlyStore().configuration.access_key_id).toBe(held)
})

test('outputs that say another region than the bucket is in stop it before anything is written', async () => {
  const before = writes()
  const { exitCode, text } = await connect(outputs().replaceAll('"eu-west-1"', '"eu-central-1"'))
  expect(exitCode).toBe(1)
  expect(text).toContain(`The bucket ${BUCKET} is in eu-west-1, and the outputs say eu-central-1`)
  expect(text).toContain('Nothing was made or changed')
  expect(writes()).toBe(before)
})

describe('a root that calls the module with for_each, connected by the Action', () => {
  let calls: string
  let step: StepResult

  const run = async (inputs: Readonly<Record<string, string>>): Promise<StepResult> => {
    const result = await runStep({
      directory: sandbox.directory,
      environment: bare(),
      inputs: {
        command: 'connect',
        'valohai-project': 'acme/churn-model',
        'valohai-token': sandbox.valohai.token,
        'valohai-url': sandbox.valohai.url,
        'outputs-file': path.join(calls, 'outputs.json'),
        ...inputs,
      },
    })
    said.push(shownLog(result), result.stderr, result.summary, JSON.stringify(result.outputs))
    return result
  }

  beforeAll(async () => {
    calls = path.join(sandbox.directory, 'calls')
    mkdirSync(calls)
    writeExport(path.join(calls, 'store'), { layout: 'module', 'abort-multipart-days': '0' })
    writeFileSync(
      path.join(calls, 'main.tf'),
      `provider "aws" {
  region = "eu-west-1"
}

module "stores" {
  source      = "./store"
  for_each    = toset(["acme-first", "acme-second"])
  bucket_name = each.key
}

output "stores" {
  value     = module.stores
  sensitive = true
}
`,
    )
    terraform(['init', '-input=false'], calls)
    terraform(['apply', '-input=false', '-auto-approve'], calls)
    writeFileSync(path.join(calls, 'outputs.json'), outputs(calls))
    step = await run({ bucket: 'acme-second' })
  })

  test('the one that is asked for is', async () => {
    expect(step).toMatchObject({
      exitCode: 0,
      outputs: {
        'store-action': 'created',
        'default-store': 'true',
        bucket: 'acme-second',
        region: 'eu-west-1',
        'iam-user-arn': 'arn:aws:iam::123456789012:user/valohai-acme-second',
      },
    })
    const store = sandbox.valohai.state.stores.find(({ name }) => name === 'acme-second')!
    await useStore(sandbox.emulator, store)
    expect(sandbox.valohai.state.projects[0]?.default_store).toBe(store.id)
    expect(step.outputs).not.toHaveProperty('terraform-dir')
  })

  test("the bucket lets another installation's origin upload, and the variable is named", () => {
    expect(step.stdout).toContain(`Set the variable \`valohai_origin\` to "${sandbox.valohai.url}"`)
  })

  test('without the bucket, none of the two is guessed', async () => {
    const unsaid = await run({})
    expect(unsaid.exitCode).toBe(1)
    expect(unsaid.stdout).toContain('It has the outputs of 2 stores: "acme-first" and "acme-second"')
  })
})

test('no secret stands in anything that connect said or wrote', () => {
  expect(new Set(secrets).size).toBeGreaterThan(3)
  const written = Object.entries(filesBelow(sandbox.directory)).filter(
    // Terraform's own states and the outputs that the test wrote.
    ([file]) => !/terraform\.tfstate|outputs\.json$/.test(file),
  )
  for (const secret of secrets) {
    expect(said.filter((text) => text.includes(secret))).toEqual([])
    expect(written.filter(([, text]) => text.includes(secret)).map(([file]) => file)).toEqual([])
  }
})
