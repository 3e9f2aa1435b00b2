import { exportReadme } from '../../src/export/documents'
import { terraformDocs } from '../../src/export/terraform-docs'
import { cells, sectionOf, skeleton } from './markdown'
import { requestOf } from './request'

const tables = (...changes: Parameters<typeof requestOf>): string =>
  terraformDocs(requestOf(...changes).blocks)

test('stands once between the markers, which are the last of the README', () => {
  const readme = exportReadme(requestOf())
  expect(readme.split('<!-- BEGIN_TF_DOCS -->')).toHaveLength(2)
  expect(readme.endsWith(`${tables()}\n`)).toBe(true)
  expect(tables()).toMatch(/^<!-- BEGIN_TF_DOCS -->\n## Requirements\n[^]*\n<!-- END_TF_DOCS -->$/)
})

test('has the sections of terraform-docs in its order', () => {
  expect(tables().match(/^## .*$/gm)).toEqual(
    ['Requirements', 'Providers', 'Modules', 'Resources', 'Inputs', 'Outputs'].map((title) => `## ${title}`),
  )
})

// Lines as terraform-docs 0.24 writes them.
test.each([
  '| ---- | ----------- | ---- | ------- | :------: |',
  '| <a name="requirement_terraform"></a> [terraform](#requirement\\_terraform) | >= 1.10.0 |',
  '| <a name="provider_aws"></a> [aws](#provider\\_aws) | 5.100.0 |',
  '| [aws_iam_user.store](https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs/resources/iam_user) | resource |',
  '| [aws_partition.current](https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs/data-sources/partition) | data source |',
  '| <a name="input_abort_multipart_days"></a> [abort\\_multipart\\_days](#input\\_abort\\_multipart\\_days) | Days after which an unfinished multipart upload is given up. | `number` | `7` | no |',
  '| <a name="input_region"></a> [region](#input\\_region) | AWS region of the bucket. | `string` | `"eu-west-1"` | no |',
  '| <a name="output_bucket"></a> [bucket](#output\\_bucket) | Name of the bucket. |',
])('writes %s', (line) => {
  expect(tables().split('\n')).toContain(line)
})

test('shows a default of several lines as terraform-docs does, its keys sorted', () => {
  const inputs = sectionOf(tables({ options: { tags: { team: 'ml', 'cost-center': 'a b' } } }), 'Inputs')
  expect(inputs).toContain(
    '| `map(string)` | <pre>{<br/>  "cost-center": "a b",<br/>  "team": "ml"<br/>}</pre> | no |',
  )
  expect(inputs).toContain('| `set(string)` | <pre>[<br/>  "1"<br/>]</pre> | no |')
})

test('a module has its range of providers, whose pages are the latest', () => {
  const text = tables({ target: { layout: 'module' } })
  expect(text).toContain('| >= 5.100.0, < 7.0.0 |')
  expect(text).toContain('/hashicorp/aws/latest/docs/')
  expect(text).not.toContain('input_region')
})

test('every variable, output, resource and data source of the configuration is in it, sorted', () => {
  const { blocks } = requestOf({
    options: { kmsKeyArn: 'arn:aws:kms:eu-west-1:123456789012:key/1', versioning: true },
  })
  const text = terraformDocs(blocks)
  const names = (section: string): string[] =>
    sectionOf(text, section)
      .split('\n')
      .filter((line) => line.startsWith('| <a') || line.startsWith('| ['))
      .map((line) => /\[([^\]]+)\]/.exec(cells(line)[0] ?? '')?.[1]?.replaceAll('\\', '') ?? '')
  const expected = (...types: string[]): string[] =>
    types.flatMap((type) =>
      blocks
        .filter((block) => block.type === type)
        .map(({ labels }) => labels.join('.'))
        .sort(),
    )
  expect(names('Inputs')).toEqual(expected('variable'))
  expect(names('Outputs')).toEqual(expected('output'))
  expect(names('Resources')).toEqual(expected('resource', 'data'))
})

test.each([
  'a|b',
  '`',
  '<!-- END_TF_DOCS -->',
  '</pre></details>',
  'a\u2028b',
  '*a* _b_',
  '\\',
  '%{ if true }',
])('a default of %j stays in its cell', (value) => {
  const variable = (name: string, content: string | Record<string, string>) => ({
    type: 'variable',
    labels: [name],
    body: { type: 'string', description: 'x', default: content },
  })
  const { blocks } = requestOf()
  const benign = [...blocks, variable('a', 'x'), variable('b', { x: 'x' })]
  const hostile = [...blocks, variable('a', value), variable('b', { [value]: value })]
  expect(skeleton(terraformDocs(hostile))).toEqual(skeleton(terraformDocs(benign)))
  expect(terraformDocs(hostile).split('END_TF_DOCS -->')).toHaveLength(2)
  expect(terraformDocs(hostile)).not.toContain('</details>')
})
