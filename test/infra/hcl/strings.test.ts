import { parse } from '@cdktf/hcl2json'
import fc from 'fast-check'
import { printBlocks, type HclBlock } from '../../../src/infra/hcl'
import { quote, template } from '../../../src/infra/hcl/strings'
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

/** A variable that holds `value` wherever Terraform takes text for what it is. */
const variable = (value: string, name = 'v'): HclBlock => ({
  type: 'variable',
  labels: [name],
  body: { description: value, default: { [value]: [value] } },
})

it('any text is the same when an HCL parser reads it back', async () => {
  await fc.assert(
    fc.asyncProperty(text, async (value) => {
      const parsed = await parse('main.tf', printBlocks([variable(value)]))
      // The parser gives strings in the JSON syntax again, so in the escaped form.
      const expected = held(value).replace(/([$%])\{/g, '$1$1{')
      expect(parsed.variable.v[0]).toEqual({ description: expected, default: { [expected]: [expected] } })
    }),
    { numRuns: 1000 },
  )
})

it('any text is the same when Terraform itself reads it back', () => {
  const values = [...AWKWARD, ...fc.sample(text, { numRuns: 150, seed: 7 })]
  const hcl = printBlocks(values.map((value, index) => variable(value, `v${index}`)))
  const all = `[${values.map((_, index) => `var.v${index}`).join()}]`
  expect(evaluate('main.tf', hcl, all)).toEqual(values.map(held).map((value) => ({ [value]: [value] })))
  expect(fmtDiff([hcl])).toBe('')
})

it.each([
  ['${a.b}', 'a.b'],
  ['${{ for k, v in a.b : k => v }}', '{ for k, v in a.b : k => v }'],
  ['${a}${b}', '"${a}${b}"'],
  ['${a.b}/*', '"${a.b}/*"'],
  ['say "${a["1"]}" $${"} \\', '"say \\"${a["1"]}\\" $${\\"} \\\\"'],
])('the template %s prints as %s', (value, expected) => {
  expect(template(value)).toBe(expected)
})

it('counts the columns of any key as terraform fmt does', () => {
  const words = fc.sample(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 }), {
    numRuns: 500,
    seed: 1,
  })
  const tags = Object.fromEntries([...words, ...AWKWARD].map((word) => [word, 'x']))
  expect(fmtDiff([printBlocks([{ type: 'variable', labels: ['tags'], body: { default: tags } }])])).toBe('')
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
