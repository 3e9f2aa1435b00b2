import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseEvent, type Diagnostic, type TerraformEvent } from '../../src/terraform/events'
import { changeCounts, changedValues, refusalOfDiagnostics } from '../../src/terraform/plan'

describe('refusalOfDiagnostics', () => {
  const refused = (address: string): Diagnostic => ({
    severity: 'error',
    summary: 'Instance cannot be destroyed',
    detail: `Resource ${address} has lifecycle.prevent_destroy set, but the plan calls for this resource to be destroyed. To avoid this error and continue with the plan, either disable lifecycle.prevent_destroy or reduce the scope of the plan using the -target option.`,
  })

  it('tells it in our words where Terraform refused for prevent_destroy of the bucket', () => {
    const refusal = refusalOfDiagnostics([refused('aws_s3_bucket.store')])
    expect(refusal).toContain('the bucket (aws_s3_bucket.store)')
    expect(refusal).toContain('`bucket` or `region`')
    // Terraform's advice would have the reader take the protection away.
    expect(refusal).not.toContain('disable')
  })

  it.each([
    ['a resource of another type', [refused('aws_s3_bucket_policy.store')]],
    ['another error about the bucket', [{ ...refused('aws_s3_bucket.store'), summary: 'AccessDenied' }]],
    ['nothing', []],
  ])('leaves %s to Terraform', (_what, diagnostics) => {
    expect(refusalOfDiagnostics(diagnostics)).toBeUndefined()
  })
})

describe('changeCounts', () => {
  const summary = (add: number, change: number, remove: number): TerraformEvent => ({
    kind: 'summary',
    add,
    change,
    remove,
  })

  it('are those of the last summary', () => {
    expect(changeCounts([summary(9, 9, 9), summary(1, 2, 3)])).toEqual({
      toAdd: 1,
      toChange: 2,
      toDestroy: 3,
    })
  })

  it('are zero without one', () => {
    expect(changeCounts([{ kind: 'progress', message: 'Refreshing…' }])).toEqual({
      toAdd: 0,
      toChange: 0,
      toDestroy: 0,
    })
  })
})

describe('changedValues', () => {
  it('are those that differ, but for secrets; what is known later says so', () => {
    const before = { name: 'a', trust: 'the old one', secret: 'x', path: '/' }
    const after = { name: 'b', secret: 'y', path: '/' }
    const change = {
      actions: ['update'],
      before,
      after,
      after_unknown: { trust: true },
      before_sensitive: { secret: true },
    }
    const idle = { address: 'idle', change: { actions: ['no-op'], before, after } }
    expect(changedValues(JSON.stringify({ resource_changes: [{ address: 'role', change }, idle] }))).toEqual([
      { address: 'role', attribute: 'name', before: 'a', after: 'b' },
      { address: 'role', attribute: 'trust', before: 'the old one', after: null, isKnownLater: true },
    ])
  })
})

describe('what Terraform really says', () => {
  let directory: string
  const environment: NodeJS.ProcessEnv = { ...process.env, CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1' }
  delete environment.TF_CLI_CONFIG_FILE

  beforeAll(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'prevent-destroy-'))
    const configuration = `
      variable "trigger" { default = "a" }
      resource "terraform_data" "store" {
        triggers_replace = var.trigger
        lifecycle { prevent_destroy = true }
      }
    `
    writeFileSync(path.join(directory, 'main.tf'), configuration)
    const options = { cwd: directory, env: environment }
    execFileSync('terraform', ['init', '-input=false'], options)
    execFileSync('terraform', ['apply', '-auto-approve', '-input=false'], options)
  })

  afterAll(() => rmSync(directory, { recursive: true }))

  const events = (...args: string[]): TerraformEvent[] => {
    const options = { cwd: directory, env: environment, encoding: 'utf8' as const }
    const { stdout } = spawnSync('terraform', ['plan', '-json', '-input=false', ...args], options)
    return stdout.split('\n').flatMap((line) => parseEvent(line) ?? [])
  }

  it.each([
    ['a replacement', ['-var=trigger=b'], { toAdd: 1, toChange: 0, toDestroy: 1 }, 'replace'],
    ['a removal', ['-destroy'], { toAdd: 0, toChange: 0, toDestroy: 1 }, 'delete'],
  ])('%s that prevent_destroy forbids is recognized', (_what, args, counts, action) => {
    const told = events(...args)
    expect(told).toContainEqual({
      kind: 'change',
      change: { address: 'terraform_data.store', type: 'terraform_data', action },
    })
    expect(changeCounts(told)).toEqual(counts)

    const diagnostics = told.flatMap((event) => (event.kind === 'diagnostic' ? [event.diagnostic] : []))
    // No other resource than the built-in one is there without a provider: it stands for the bucket.
    const ofBucket = JSON.parse(
      JSON.stringify(diagnostics).replaceAll('terraform_data.', 'aws_s3_bucket.'),
    ) as Diagnostic[]
    expect(refusalOfDiagnostics(ofBucket)).toContain('This is refused, always.')
    expect(refusalOfDiagnostics(diagnostics)).toBeUndefined()
  })
})
