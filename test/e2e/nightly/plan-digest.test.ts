import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { DeleteRolePolicyCommand } from '@aws-sdk/client-iam'
import { DeleteBucketCorsCommand } from '@aws-sdk/client-s3'
import { iamClient, s3Client } from '../../support/describe-aws'
import { openSandbox, type Sandbox } from '../sandbox'

const BUCKET = 'acme-same-digest'
const RUNS = 10
/** Of a first run: eleven resources, the store and the default. */
const FIRST = 13

let sandbox: Sandbox
beforeAll(async () => (sandbox = await openSandbox(BUCKET)))
afterAll(() => sandbox.close())
jest.setTimeout(900_000)

/** Has a program of Node live some days later. */
function clockAhead(days: number): string {
  const file = path.join(sandbox.directory, `clock-${days}.cjs`)
  writeFileSync(
    file,
    `const Now = Date
globalThis.Date = class extends Now {
  constructor(...given) { given.length === 0 ? super(Now.now() + ${days * 86_400_000}) : super(...given) }
  static now() { return Now.now() + ${days * 86_400_000} }
}`,
  )
  return `--require=${file}`
}

/** The digests of plans of the same thing, and the public keys that they were made with. */
async function plans(tags: readonly string[], inputs: Readonly<Record<string, string>> = {}) {
  const digests = new Set<string>()
  const publicKeys = new Set<string>()
  for (let run = 0; run < RUNS; run += 1) {
    const output = path.join(sandbox.directory, `terraform-${tags.length}-${run}`)
    const isOdd = run % 2 === 1
    const { exitCode, outputs, stdout } = await sandbox.step(
      {
        ...inputs,
        command: 'plan',
        tags: (isOdd ? tags.toReversed() : tags).join('\n'),
        format: isOdd ? 'json' : 'hcl',
        'output-dir': output,
      },
      {
        environment: {
          ...sandbox.environment,
          NODE_OPTIONS: clockAhead(run % 3),
          TZ: isOdd ? 'Pacific/Auckland' : 'America/Anchorage',
        },
      },
    )
    if (exitCode !== 0) throw new Error(stdout)
    digests.add(outputs['plan-digest'] ?? '')
    const values = readFileSync(path.join(output, 'terraform.tfvars.json'), 'utf8')
    publicKeys.add((JSON.parse(values) as { pgp_key: string }).pgp_key)
  }
  return { digests: [...digests], publicKeys: publicKeys.size }
}

const TAGS = ['team=ml', 'stage=test', 'cost-center=42']

test('ten first plans have one digest, whatever the clock, the order of tags, the directory and the public key', async () => {
  const { digests, publicKeys } = await plans(TAGS)
  expect(publicKeys).toBe(RUNS)
  expect(digests).toHaveLength(1)
  expect(digests[0]?.split(',')).toHaveLength(FIRST)
  const applied = await sandbox.step({ tags: TAGS.join('\n'), 'approved-plan': digests[0]! })
  expect([applied.exitCode, applied.outputs['plan-digest']]).toEqual([0, digests[0]])
})

test('ten plans of a change by hand, by other inputs and by another key have one digest, which lets it through', async () => {
  await s3Client(sandbox.emulator).send(new DeleteBucketCorsCommand({ Bucket: BUCKET }))
  const policy = { RoleName: `valohai-${BUCKET}-multipart`, PolicyName: 'valohai-multipart' }
  await iamClient(sandbox.emulator).send(new DeleteRolePolicyCommand(policy))
  const [project] = sandbox.valohai.state.projects
  project!.default_store = null
  const [store] = sandbox.valohai.state.stores
  store!.configuration.region = 'us-east-1'

  const tags = [...TAGS, 'owner=ada']
  const { digests } = await plans(tags)
  expect(digests).toHaveLength(1)
  // CORS, the role's policy, tags of three, a new key; in Valohai that key, the region and the default.
  expect(digests[0]?.split(',')).toHaveLength(9)
  const applied = await sandbox.step({ tags: tags.join('\n'), 'approved-plan': digests[0]! })
  expect([applied.exitCode, applied.outputs['plan-digest']]).toEqual([0, digests[0]])
  expect(project!.default_store).toBe(store!.id)
  expect(store!.configuration.region).toBe('eu-west-1')
})
