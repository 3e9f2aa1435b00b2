import { COMMENT_LIMIT, planComment } from '../../src/github/plan-comment'
import type { Outcome } from '../../src/decide/outcome'
import { aws, DIFF, facts, github, HOSTILE, nothing, planned, STORE_ID, valohai } from './samples'

const context = { facts, github, now: new Date('2026-02-01T00:00:00Z'), redact: (text: string) => text }
const body = (outcome: Partial<Outcome> = {}): string => planComment({ ...planned, ...outcome }, context)
const withDiff = (diff: string): string => body({ aws: { ...aws, diff } })

/** The text outside of fences and inline code: what Markdown and GitHub's own syntax is looked for in. */
function outsideCode(markdown: string): string {
  return markdown
    .replaceAll(/^(`{3,}|~{3,})[\s\S]*?^\1$/gm, '')
    .replaceAll(/`[^`\n]+`|<code>.*?<\/code>/g, '')
}

it('says the counts first, then Valohai, then the diff in a fold', () => {
  const shown = body()
  const [title, , counts] = shown.split('\n')
  expect(title).toBe('### Plan of S3 bucket `my-bucket` for Valohai project `acme/churn-model`')
  expect(counts).toBe(
    'AWS: **2 to add, 1 to change, 1 to destroy**. Valohai: **create the store, make it the default**.',
  )
  expect(shown).toContain('> [!WARNING]\n> This plan destroys or replaces 1 resource.')
  expect(shown).toContain('| Data store | `my-bucket` | create |')
  expect(shown).toContain(
    "| Project's default store | from `0190bbbb-0000-4000-8000-000000000002` to `my-bucket` | set |",
  )
  expect(shown).toContain("<details><summary>Terraform's plan, 19 lines</summary>\n\n```diff\n")
  expect(shown).toContain('| `-/+` | replace | `aws_iam_role.multipart` |')
  expect(shown).toContain('`0123456')
  expect(shown).toContain('[this run](https://github.com/acme/ml-platform/actions/runs/99/attempts/1)')
})

it("puts Terraform's marks where a diff has them", () => {
  const shown = body()
  expect(shown).toContain('\n+   resource "aws_s3_bucket" "store" {\n+       bucket = "my-bucket"\n')
  expect(shown).toContain('\n!   resource "aws_iam_user" "store" {\n!       tags = {\n-           "team"')
  expect(shown).toContain('\n-/+ resource "aws_iam_role"')
})

it('names the fields of a store that is updated', () => {
  const shown = body({
    valohai: {
      ...valohai,
      storeId: STORE_ID,
      action: 'updated',
      fields: ['multipart_upload_iam_role', 'kms_key_arn'],
      defaultStore: { before: STORE_ID, changes: false, isThisStore: true },
    },
  })
  expect(shown).toContain('Valohai: **update the store**.')
  expect(shown).toContain('| Fields of the store | role for outputs over 5 GB, KMS key | update |')
  expect(shown).toContain('| Access key of the store | a new key | update |')
  expect(shown).toContain("| Project's default store | `my-bucket` | unchanged |")
})

it('says that a default is left alone, and why', () => {
  const outcome: Outcome = {
    ...planned,
    valohai: { ...valohai, defaultStore: { before: undefined, changes: false, isThisStore: false } },
  }
  expect(planComment(outcome, { ...context, facts: { ...facts, setDefault: false } })).toContain(
    "| Project's default store | none | unchanged: `set-default` is false |",
  )
})

it('says that there is nothing to change', () => {
  const shown = planComment(nothing, context)
  expect(shown).toContain('**No changes**, neither in AWS nor in Valohai.')
  expect(shown).not.toContain('details')
})

it('says so where Valohai was not asked, or outputs alone change', () => {
  expect(body({ valohai: undefined })).toContain('Planned without Valohai')
  const shown = body({ aws: { ...nothing.aws, diff: 'Changes to Outputs:' }, valohai: nothing.valohai })
  expect(shown).toContain('AWS: **outputs only, no resources**. Valohai: **store unchanged**.')
})

describe('a long diff', () => {
  const line = `      + "a rather long attribute of a rather long resource" = "with a value"\n`

  it('of 300 KB is cut at the end of a line, with a pointer to the summary', () => {
    const shown = withDiff(line.repeat(4000))
    expect(shown.length).toBeLessThanOrEqual(COMMENT_LIMIT)
    expect(shown.length).toBeGreaterThan(COMMENT_LIMIT - 500)
    expect(shown).toMatch(/<summary>Terraform's plan, the first \d+ of 4000 lines<\/summary>/)
    expect(shown).toContain('value"\n```\n\n**Cut here.** The whole of it is in the [job summary](https://')
    expect(shown).toContain('<summary>Resources</summary>')
    expect(shown.endsWith('</sub>')).toBe(true)
  })

  it.each([0, 1, 2, 3])('of astral characters is cut between them, shifted by %d', (shift) => {
    const shown = withDiff('x'.repeat(shift) + '🪣'.repeat(100_000))
    expect(shown.length).toBeLessThanOrEqual(COMMENT_LIMIT)
    expect(shown.length).toBeGreaterThan(COMMENT_LIMIT - 500)
    expect(Buffer.from(shown).toString()).toBe(shown)
  })

  it.each([
    ['backticks', '`'.repeat(300_000)],
    ['fences of both kinds', '~~~~\n````\n'.repeat(40_000)],
    ['long fences of both kinds', `${'`'.repeat(40_000)}\n${'~'.repeat(40_000)}\n`.repeat(3)],
    ['control characters', '\u202e'.repeat(300_000)],
    ['three-byte characters', '日'.repeat(300_000)],
  ])('of %s stays inside the limits', (_, diff) => {
    const shown = withDiff(diff)
    expect(shown.length).toBeLessThanOrEqual(COMMENT_LIMIT)
    expect(Buffer.byteLength(shown)).toBeLessThan(262_144)
    expect(outsideCode(shown)).not.toMatch(/```|~~~/)
    expect(shown).toContain('The whole of it is in')
  })

  it('leaves room where thousands of resources with long names change', () => {
    const change = { address: `aws_s3_bucket.${'|'.repeat(500)}`, type: 'aws_s3_bucket', action: 'create' }
    const changes = Array.from({ length: 5000 }, () => change as Outcome['aws']['changes'][number])
    const shown = body({ aws: { ...aws, changes, diff: line.repeat(4000) } })
    expect(shown.length).toBeLessThanOrEqual(COMMENT_LIMIT)
    expect(shown).toContain('And 4960 more.')
    expect(shown.endsWith('</sub>')).toBe(true)
  })
})

describe('values that try to be more than a value', () => {
  it.each(HOSTILE)('stay values: %j', (evil) => {
    const shown = planComment(
      {
        ...planned,
        aws: {
          ...aws,
          diff: `${DIFF}\n${evil}`,
          changes: [{ address: evil, type: 'aws_s3_bucket', action: 'create' }],
        },
        valohai: {
          ...valohai,
          project: evil,
          storeName: evil,
          defaultStore: { ...valohai.defaultStore, before: evil },
        },
      },
      { ...context, facts: { ...facts, bucket: evil, storeName: evil, project: evil } },
    )
    const outside = outsideCode(shown)
    expect(outside).not.toMatch(/script|@acme|javascript|evil\.example|-->/)
    expect(outside.match(/<\/?details>/g)).toHaveLength(4)
    expect(outside.split('\n').filter((line) => line.startsWith('#'))).toHaveLength(1)
    for (const row of outside.split('\n').filter((line) => line.startsWith('|'))) {
      expect(row.match(/\|/g)).toHaveLength(4)
    }
  })

  it('shows no secret that got into a plan', () => {
    const shown = planComment(
      { ...planned, aws: { ...aws, diff: 'password = hunter2' } },
      { ...context, redact: (text) => text.replaceAll('hunter2', '***') },
    )
    expect(shown).toContain('password = ***')
  })
})
