import fc from 'fast-check'
import { parse } from '@cdktf/hcl2json'
import { exportReadme } from '../../src/export/readme'
import { moduleTests } from '../../src/export/module-tests'
import { fences, skeleton } from './markdown'
import { requestOf, SPEC } from './request'

const HOSTILE = [
  '"quoted" \'twice\'',
  '${file("/etc/passwd")}',
  '%{ for x in y }%{ endfor }',
  '`code` ``` ~~~',
  '| a | b |',
  '<!-- BEGIN_TF_DOCS -->',
  '<!-- END_TF_DOCS -->',
  '--> <script>alert(1)</script>',
  '</details></summary>',
  '"] ; end',
  '%%{init: {"theme": "dark"}}%%',
  '"]:::x; click store "https://example.com"',
  '# heading',
  '![image](https://example.com/x.png) @acme/team #1',
  'a\u2028b\u202ec',
  '\\',
  '-',
]

/** A line of a diagram of ours: nothing but words, brackets and labels in quotes without syntax in them. */
const DIAGRAM_LINE =
  /^(flowchart LR| {2}subgraph \w+ \["[^"]*"\]| {4}\w+\[\(?"[^"]*"\)?\]| {2}\w+\["[^"]*"\]| {2}end| {2}\w+ -->\|"[^"]*"\| \w+)$/

const structure = (text: string): unknown => ({
  skeleton: skeleton(text),
  diagrams: fences(text).filter(({ language }) => language === 'mermaid').length,
  begins: text.split('<!-- BEGIN_TF_DOCS -->').length,
  ends: text.split('<!-- END_TF_DOCS -->').length,
})

const BENIGN = structure(exportReadme(requestOf({ spec: { storeName: 'store' } })))

function expectSafe(text: string): void {
  expect(structure(text)).toEqual(BENIGN)
  const [diagram] = fences(text).filter(({ language }) => language === 'mermaid')
  for (const line of diagram?.lines ?? []) expect(line).toMatch(DIAGRAM_LINE)
  for (const label of (diagram?.lines ?? []).join('\n').match(/"[^"]*"/g) ?? []) {
    expect(label.replaceAll('<br/>', '').replaceAll(/#\d+;| /g, '')).toMatch(/^"[^"`[\](){}|;<>%&#@\\\s]*"$/u)
  }
}

test.each(HOSTILE)('a store called %j breaks neither a table, nor a block, nor the diagram', (storeName) => {
  expectSafe(exportReadme(requestOf({ spec: { storeName } })))
})

test('nor does any other name', () => {
  const character = fc.constantFrom(...Array.from('`|<>!-"\'[](){}$%#;:&\\/*_~@ a1é\t\u2028\u{1f4a5}'))
  const request = requestOf()
  fc.assert(
    fc.property(
      fc.string({ unit: fc.oneof(character, fc.string({ minLength: 1, maxLength: 1 })), maxLength: 64 }),
      (storeName) => {
        expectSafe(exportReadme({ ...request, spec: { ...request.spec, storeName } }))
      },
    ),
    { numRuns: 100 },
  )
})

test.each(HOSTILE)('an origin, a user and tags with %j break nothing either', (value) => {
  const request = requestOf({
    spec: {
      valohaiOrigin: `https://${value}`,
      iamUserName: value,
      multipartRoleName: value,
      tags: { [value]: value },
    },
  })
  const benign = requestOf({
    spec: { valohaiOrigin: 'https://x', iamUserName: 'x', multipartRoleName: 'x', tags: { x: 'x' } },
  })
  expect(skeleton(exportReadme(request))).toEqual(skeleton(exportReadme(benign)))
})

test.each(HOSTILE)('values with %j stay strings in the tests', async (value) => {
  const spec = { ...SPEC, valohaiOrigin: `https://${value}`, iamUserName: value, kmsKeyArn: value }
  const runs = async (text: string): Promise<string[]> => {
    const { run } = await parse('store.tftest.hcl', text)
    return Object.keys(run as object)
  }
  expect(await runs(moduleTests(spec, 'terraform'))).toEqual(
    await runs(moduleTests({ ...SPEC, kmsKeyArn: 'x' }, 'terraform')),
  )
})

test('the name of a state bucket is one word of the shell', () => {
  const settings = { bucket: "x'; rm -rf ~ #", key: 'x', region: 'eu-west-1' }
  const text = exportReadme(requestOf({ target: { backend: { type: 's3', settings } } }))
  expect(text).toContain(`aws s3api create-bucket --bucket 'x'\\''; rm -rf ~ #' --region eu-west-1`)
})
