import * as fc from 'fast-check'
import { Redactor } from '../../src/reporting/redact'

const redactorOf = (...secrets: string[]): Redactor => {
  const redactor = new Redactor()
  for (const secret of secrets) redactor.add(secret)
  return redactor
}

it.each<[string, string[], string, string]>([
  ['every occurrence', ['s3cret'], 's3cret, s3cret and s3crets', '***, *** and ***s'],
  ['several secrets', ['alpha', 'beta'], 'beta then alpha', '*** then ***'],
  ['a secret that contains another, whole', ['abc', 'abcdef'], 'abcdef abc', '*** ***'],
  ['characters that mean something in a pattern', ['a.b*c$&'], 'a.b*c$& axbbc', '*** axbbc'],
  ['secrets of more than one line', ['one\ntwo'], 'x one\ntwo y', 'x *** y'],
  ['the form in a URL', ['a/b+c&d'], 'x=a%2Fb%2Bc%26d', 'x=***'],
  ['the form in JSON', ['a"b/c'], String.raw`"a\"b/c" and "a\"b\/c"`, '"***" and "***"'],
  ['the form in HTML', ['a/b+<c>'], 'a/b+&lt;c&gt; a&#x2F;b&#x2B;&lt;c&gt;', '*** ***'],
  ['base64, filled up or not', ['a/b+c'], 'YS9iK2M= YS9iK2M', '*** ***'],
  ['half a character', ['a\ud800'], 'a\ud800', '***'],
  ['nothing where there is nothing', [], 'as it was', 'as it was'],
  ['nothing for an empty secret', [''], 'as it was', 'as it was'],
])('replaces %s', (_what, secrets, text, expected) => {
  expect(redactorOf(...secrets).redact(text)).toBe(expected)
})

it('leaves no secret in any text, in whatever order they are added', () => {
  // Of digits and letters: a secret of asterisks alone is none.
  const secret = fc.stringMatching(/^[a-c1-2]{1,4}$/)
  fc.assert(
    fc.property(
      fc.array(secret, { maxLength: 5 }),
      fc.stringMatching(/^[a-c1-2 ]{0,40}$/),
      (secrets, text) => {
        const redacted = redactorOf(...secrets).redact(text)
        for (const one of secrets) expect(redacted).not.toContain(one)
        expect(redactorOf(...secrets, ...secrets).redact(text)).toBe(redacted)
      },
    ),
  )
})
