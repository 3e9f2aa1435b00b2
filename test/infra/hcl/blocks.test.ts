import { parse } from '@cdktf/hcl2json'
import { blocksOf, printBlocks, type HclBlock, type JsonObject } from '../../../src/infra/hcl'
import { commentLines } from '../../../src/infra/hcl/comments'
import { RESOURCE_SAMPLES } from './resource-samples'
import { ROOT_SAMPLES } from './samples'
import { fmtDiff } from './terraform'

const SAMPLES = [...ROOT_SAMPLES, ...RESOURCE_SAMPLES]

const comment = (text: string): string => `${commentLines(text).join('\n')}\n`

describe('blocks', () => {
  it.each(SAMPLES)('prints $name', ({ block, hcl }) => {
    expect(printBlocks([block])).toBe(hcl)
  })

  it('are separated by an empty line, in the order given', () => {
    const [first, second] = SAMPLES.slice(3, 5)
    expect(printBlocks([first!.block, second!.block])).toBe(`${first!.hcl}\n${second!.hcl}`)
    expect(printBlocks([])).toBe('')
  })

  it('are what terraform fmt leaves alone, and parse', async () => {
    expect(fmtDiff(SAMPLES.map(({ hcl }) => hcl))).toBe('')
    for (const { hcl } of SAMPLES) await parse('main.tf', hcl)
  })
})

describe('blocksOf', () => {
  it('gives the blocks in the order of the document, without metadata', () => {
    const configuration: JsonObject = {
      '//': { metadata: {} },
      output: { a: { value: 1 } },
      provider: { aws: [{ region: 'a' }, { region: 'b', alias: 'x' }] },
      resource: {
        aws_iam_user: { one: { name: '1' }, two: { name: '2' } },
        aws_s3_bucket: { '//': 'no bucket', store: { bucket: 'b' } },
      },
      locals: { x: 1 },
      terraform: { required_version: '>= 1.5' },
    }
    const names = blocksOf(configuration).map(({ type, labels }) => [type, ...labels].join('.'))
    expect(names).toEqual([
      'output.a',
      'provider.aws',
      'provider.aws',
      'resource.aws_iam_user.one',
      'resource.aws_iam_user.two',
      'resource.aws_s3_bucket.store',
      'locals',
      'terraform',
    ])
  })

  it('fails for what the printer does not know', () => {
    expect(() => blocksOf({ moved: { x: {} } })).toThrow('Cannot print moved x as HCL')
    expect(() => blocksOf({ resource: { aws_vpc: { x: {} } } })).toThrow('Cannot print resource aws_vpc x')
    expect(() => blocksOf({ resource: { constructor: { x: {} } } })).toThrow(
      'Cannot print resource constructor x',
    )
    expect(() => blocksOf({ resource: 'x' })).toThrow('Cannot read resource: expected an object')
  })
})

describe('what could come out wrong', () => {
  const bucket = (body: JsonObject, more: Partial<HclBlock> = {}): HclBlock => ({
    type: 'resource',
    labels: ['aws_s3_bucket', 'store'],
    body,
    ...more,
  })

  it.each<[string, HclBlock, string]>([
    [
      'an unknown object',
      bucket({ x: { a: 1 } }),
      'resource.aws_s3_bucket.store, x as HCL: is it a block or a map?',
    ],
    ['an unknown list of objects', bucket({ x: ['a', { a: 1 }] }), 'is it a block or a map?'],
    [
      'an unknown nested object',
      bucket({ lifecycle: { x: {} } }),
      'lifecycle.x as HCL: is it a block or a map?',
    ],
    ['a dynamic block', bucket({ dynamic: { rule: { for_each: [] } } }), 'dynamic as HCL'],
    ['an expression for a block', bucket({ lifecycle: '${x}' }), 'the body of a block has to be an object'],
    ['a key that is no name', bucket({ 'a b': 1 }), 'a b as HCL: not an attribute name'],
    ['a label that is no name', bucket({}, { labels: ['aws_s3_bucket', 'a"b'] }), 'wrong labels'],
    ['a missing label', bucket({}, { labels: ['aws_s3_bucket'] }), 'wrong labels'],
    ['a reference that is none', bucket({ depends_on: ['a "b'] }), 'a string without its closing quote'],
    [
      'a comment on nothing',
      bucket({ a: 1 }, { attributeComments: { b: 'x' } }),
      'nothing to comment on at: b',
    ],
  ])('%s fails', (_, block, problem) => {
    expect(() => printBlocks([block])).toThrow(problem)
  })
})

describe('comments', () => {
  it('wrap at 96 columns, indentation included', () => {
    const text = 'word '.repeat(60)
    const block = {
      type: 'locals',
      labels: [],
      body: { x: 1 },
      comment: text,
      attributeComments: { x: text },
    }
    const hcl = printBlocks([block])
    const lengths = hcl.split('\n').map((line) => line.length)
    expect(Math.max(...lengths)).toBeLessThanOrEqual(96)
    expect(Math.max(...lengths)).toBeGreaterThan(90)
    expect(hcl.match(/word/g)).toHaveLength(120)
    expect(fmtDiff([hcl])).toBe('')
  })

  it('keep their line breaks, paragraphs and list items', () => {
    const item = `- ${'word '.repeat(20)}`
    expect(comment(`Head:\n${item}\n\nTail.\n`)).toBe(
      `# Head:\n# - ${'word '.repeat(18).trim()}\n#   word word\n#\n# Tail.\n`,
    )
  })

  it('cannot end early or carry control characters', () => {
    expect(comment('a\u2028b\r\nc\rd\x1b[31m\u202e')).toBe('# a\n# b\n# c\n# d[31m\n')
  })
})
