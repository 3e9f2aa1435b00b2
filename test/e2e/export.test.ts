import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { CreateBucketCommand } from '@aws-sdk/client-s3'
import { ACTIONS_NODE } from '../support/action-runner'
import { s3Client } from '../support/describe-aws'
import { terraformEnvironment } from '../support/terraform-environment'
import { CACHE, openSandbox } from './sandbox'

const CLI = path.resolve(__dirname, '..', '..', 'dist', 'cli.js')
const KEY = 'arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab'

let directory: string

beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'valohai-s3-export-'))
})

afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** Runs the built command with no more environment than Node needs. */
const synth = (out: string, options: readonly string[], environment: Record<string, string> = {}) =>
  spawnSync(ACTIONS_NODE, [CLI, 'synth', '--out', out, ...options], {
    cwd: directory,
    env: { PATH: process.env.PATH, ...environment },
    encoding: 'utf8',
  })

/** The same, for a name, which becomes a directory; fails the test where it fails. */
const exported = (name: string, options: readonly string[]): string => {
  const out = path.join(directory, name)
  const { status, stderr } = synth(out, options)
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return out
}

const terraform = (cwd: string, args: readonly string[], environment: Record<string, string> = {}): string =>
  execFileSync('terraform', args, {
    cwd,
    env: {
      ...process.env,
      ...terraformEnvironment(CACHE),
      CHECKPOINT_DISABLE: '1',
      AWS_EC2_METADATA_DISABLED: 'true',
      ...environment,
    },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })

const BASE = ['--bucket', 'my-valohai-bucket', '--region', 'eu-west-1']
const CONFIGURATIONS: Readonly<Record<string, readonly string[]>> = {
  default: BASE,
  'no-cors': [...BASE, '--cors', 'false'],
  'no-multipart': [...BASE, '--multipart', 'false'],
  'no-lifecycle': [...BASE, '--abort-multipart-days', '0'],
  versioning: [...BASE, '--versioning'],
  kms: [...BASE, '--kms-key-arn', KEY],
  'kms-no-multipart': [...BASE, '--kms-key-arn', KEY, '--multipart', 'false'],
  nothing: [...BASE, '--cors', 'false', '--multipart', 'false', '--abort-multipart-days', '0'],
  everything: [
    ...BASE,
    '--versioning',
    '--kms-key-arn',
    KEY,
    '--tags',
    'cost-center=1',
    '--tags',
    'a.b:c/d=x y',
  ],
  'long-names': ['--bucket', `b${'x'.repeat(61)}9`, '--region', 'eu-west-1'],
  'own-names': [...BASE, '--iam-user-name', 'u'.repeat(64), '--multipart-role-name', 'r+=,.@-_9'],
  china: ['--bucket', 'my-valohai-bucket', '--region', 'cn-north-1'],
  govcloud: ['--bucket', 'my-valohai-bucket', '--region', 'us-gov-west-1'],
  'own-valohai': [...BASE, '--valohai-url', 'https://valohai.example.com:8443'],
  'store-name': [...BASE, '--store-name', 'q"uote ${x} %{if true} `tick` | <!-- --> \\'],
}
const NAMES = Object.keys(CONFIGURATIONS)

// What a root has beside a module is the same in all of them; the modules below are every configuration.
test.each(['default', 'everything'])('a root is formatted and valid: %s', (name) => {
  const root = exported(`root-${name}`, CONFIGURATIONS[name]!)
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
      const bucket = CONFIGURATIONS[name]![1]!
      return (['hcl', 'json'] as const).map((format) => {
        exported(`calls/${format}-${name}`, [
          ...CONFIGURATIONS[name]!,
          '--layout',
          'module',
          '--format',
          format,
        ])
        return `module "${format}-${name}" {\n  source      = "./${format}-${name}"\n  bucket_name = "${bucket}"\n}\n`
      })
    })
    const twice = `module "twice" {\n  source   = "./hcl-default"\n  for_each = toset(["first-bucket", "second-bucket"])\n  bucket_name = each.key\n}\n`
    writeFileSync(
      path.join(root, 'main.tf'),
      `provider "aws" {\n  region = "eu-west-1"\n  access_key = "x"\n  secret_key = "y"\n  skip_credentials_validation = true\n  skip_requesting_account_id = true\n  skip_metadata_api_check = true\n}\n${[...calls, twice].join('')}`,
    )
    terraform(root, ['init', '-input=false'])
    terraform(root, ['validate'])
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
    const calls = path.join(directory, 'calls')
    for (const name of NAMES) terraform(path.join(calls, `hcl-${name}`), ['fmt', '-check', '-recursive'])
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
    const files = readdirSync(path.join(directory, 'calls', 'hcl-default'))
    expect(files).toEqual(expect.arrayContaining(['main.tf', 'variables.tf', 'outputs.tf', 'versions.tf']))
    expect(files).not.toEqual(expect.arrayContaining(['providers.tf', 'backend.tf', 'terraform.tfvars.json']))
  })
})

describe('by hand and by the step', () => {
  test('what was applied by hand the step leaves as it is, and the other way round', async () => {
    const bucket = 'acme-by-hand'
    const sandbox = await openSandbox(bucket)
    try {
      const options = ['--bucket', bucket, '--region', 'eu-west-1', '--abort-multipart-days', '0']
      const root = exported('by-hand', [...options, '--valohai-url', sandbox.valohai.url])
      await s3Client(sandbox.emulator).send(
        new CreateBucketCommand({
          Bucket: `${bucket}-tfstate`,
          CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
        }),
      )
      terraform(root, ['init', '-input=false'], sandbox.environment)
      terraform(root, ['apply', '-input=false', '-auto-approve'], sandbox.environment)

      const step = await sandbox.step({})
      expect(step).toMatchObject({ exitCode: 0 })
      expect(step.outputs).toMatchObject({
        'to-add': '0',
        'to-change': '0',
        'to-destroy': '0',
        'store-action': 'created',
      })
      // The secret stands in the state that was applied by hand; it was used, masked, and not shown.
      const secret = String(sandbox.valohai.state.stores[0]?.configuration.secret_access_key)
      expect(step.stdout).toContain(`::add-mask::${secret}`)
      expect(step.stdout.replaceAll(`::add-mask::${secret}`, '')).not.toContain(secret)

      const { status } = spawnSync('terraform', ['plan', '-input=false', '-detailed-exitcode'], {
        cwd: root,
        env: { ...process.env, ...sandbox.environment },
      })
      expect(status).toBe(0)
    } finally {
      await sandbox.close()
    }
  })
})

describe('the command', () => {
  const OFFLINE = path.join(__dirname, '..', 'support', 'no-sockets.cjs')

  test('reads nothing from a network, and needs no Terraform', () => {
    const out = path.join(directory, 'offline')
    const { status, stderr } = synth(out, BASE, {
      PATH: '/nonexistent',
      NODE_OPTIONS: `--require ${OFFLINE}`,
    })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(existsSync(path.join(out, 'main.tf'))).toBe(true)
  })

  test('leaves nothing beside what it wrote', () => {
    const cwd = path.join(directory, 'empty')
    mkdirSync(cwd)
    const { status } = spawnSync(ACTIONS_NODE, [CLI, 'synth', '--out', 'out', ...BASE], { cwd, env: {} })
    expect(status).toBe(0)
    expect(readdirSync(cwd)).toEqual(['out'])
  })

  test('prints what it wrote', () => {
    const { stdout } = synth('printed', BASE)
    const written = readdirSync(path.join(directory, 'printed'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
      .map((entry) => path.relative(directory, path.join(entry.parentPath, entry.name)))
    expect(stdout.trim().split('\n').sort()).toEqual(written.sort())
  })

  test('the same options give the same bytes', () => {
    const read = (root: string): Record<string, string> =>
      Object.fromEntries(
        readdirSync(root, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => path.join(entry.parentPath, entry.name))
          .map((file) => [path.relative(root, file), readFileSync(file, 'utf8')]),
      )
    const options = CONFIGURATIONS.everything!
    expect(read(exported('once', options))).toEqual(read(exported('again', options)))
  })

  test('a file edited since is named and not overwritten; --force overwrites it', () => {
    const out = exported('edited', BASE)
    const file = path.join(out, 'main.tf')
    writeFileSync(file, '# mine\n')
    const { status, stderr } = synth(out, BASE)
    expect(status).toBe(1)
    expect(stderr).toContain('main.tf was edited')
    expect(readFileSync(file, 'utf8')).toBe('# mine\n')
    expect(synth(out, [...BASE, '--force']).status).toBe(0)
    expect(readFileSync(file, 'utf8')).toContain('resource "aws_s3_bucket" "store"')
  })

  test("a directory with somebody else's files is left alone", () => {
    const out = path.join(directory, 'theirs')
    mkdirSync(out)
    writeFileSync(path.join(out, 'network.tf'), '# theirs\n')
    const { status, stderr } = synth(out, BASE)
    expect(status).toBe(1)
    expect(stderr).toContain('network.tf was not written by valohai-s3')
    expect(readdirSync(out)).toEqual(['network.tf'])
  })

  test('from root to module, the files that belong there no longer go, and nothing else', () => {
    const out = exported('changed', BASE)
    writeFileSync(path.join(out, '.terraform.lock.hcl'), '')
    const { status } = synth(out, [...BASE, '--layout', 'module'])
    expect(status).toBe(0)
    expect(readdirSync(out)).not.toContain('backend.tf')
    expect(readdirSync(out)).toContain('.terraform.lock.hcl')
  })
})
