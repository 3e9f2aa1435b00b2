import { exportReadme } from '../../src/export/readme'
import { referenceSection } from '../../src/export/reference'
import { cells, sectionOf, skeleton } from './markdown'
import { requestOf } from './request'

const KEY = 'arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab'

const reference = (...changes: Parameters<typeof requestOf>): string =>
  referenceSection(requestOf(...changes).blocks)

test("stands once between terraform-docs' markers, at the end of the README", () => {
  const readme = exportReadme(requestOf())
  expect(readme.split('<!-- BEGIN_TF_DOCS -->')).toHaveLength(2)
  expect(readme.endsWith(`${reference()}\n`)).toBe(true)
  expect(reference()).toMatch(/^<!-- BEGIN_TF_DOCS -->\n## Requirements\n[^]*\n<!-- END_TF_DOCS -->$/)
})

test('has every variable and output of the configuration, sorted', () => {
  const { blocks } = requestOf({ spec: { kmsKeyArn: KEY, versioning: true } })
  const listed = (section: string): string[] =>
    sectionOf(referenceSection(blocks), section)
      .split('\n')
      .map((line) => /^\| `(\w+)` /.exec(line)?.[1])
      .filter((name) => name !== undefined)
  const expected = (type: string): string[] =>
    blocks
      .filter((block) => block.type === type)
      .flatMap(({ labels }) => labels)
      .sort()
  expect(listed('Inputs')).toEqual(expected('variable'))
  expect(listed('Outputs')).toEqual(expected('output'))
})

test.each([
  ['bucket_name', ['`string`', '**required**']],
  ['region', ['`string`', '**required**']],
  ['iam_user_name', ['`string`', '`null`']],
  ['access_key_generations', ['`set(string)`', '`["1"]`']],
  // Whatever this spec has: its values are in terraform.tfvars.json.
  ['tags', ['`map(string)`', '`{}`']],
])('shows type and default of %s', (name, expected) => {
  const row = reference({ spec: { tags: { team: 'ml' } } })
    .split('\n')
    .find((line) => line.startsWith(`| \`${name}\` |`))
  expect(cells(row ?? '').slice(2)).toEqual(expected)
})

test('a root has one version of the provider, a module a range and no region', () => {
  expect(reference()).toContain('| `hashicorp/aws` | `5.100.0` |')
  const module = reference({ target: { layout: 'module' } })
  expect(module).toContain('| `hashicorp/aws` | `>= 5.100.0, < 7.0.0` |')
  expect(module).not.toContain('| `region` | AWS region of the bucket. | `string`')
})

test.each(['a|b', '`', '<!-- END_TF_DOCS -->', '</details>', 'a\u2028b', '*a* _b_', '\\', '%{ if true }'])(
  'a default of %j stays in its cell',
  (value) => {
    const variable = (name: string, content: string | Record<string, string>) => ({
      type: 'variable',
      labels: [name],
      body: { type: 'string', description: 'x', default: content },
    })
    const { blocks } = requestOf()
    const benign = [...blocks, variable('a', 'x'), variable('b', { x: 'x' })]
    const hostile = [...blocks, variable('a', value), variable('b', { [value]: value })]
    expect(skeleton(referenceSection(hostile))).toEqual(skeleton(referenceSection(benign)))
    expect(referenceSection(hostile).split('END_TF_DOCS -->')).toHaveLength(2)
  },
)
