import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { CreateBucketCommand } from '@aws-sdk/client-s3'
import { readKeys, s3Client } from '../support/describe-aws'
import { writeExport } from '../support/exports'
import { prepared } from '../support/prepare'
import { startProvider, type SharedProvider } from '../support/provider'
import { terraformEnvironment } from '../support/terraform-environment'
import { CACHE, openSandbox, shownLog } from './sandbox'

const KEY = 'arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab'

let directory: string
let provider: SharedProvider

beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'valohai-s3-export-'))
  provider = await startProvider(prepared().awsProvider)
})

afterAll(async () => {
  await provider.close()
  rmSync(directory, { recursive: true, force: true })
})

const terraform = (cwd: string, args: readonly string[], environment: Record<string, string> = {}): string =>
  execFileSync('terraform', args, {
    cwd,
    env: {
      ...process.env,
      ...terraformEnvironment(CACHE),
      CHECKPOINT_DISABLE: '1',
      AWS_EC2_METADATA_DISABLED: 'true',
      ...provider.environment,
      ...environment,
    },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })

const BASE = { bucket: 'my-valohai-bucket', region: 'eu-west-1' }
const CONFIGURATIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  default: BASE,
  'no-cors': { ...BASE, cors: 'false' },
  'no-multipart': { ...BASE, multipart: 'false' },
  'no-lifecycle': { ...BASE, 'abort-multipart-days': '0' },
  versioning: { ...BASE, versioning: 'true' },
  kms: { ...BASE, 'kms-key-arn': KEY },
  'kms-no-multipart': { ...BASE, 'kms-key-arn': KEY, multipart: 'false' },
  nothing: { ...BASE, cors: 'false', multipart: 'false', 'abort-multipart-days': '0' },
  everything: { ...BASE, versioning: 'true', 'kms-key-arn': KEY, tags: 'cost-center=1\na.b:c/d=x y' },
  'long-names': { ...BASE, bucket: `b${'x'.repeat(61)}9` },
  'own-names': { ...BASE, 'iam-user-name': 'u'.repeat(64), 'multipart-role-name': 'r+=,.@-_9' },
  china: { ...BASE, region: 'cn-north-1' },
  govcloud: { ...BASE, region: 'us-gov-west-1' },
  'own-valohai': { ...BASE, 'valohai-url': 'https://valohai.example.com:8443' },
  'store-name': { ...BASE, 'store-name': 'q"uote ${x} %{if true} `tick` | <!-- --> \\' },
}
const NAMES = Object.keys(CONFIGURATIONS)

// What a root has beside a module is the same in all of them; the modules below are every configuration.
test.each(['default', 'everything'])('a root is formatted and valid: %s', (name) => {
  const root = writeExport(path.join(directory, `root-${name}`), CONFIGURATIONS[name]!)
  terraform(root, ['fmt', '-check', '-recursive'])
  terraform(root, ['init', '-backend=false', '-input=false'])
  terraform(root, ['validate'])
})

describe('modules', () => {
  interface Module {
    readonly address?: string
    readonly resources?: readonly { address: string; values: unknown }[]
    readonly child_modules?: readonly Module[]
  }
  interface Plan {
    readonly planned_values: { root_module: Module }
    readonly configuration: { root_module: { module_calls: Record<string, { module: unknown }> } }
    readonly resource_changes: readonly {
      address: string
      change: { actions: string[]; after_unknown: unknown }
    }[]
  }
  let plan: Plan

  // One configuration calls every export as a module, as HCL and as JSON, so that one plan compares them all.
  beforeAll(() => {
    const root = path.join(directory, 'calls')
    mkdirSync(root)
    const calls = NAMES.flatMap((name) => {
      const inputs = CONFIGURATIONS[name]!
      // A module has no default for what is an account's own.
      const key = 'kms-key-arn' in inputs ? `  kms_key_arn = "${KEY}"\n` : ''
      return (['hcl', 'json'] as const).map((format) => {
        const call = `${format}-${name}`
        writeExport(path.join(root, 'exports', call), { ...inputs, layout: 'module', format })
        return `module "${call}" {\n  source      = "./exports/${call}"\n  bucket_name = "${inputs.bucket}"\n${key}}\n`
      })
    })
    const twice = `module "twice" {\n  source   = "./exports/hcl-default"\n  for_each = toset(["first-bucket", "second-bucket"])\n  bucket_name = each.key\n}\n`
    writeFileSync(
      path.join(root, 'main.tf'),
      `provider "aws" {\n  region = "eu-west-1"\n  access_key = "x"\n  secret_key = "y"\n  skip_credentials_validation = true\n  skip_requesting_account_id = true\n  skip_metadata_api_check = true\n}\n${[...calls, twice].join('')}`,
    )
    terraform(root, ['init', '-input=false'])
    terraform(root, ['plan', '-input=false', '-refresh=false', '-out=plan'])
    plan = JSON.parse(terraform(root, ['show', '-json', 'plan'])) as Plan
  })

  const planned = (name: string): unknown => {
    const found = plan.planned_values.root_module.child_modules?.find(
      ({ address }) => address === `module.${name}`,
    )
    expect(found?.resources?.length).toBeGreaterThan(5)
    return withoutAddress(found, name)
  }
  // Of JSON, Terraform also shows the text of an expression, as a constant beside what it refers to.
  const configured = (name: string): unknown =>
    JSON.parse(
      JSON.stringify(withoutAddress(plan.configuration.root_module.module_calls[name]?.module, name)),
      (_, value: unknown) => {
        if (typeof value !== 'object' || value === null || !('references' in value)) return value
        return { references: value.references }
      },
    )
  const withoutAddress = (value: unknown, name: string): unknown =>
    JSON.parse(JSON.stringify(value).replaceAll(`module.${name}`, 'module').replaceAll(`/${name}`, '/source'))

  test('every one is formatted', () => {
    terraform(path.join(directory, 'calls', 'exports'), ['fmt', '-check', '-recursive'])
  })

  test.each(NAMES)('%s: the HCL means what the JSON means', (name) => {
    expect(planned(`hcl-${name}`)).toEqual(planned(`json-${name}`))
    expect(configured(`hcl-${name}`)).toEqual(configured(`json-${name}`))
  })

  test('one can be called twice, with names of their own', () => {
    const users = plan.resource_changes.filter(({ address }) =>
      /^module\.twice\[.*aws_iam_user\.store$/.test(address),
    )
    expect(
      users.map(({ change }) => (change as unknown as { after: { name: string } }).after.name).sort(),
    ).toEqual(['valohai-first-bucket', 'valohai-second-bucket'])
  })

  test('a module has neither a provider nor a backend, and requires a bucket name alone', () => {
    const files = readdirSync(path.join(directory, 'calls', 'exports', 'hcl-default'))
    expect(files).toEqual(expect.arrayContaining(['main.tf', 'variables.tf', 'outputs.tf', 'versions.tf']))
    expect(files).not.toEqual(expect.arrayContaining(['providers.tf', 'backend.tf', 'terraform.tfvars.json']))
  })
})

test('what was applied by hand a step carries on from, with its tag and a key of its own', async () => {
  const bucket = 'acme-by-hand'
  const sandbox = await openSandbox(bucket)
  try {
    const root = writeExport(path.join(directory, 'by-hand'), {
      bucket,
      'abort-multipart-days': '0',
      'valohai-url': sandbox.valohai.url,
    })
    await s3Client(sandbox.emulator).send(
      new CreateBucketCommand({
        Bucket: `${bucket}-tfstate`,
        CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
      }),
    )
    terraform(root, ['init', '-input=false'], sandbox.environment)
    terraform(root, ['apply', '-input=false', '-auto-approve'], sandbox.environment)
    const byHand = JSON.parse(terraform(root, ['output', '-json'], sandbox.environment)) as {
      access_key_id: { value: string }
      secret_access_key: { value: string }
    }

    // Its tag on bucket, user and role. The secret that stands in the state is not handed over.
    const stateKey = /key\s*= "(.*)"/.exec(readFileSync(path.join(root, 'backend.tf'), 'utf8'))?.[1] ?? ''
    const step = await sandbox.step({ 'state-key': stateKey })
    expect(step).toMatchObject({
      exitCode: 0,
      outputs: { 'to-add': '1', 'to-change': '0', 'to-destroy': '0', 'store-action': 'created' },
    })
    const { configuration } = sandbox.valohai.state.stores[0]!
    expect(step.outputs['access-key-id']).toBe(configuration.access_key_id)
    expect(await readKeys(sandbox.emulator, `valohai-${bucket}`)).toEqual({
      [byHand.access_key_id.value]: 'Active',
      [String(configuration.access_key_id)]: 'Active',
    })
    expect(step.stdout).toContain(`::add-mask::${byHand.secret_access_key.value}`)
    expect(shownLog(step)).not.toContain(byHand.secret_access_key.value)
    // The next run has nothing to do; and with the values that it prints, neither has the folder.
    const again = await sandbox.step({ 'state-key': stateKey })
    expect(again).toMatchObject({ exitCode: 0, outputs: { changes: 'false' } })
    for (const { stdout } of [step, again]) expect(stdout).toContain('Do not apply that folder again')
    const values = /terraform\.tfvars\.json has to be:\n([^]*?\n\})/.exec(again.stdout)?.[1] ?? ''
    expect(terraform(root, ['plan', '-input=false'], sandbox.environment)).toMatch(/to destroy/)
    writeFileSync(path.join(root, 'terraform.tfvars.json'), values)
    expect(terraform(root, ['plan', '-input=false'], sandbox.environment)).toContain('No changes')
  } finally {
    await sandbox.close()
  }
})
