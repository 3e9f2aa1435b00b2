import { parse } from '@cdktf/hcl2json'
import fc from 'fast-check'
import { literal, printBlocks, quote, type HclBlock, type JsonObject } from '../../../src/infra/hcl'
import { evaluate, fmtDiff } from './terraform'

const AWKWARD = [
  '"', '\\', '\\"', '\n', '\r', '\r\n', '\t', '$', '$$', '${', '$${', '$$${', '%', '%%', '%{', '%%{', '}', '~}',
  '${var.x}', '%{ if true }', '<<EOF', '<<-EOF\n', '\nEOF\n', '#', '//', '/* */', '\0', '\x07', '\x1b[31m', '\x7f',
  '\x85', '\u00a0', '\u200b', '\u2028', '\u2029', '\u202e', 'é', 'e\u0301', '日本', '😀', '👩‍👩‍👧', '🇫🇮', '\ud800', '\udc00',
  '\\u0041', '\\n', 'null', 'true', 'for', '0', ' ', ',', '=', '[', '{', '(', "'", '`',
] // prettier-ignore

/** Strings of what goes wrong in one quoting or another, and of anything else. */
const text = fc
  .array(
    fc.oneof(
      fc.constantFrom(...AWKWARD),
      fc.string({ unit: 'binary', maxLength: 3 }),
      fc.string({ maxLength: 3 }),
    ),
    {
      maxLength: 8,
    },
  )
  .map((pieces) => pieces.join(''))

/** What Terraform can hold: well-formed and in normalization form C. */
const held = (value: string): string => value.replace(/\p{Surrogate}/gu, '\uFFFD').normalize('NFC')

function bucket(value: string): HclBlock {
  return {
    type: 'resource',
    labels: ['aws_s3_bucket', 'store'],
    body: { bucket: literal(value), tags: { [literal(value)]: literal(value) }, list: [literal(value), 'x'] },
  }
}

describe('any text, read back by an HCL parser', () => {
  it('is the same as a value, a map key and a list element', async () => {
    await fc.assert(
      fc.asyncProperty(text, async (value) => {
        const parsed = await parse('main.tf', printBlocks([bucket(value)]))
        // The parser gives strings in the JSON syntax again, so in the escaped form.
        const expected = literal(held(value))
        expect(parsed.resource.aws_s3_bucket.store[0]).toEqual({
          bucket: expected,
          tags: { [expected]: expected },
          list: [expected, 'x'],
        })
      }),
      { numRuns: 1000 },
    )
  })

  it('is the same as a description and a default, which Terraform does not evaluate', async () => {
    await fc.assert(
      fc.asyncProperty(text, async (value) => {
        const block = {
          type: 'variable',
          labels: ['v'],
          body: { description: value, default: { [value]: [value] } },
        }
        const parsed = await parse('main.tf', printBlocks([block]))
        const expected = literal(held(value))
        expect(parsed.variable.v[0]).toEqual({ description: expected, default: { [expected]: [expected] } })
      }),
      { numRuns: 500 },
    )
  })
})

describe('any text, read back by Terraform itself', () => {
  const values = [...AWKWARD, ...fc.sample(text, { numRuns: 150, seed: 7 })]
  const keys = values.map((_, index) => `v${index}`)
  const perValue = (build: (value: string) => JsonObject[string]): JsonObject =>
    Object.fromEntries(values.map((value, index) => [`v${index}`, build(value)]))
  const expected = values.map(held)

  it('is the same as a value, in a list, in a policy and as a key', () => {
    const locals = perValue((value) => ({
      value: literal(value),
      list: [literal(value)],
      // A dollar sign right before an interpolation would escape it: no literal can help there.
      mixed: `\${"<"}${literal(value)} \${">"}`,
      key: { [literal(value)]: 1 },
      policy: `\${jsonencode({${quote(value)} = [${quote(value)}], "n" = 1})}`,
    }))
    const hcl = printBlocks([{ type: 'locals', labels: [], body: locals }])
    const all = (field: string): unknown =>
      evaluate('main.tf', hcl, `[${keys.map((k) => `local.${k}.${field}`).join()}]`)
    expect(all('value')).toEqual(expected)
    expect(all('list')).toEqual(expected.map((value) => [value]))
    expect(all('mixed')).toEqual(expected.map((value) => `<${value} >`))
    expect(all('key')).toEqual(expected.map((value) => ({ [value]: 1 })))
    const policies = (all('policy') as string[]).map((policy) => JSON.parse(policy) as unknown)
    expect(policies).toEqual(expected.map((value) => ({ [value]: [value], n: 1 })))
    expect(fmtDiff([hcl])).toBe('')
  })

  it('is the same as a default', () => {
    const blocks = values.map((value, index) => ({
      type: 'variable',
      labels: [`v${index}`],
      body: { default: value },
    }))
    const hcl = printBlocks(blocks)
    expect(evaluate('main.tf', hcl, `[${keys.map((key) => `var.${key}`).join()}]`)).toEqual(expected)
    expect(fmtDiff([hcl])).toBe('')
  })
})

it('counts the columns of any key as terraform fmt does', () => {
  const words = fc.sample(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 }), {
    numRuns: 500,
    seed: 1,
  })
  const tags = Object.fromEntries([...words, ...AWKWARD].map((word) => [literal(word), 'x']))
  expect(
    fmtDiff([printBlocks([{ type: 'resource', labels: ['aws_iam_user', 'store'], body: { tags } }])]),
  ).toBe('')
})

it.each([
  ['plain', '"plain"'],
  ['say "hi"', '"say \\"hi\\""'],
  ['C:\\temp', '"C:\\\\temp"'],
  ['a\nb\r\tc', '"a\\nb\\r\\tc"'],
  ['${x} %{y} $${z}', '"$${x} %%{y} $$${z}"'],
  ['100% $5', '"100% $5"'],
  ['\0\u2028', '"\\u0000\\u2028"'],
  ['\u202e\u{e0001}', '"\\u202E\\U000E0001"'],
  ['Größe 😀', '"Größe 😀"'],
  ['\ud800', '"\uFFFD"'],
])('quotes %j', (value, expected) => {
  expect(quote(value)).toBe(expected)
})
