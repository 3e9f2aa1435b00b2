import { parse } from '@cdktf/hcl2json'
import fc from 'fast-check'
import { printBlocks, type JsonValue } from '../../../src/infra/hcl'
import { evaluate, fmtDiff } from './terraform'

/** Prints one local value, without the block around it and its indentation. */
function printLocal(value: JsonValue): string {
  const hcl = printBlocks([{ type: 'locals', labels: [], body: { x: value } }])
  return hcl.replace(/^locals \{\n {2}x = /, '').replace(/\n\}\n$/, '').replace(/^ {2}/gm, '') // prettier-ignore
}

const long = 'a-word-of-some-length'.repeat(3)

const CASES: readonly (readonly [name: string, value: JsonValue, expected: string])[] = [
  ['a reference', '${aws_s3_bucket.store.id}', 'aws_s3_bucket.store.id'],
  ['a reference with an index', '${aws_iam_access_key.store["1"].id}', 'aws_iam_access_key.store["1"].id'],
  ['a template', 'arn:${data.aws_partition.current.partition}:s3', '"arn:${data.aws_partition.current.partition}:s3"'],
  ['neighbouring interpolations', '${a.b}${c.d}', '"${a.b}${c.d}"'],
  ['escaped sequences', '$${a} %%{b} $$${c}', '"$${a} %%{b} $$${c}"'],
  ['a template inside a template', '${"x-${a.b}"}-y', '"${"x-${a.b}"}-y"'],
  ['an object inside a template', 'x${{a=1}}', '"x${ { a = 1 } }"'],
  ['strip markers', 'x ${~ a.b ~} y', '"x ${~a.b~} y"'],
  ['strip markers with nothing to strip', '${~ a.b ~}', 'a.b'],
  ['a conditional in a conditional', '${a.b?c.d?1:2:e.f?3:4}', 'a.b ? c.d ? 1 : 2 : e.f ? 3 : 4'],
  ['directives', '%{if a.b~} x %{ else }y%{ endif }', '"%{if a.b~} x %{else}y%{endif}"'],
  ['scalars', [1, 1.5, true, null, -3], '[1, 1.5, true, null, -3]'],
  ['operators', '${ -a.b+1 *( 2-3 )>=4&&!c.d||e.f!=-1 }', '-a.b + 1 * (2 - 3) >= 4 && !c.d || e.f != -1'],
  ['a namespaced function', '${provider::aws::arn_parse( a.b )}', 'provider::aws::arn_parse(a.b)'],
  ['a spread argument', '${concat(a.b ...)}', 'concat(a.b...)'],
  ['a splat of Terraform 0.11', '${aws_iam_access_key.store.*.id}', 'aws_iam_access_key.store[*].id'],
  ['a splat that an index follows', '${a.b.*.c[0]}', 'a.b.*.c[0]'],
  ['a conditional', '${var.x ? a.b:"c"}', 'var.x ? a.b : "c"'],
  ['a for list', '${[for k in var.x :upper(k) if k!=""]}', '[for k in var.x : upper(k) if k != ""]'],
  ['a for object', '${{ for k,v in a.b: k=>v.c... }}', '{ for k, v in a.b : k => v.c... }'],
  ['line breaks in an expression', '${merge(\n  a.b,\n  c.d\n)}', 'merge(a.b, c.d)'],
  ['line breaks between entries', '${{\n a = 1\n b = 2 # two\n}}', '{\n  a = 1\n  b = 2\n}'],
  ['an empty object and list', { a: {}, b: [] }, '{\n  a = {}\n  b = []\n}'],
  [
    'keys',
    { plain: 1, 'with-dash': 1, 'aws:X': 1, for: 1, null: 1, '1': 1, '': 1, '${a.b}': 1, '${k}': 1, 'x${k}': 1, '$${k}': 1 },
    [
      '{',
      '  "1"         = 1',
      '  plain       = 1',
      '  "with-dash" = 1',
      '  "aws:X"     = 1',
      '  "for"       = 1',
      '  "null"      = 1',
      '  ""          = 1',
      '  (a.b)       = 1',
      '  (k)         = 1',
      '  "x${k}"     = 1',
      '  "$${k}"     = 1',
      '}',
    ].join('\n'),
  ],
  [
    'a policy as CDKTF writes it',
    '${jsonencode({"Version" = "2012-10-17", "Statement" = [{"Sid" = "TlsOnly", "Action" = "s3:*", "Resource" = [aws_s3_bucket.store.arn, "${aws_s3_bucket.store.arn}/*"], "Condition" = {"Bool" = {"aws:SecureTransport" = "false"}}, "Principal" = {"AWS" = aws_iam_user.store.arn}}]})}',
    `jsonencode({
  Version = "2012-10-17"
  Statement = [
    {
      Sid      = "TlsOnly"
      Action   = "s3:*"
      Resource = [aws_s3_bucket.store.arn, "\${aws_s3_bucket.store.arn}/*"]
      Condition = {
        Bool = { "aws:SecureTransport" = "false" }
      }
      Principal = { AWS = aws_iam_user.store.arn }
    },
  ]
})`,
  ],
  ['a long list', [long, long], `[\n  "${long}",\n  "${long}",\n]`],
  ['a long call', `\${f("${long}", "${long}")}`, `f(\n  "${long}",\n  "${long}"\n)`],
  ['a call that ends in an object', '${merge(var.tags, {a = 1, b = 2})}', 'merge(var.tags, {\n  a = 1\n  b = 2\n})'],
  ['a long conditional', `\${var.x ? "${long}" : "${long}"}`, `(\n  var.x\n  ? "${long}"\n  : "${long}"\n)`],
  ['a long conjunction', `\${f("${long}") && !f("${long}")}`, `(\n  f("${long}") &&\n  !f("${long}")\n)`],
  ['long alternatives in parentheses', `\${("${long}" == a.b || "${long}" == c.d)}`, `(\n  "${long}" == a.b ||\n  "${long}" == c.d\n)`],
  ['a long for', `\${{for k, v in f("${long}") : "${long}" => v}}`, `{\n  for k, v in f("${long}") :\n  "${long}" => v\n}`],
] // prettier-ignore

describe('layout', () => {
  it.each(CASES)('%s', (_, value, expected) => {
    expect(printLocal(value)).toBe(expected)
  })

  it('is what terraform fmt leaves alone, and parses', async () => {
    const texts = CASES.map(([, value]) =>
      printBlocks([{ type: 'locals', labels: [], body: { x: value, other: 1 } }]),
    )
    expect(fmtDiff(texts)).toBe('')
    for (const text of texts) await parse('main.tf', text)
  })
})

describe('what is no expression', () => {
  it.each([
    ['${jsonencode({"Sid" = "say "hi" to"})}', 'unescaped quotes'],
    ['${f("a)}', 'closing quote'],
    ['${f(a}', 'unexpected "}"'],
    ['${f(a', 'missing ")"'],
    ['${}', 'empty'],
    ['${a &}', 'unexpected "&"'],
    ['${a ? b}', 'without its ":"'],
    ['${a &&}', 'an operand is missing'],
    ['${{a}}', 'key without a value'],
    ['${"\\x"}', 'unknown escape'],
    ['${<<EOF\nx\nEOF\n}', 'heredoc'],
    ['%{ if a }${', '"${" without its "}"'],
  ])('fails for %s', (value, problem) => {
    expect(() => printLocal(value)).toThrow(problem)
    expect(() => printLocal(value)).toThrow('Cannot print locals, x as HCL')
  })
})

describe('random expressions', () => {
  const blank = fc.constantFrom('', ' ', '  ')
  const word = fc.constantFrom('a', 'b', 'Version', 'aws:x', 'with space', 'x$${y}', 'quo\\"te', 'ü')
  const newline = fc.constantFrom('\n', ', ', ',\n  ')
  const { expression } = fc.letrec<{ expression: string; leaf: string }>((tie) => ({
    leaf: fc.oneof(
      fc.integer({ min: -9, max: 99 }).map(String),
      fc.constantFrom('true', 'null', 'local.base.a', 'local.base["b"][0]', '"x-${local.base.a}-${1 + 2}"', '"%{ if true }y%{ endif }"'),
      word.map((text) => `"${text}"`),
    ),
    expression: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      tie('leaf'),
      fc.tuple(fc.array(tie('expression'), { maxLength: 4 }), blank).map(([items, s]) => `[${s}${items.join(`${s},${s}`)}]`),
      fc
        .tuple(fc.uniqueArray(word, { maxLength: 4 }), fc.array(tie('expression'), { minLength: 4, maxLength: 4 }), blank, newline, fc.constantFrom('=', ' = ', ':'))
        .map(([keys, values, s, n, eq]) => `{${s}${keys.map((key, index) => `"${key}"${eq}${values[index]}`).join(n)}${s}}`),
      tie('expression').map((inner) => `jsonencode(${inner})`),
      tie('expression').map((inner) => `try( ${inner},null )`),
      fc.tuple(tie('expression'), tie('expression'), blank).map(([a, b, s]) => `${s}jsonencode(${a})==jsonencode(${b}) ? "yes":"no"`),
      fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `(jsonencode(${a})!=jsonencode(${b})&&true || 2-1>-1)`),
      tie('expression').map((inner) => `[for i, v in [${inner}] : {v=v, "i"=i}]`),
      tie('expression').map((inner) => `{for k,v in {a=${inner}}:k=>[v] if k!=""}`),
    ),
  })) // prettier-ignore

  it('mean the same to Terraform as their JSON, and are what terraform fmt leaves alone', () => {
    const samples = fc.sample(expression, { numRuns: 400, seed: 42 })
    const names = samples.map((_, index) => `v${index}`)
    const locals: Record<string, JsonValue> = { base: { a: 'A', b: ['B'] } }
    for (const [index, sample] of samples.entries()) locals[`v${index}`] = `\${${sample}}`
    const hcl = printBlocks([{ type: 'locals', labels: [], body: locals }])
    const all = `[${names.map((name) => `local.${name}`).join()}]`
    expect(fmtDiff([hcl])).toBe('')
    const fromJson = evaluate('main.tf.json', JSON.stringify({ locals }), all)
    expect(evaluate('main.tf', hcl, all)).toEqual(fromJson)
  })
})
