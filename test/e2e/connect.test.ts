import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { readKeys } from '../support/describe-aws'
import { writeExport } from '../support/exports'
import type { StepResult } from '../support/action-runner'
import { openConnecting, type Connecting } from './connecting'
import type { Sandbox } from './sandbox'
import { inDays, useStore } from './story'

const BUCKET = 'acme-connected'

// One story, in order: each test begins where the one before it ended.
let connecting: Connecting
let sandbox: Sandbox

beforeAll(async () => {
  connecting = await openConnecting(BUCKET)
  sandbox = connecting.sandbox
})

afterAll(() => connecting.close())

const connect: Connecting['connect'] = (...args) => connecting.connect(...args)
const outputs: Connecting['outputs'] = (...args) => connecting.outputs(...args)
const terraform: Connecting['terraform'] = (...args) => connecting.terraform(...args)
const onlyStore: Connecting['onlyStore'] = () => connecting.onlyStore()
const writes: Connecting['writes'] = () => connecting.writes()

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
      secret_access_key: connecting.secrets[0],
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
  const values = path.join(connecting.root, 'terraform.tfvars.json')
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

describe('a root that calls the module with for_each, connected by the Action', () => {
  let calls: string
  let step: StepResult

  const run = (inputs: Readonly<Record<string, string>>): Promise<StepResult> =>
    connecting.step(path.join(calls, 'outputs.json'), inputs)

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

test('no secret stands in anything that connect said or wrote, or sent to anybody but a store of Valohai', () => {
  expect(new Set(connecting.secrets).size).toBeGreaterThan(3)
  expect(connecting.leaks()).toEqual([])
})
