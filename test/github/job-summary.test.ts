import { InvalidInput } from '../../src/config'
import { RunFailed } from '../../src/reporting/failure'
import { jobSummary, SUMMARY_LIMIT, type Result, type SummaryContext } from '../../src/github/job-summary'
import { factsOf } from '../../src/github/facts'
import type { Outcome } from '../../src/decide/outcome'
import { TerraformError } from '../../src/terraform/diagnostics'
import { applied, aws, request, facts, HOSTILE, nothing, planned, TOKEN, valohai } from './samples'

const context: SummaryContext = {
  steps: [
    { name: 'Plan', milliseconds: 8_400, failed: false },
    { name: 'Apply', milliseconds: 125_000, failed: true },
  ],
  warnings: [],
  now: new Date('2026-02-01T00:00:00Z'),
  redact: (text) => text,
}
const show = (result: Result, more: Partial<SummaryContext> = {}): string =>
  jobSummary(result, { ...context, ...more })
const ofOutcome = (outcome: Outcome, more: Partial<typeof facts> = {}): string =>
  show({ kind: 'outcome', outcome, facts: { ...facts, command: outcome.command, ...more } })

it('of a document that was printed shows it whole, and what is to be known of it', () => {
  const printed = { text: '{\n  "```": 1\n}', notes: ['Give each run <this>.'] }
  const shown = show({ kind: 'printed', facts: { ...facts, command: 'deployer-policy' }, ...printed })
  expect(shown).toContain('### 📄 deployer-policy of S3 bucket `my-bucket`')
  expect(shown).toContain(`\n${printed.text}\n`)
  expect(shown).toContain('```text\nGive each run <this>.\n```')
})

describe('of an apply', () => {
  const shown = ofOutcome(applied)

  it('begins with the result in one line, and the counts', () => {
    const [title, , counts] = shown.split('\n')
    expect(title).toBe('### ✅ S3 bucket `my-bucket` is the default store of `acme/churn-model`')
    expect(counts).toBe(
      'AWS: **2 added, 1 changed, 1 destroyed**. Valohai: **store created, made the default**.',
    )
  })

  it.each([
    '| S3 bucket | [`my-bucket`](https://console.aws.amazon.com/s3/buckets/my-bucket?region=eu-west-1) | `eu-west-1` |',
    '[`valohai-my-bucket`](https://console.aws.amazon.com/iam/home#/users/details/valohai-my-bucket)',
    '| Access key | `AKIAIOSFODNN7EXAMPLE` | its secret is known to Valohai alone |',
    '[`valohai-my-bucket-multipart`](https://console.aws.amazon.com/iam/home#/roles/details/valohai-my-bucket-multipart)',
    '| Terraform state | [`my-bucket-tfstate`](https://console.aws.amazon.com/s3/buckets/my-bucket-tfstate?region=eu-west-1)',
    '| Valohai project | [`acme/churn-model`](https://app.valohai.com/p/acme/churn-model/) |',
    '[`my-bucket`](https://app.valohai.com/p/acme/churn-model/settings/data-stores/)',
    "`0190aaaa-0000-4000-8000-000000000001`, the project's default",
    '| `+` | created | `aws_s3_bucket.store` |',
    '| Plan | 8.4 s | ✓ |',
    '| Apply | 2 min 5 s | ❌ |',
  ])('tells %s', (part) => expect(shown).toContain(part))

  it('draws bucket, user, role and Valohai', () => {
    expect(/```mermaid\n([\s\S]*?)\n```/.exec(shown)?.[1]).toMatchSnapshot()
  })

  it.each([
    ['eu-central-1', 'console.aws.amazon.com'],
    ['cn-north-1', 'console.amazonaws.cn'],
    ['us-gov-west-1', 'console.amazonaws-us-gov.com'],
    ['eusc-de-east-1', 'console.amazonaws-eusc.eu'],
  ])('in %s links to the console at %s', (region, host) => {
    const links = ofOutcome(applied, { region, stateBucket: undefined }).match(/\(https:\/\/[^/]+/g)
    expect(new Set(links)).toEqual(new Set([`(https://${host}`, '(https://app.valohai.com']))
  })

  it('links to no console where a partition has none that is public', () => {
    expect(ofOutcome(applied, { region: 'us-iso-east-1', stateBucket: undefined })).not.toContain('console')
  })

  it('names the KMS key', () => {
    const arn = 'arn:aws:kms:eu-west-1:123456789012:key/0000-1111'
    const withKey = ofOutcome(applied, { kmsKeyArn: arn })
    expect(withKey).toContain('https://console.aws.amazon.com/kms/home?region=eu-west-1#/kms/keys/0000-1111')
    expect(withKey).toContain('key["KMS key<br/>0000-1111"]')
  })

  it('tells how old the key is, which one retires and when, and what waits for it', () => {
    const until = new Date('2026-02-08T00:00:00Z')
    const keys = { ...applied.keys, retiring: [{ id: 'AKIAOLD', until, because: 'it was used' }] }
    const waits = [
      { what: 'region of the store is set', key: 'AKIAOLD', until },
      { what: 'the key is replaced', key: 'AKIAX', until: undefined },
    ]
    const withKeys = ofOutcome({ ...applied, changes: false, keys, waits })
    expect(withKeys).toContain('neither in AWS nor in Valohai. Something **waits**.')
    for (const words of [
      'is `AKIAIOSFODNN7EXAMPLE`, made on 2026-01-01 (31 days old).',
      '`AKIAOLD` was replaced and retires on 2026-02-08; what it signed works until then. It stays longer than its grace: it was used.',
      '**Waits:** region of the store is set. IAM allows two access keys, and `AKIAOLD` stays until 2026-02-08.',
      '**Waits:** the key is replaced. IAM allows two access keys, and `AKIAX` stays until a person has deleted it.',
      'examples/rotate-key.yml',
    ]) {
      expect(withKeys).toContain(words)
    }
    expect(shown).not.toContain('rotate-key.yml')
  })

  it('that changed nothing says so', () => {
    const unchanged = ofOutcome({ ...applied, changes: false, aws: { ...applied.aws, ...nothing.aws } })
    expect(unchanged).toContain('**No changes**, neither in AWS nor in Valohai.')
    expect(unchanged).not.toContain('What was changed')
  })
})

describe('of a plan', () => {
  it('tells what there is now, what would change, and how it would hang together', () => {
    const shown = ofOutcome(planned)
    expect(shown).toContain('### 📋 Plan of S3 bucket `my-bucket`')
    expect(shown).toContain('#### What there is now')
    expect(shown).toContain('| S3 bucket | not there yet | `eu-west-1` |')
    expect(shown).toContain('#### What would change')
    expect(shown).toContain("<summary>Terraform's plan, 19 lines</summary>")
    expect(shown).toContain('once applied')
  })

  it('that is larger than GitHub takes is cut, and points to the log', () => {
    const shown = show(
      {
        kind: 'outcome',
        facts,
        outcome: { ...planned, aws: { ...aws, diff: '🪣 bucket\n'.repeat(300_000) } },
      },
      { warnings: ['w'.repeat(200_000)] },
    )
    expect(Buffer.byteLength(shown)).toBeLessThan(1024 * 1024)
    expect(Buffer.byteLength(shown)).toBeGreaterThan(SUMMARY_LIMIT / 2)
    expect(shown).toContain("**Cut here.** The whole of it is in the step's log.")
    expect(shown).toContain('```mermaid')
    expect(shown).toContain('#### Time')
  })
})

it.each([
  ['root', '`terraform init`'],
  ['module', 'It is a module: call it from a configuration of your own'],
] as const)('of a synth as %s tells the files, where they are and what comes next', (layout, next) => {
  const exported = {
    directory: '/home/runner/valohai-s3-terraform',
    names: ['main.tf', 'variables.tf'],
    layout,
  }
  const shown = show({ kind: 'synth', facts, exported }, { steps: [] })
  expect(shown).toContain('### 📄 Terraform of S3 bucket `my-bucket` written')
  expect(shown).toContain('**2 files** in `/home/runner/valohai-s3-terraform`')
  expect(shown).toContain('| `main.tf` |')
  expect(shown).toContain(next)
  expect(shown).not.toContain('#### Time')
})

describe('of a failed run', () => {
  const cause = new TerraformError(
    'apply',
    [
      {
        severity: 'error',
        summary: 'AccessDenied',
        detail: 'No ```s3:PutBucket```.',
        address: 'aws_s3_bucket.store',
      },
    ],
    '',
    1,
  )
  const exists = ['The state bucket my-bucket-tfstate.', 'The user @acme/admins.']
  const error = new RunFailed({ step: 'Apply', cause, exists })

  it('tells the step, the cause, what exists and what to do', () => {
    const shown = show({ kind: 'failure', error, facts: { ...facts, command: 'apply' } })
    expect(shown).toContain('### ❌ apply of S3 bucket `my-bucket` failed at “Apply”')
    expect(shown).toContain('~~~text\nterraform apply failed.\naws_s3_bucket.store: AccessDenied\n  No ```s3')
    expect(shown).toContain(
      '#### What exists now\n\n- The state bucket my-bucket-tfstate.\n- The user &#64;\u200bacme',
    )
    expect(shown).toContain('#### What now\n\nNo data is deleted. Run it again once')
    expect(shown).toContain('| Apply | 2 min 5 s | ❌ |')
  })

  it('says that nothing exists', () => {
    const failed = new RunFailed({ step: 'Look at Valohai', cause: new Error('No.'), exists: [] })
    const shown = show({ kind: 'failure', error: failed, facts })
    expect(shown).not.toContain('What exists now')
    expect(shown).toContain('#### What now\n\nNothing was made or changed. No data is deleted')
  })

  it('shows no secret and no token', () => {
    const failed = new RunFailed({ step: 'Plan', cause: new Error('password hunter2'), exists: ['hunter2'] })
    const shown = show(
      { kind: 'failure', error: failed, facts: factsOf(request) },
      { warnings: ['hunter2'], redact: (text) => text.replaceAll('hunter2', '***') },
    )
    expect(shown).not.toContain('hunter2')
    expect(shown).not.toContain(TOKEN)
    expect(JSON.stringify(factsOf(request))).not.toMatch(/token|ghs_/)
  })

  it('of a mistake of ours, or with an endless message, is a summary too', () => {
    expect(show({ kind: 'failure', error: 'text', facts: undefined })).toContain('### ❌ The run failed\n')
    const endless = show({ kind: 'failure', error: new Error('🪣'.repeat(1_000_000)), facts })
    expect(Buffer.byteLength(endless)).toBeLessThanOrEqual(SUMMARY_LIMIT)
  })
})

it('of invalid input is a table of problems', () => {
  const error = new InvalidInput([
    { input: 'bucket', problem: '"a|b" has a dot', fix: 'Write "a-b"' },
    { input: 'region', problem: 'Nothing is given', fix: 'Set AWS_REGION' },
  ])
  const shown = show({ kind: 'failure', error, facts: undefined }, { steps: [] })
  expect(shown).toContain('### ❌ Invalid input: 2 problems\n\nNothing was changed.')
  expect(shown).toContain('| `bucket` | &#34;a&#124;b&#34; has a dot. | Write &#34;a-b&#34;. |')
  expect(shown).toContain('| `region` | Nothing is given. | Set AWS&#95;REGION. |')
})

it('shows the warnings in a fold', () => {
  const shown = show({ kind: 'outcome', outcome: applied, facts }, { warnings: ['One.', 'Two </details>'] })
  expect(shown).toContain('<summary>2 warnings</summary>\n\n```text\nOne.\n\nTwo </details>\n```')
})

it.each(HOSTILE)('values stay values: %j', (evil) => {
  const shown = show(
    {
      kind: 'outcome',
      facts: { ...facts, bucket: evil, region: 'eu-west-1', stateBucket: { name: evil, region: evil } },
      outcome: {
        ...applied,
        aws: { ...applied.aws, iamUserArn: evil, multipartRoleArn: evil, diff: evil },
        valohai: {
          ...valohai,
          project: evil,
          projectUrl: evil,
          storeName: evil,
          storeId: evil,
          storeUrl: evil,
        },
      },
    },
    { steps: [{ name: evil, milliseconds: 1, failed: false }], warnings: [evil] },
  )
  const outside = shown
    .replaceAll(/^(`{3,}|~{3,})[\s\S]*?^\1$/gm, '')
    .replaceAll(/`[^`\n]+`|<code>.*?<\/code>/g, '')
    .replaceAll(/\]\(https:\/\/console[^)\s]*\)/g, '](console)')
  expect(outside).not.toMatch(/<script|@acme|\]\((?!console\))|-->|```/)
  for (const row of outside.split('\n').filter((line) => line.startsWith('|'))) {
    expect(row.match(/\|/g)!.length).toBe(4)
  }
  const drawing = /```mermaid\n([\s\S]*?)\n```/.exec(shown)![1]!
  expect(drawing).not.toMatch(/%%|javascript:|<script|```/)
})
