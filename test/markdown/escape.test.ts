import fc from 'fast-check'
import { headOf, sizeOf } from '../../src/markdown/cut'
import { code, fence, fold, link, mermaidLabel, table, text, visible } from '../../src/markdown/escape'
import { HOSTILE } from '../github/samples'

describe('inline code', () => {
  it.each([
    ['my-bucket', '`my-bucket`'],
    ['aws_iam_access_key.store["1"]', '`aws_iam_access_key.store["1"]`'],
    ['arn:aws:iam::1:user/x', '`arn:aws:iam::1:user/x`'],
    ['a|b', '<code>a&#124;b</code>'],
    ['a`b', '<code>a&#96;b</code>'],
    ['a\\', '<code>a&#92;</code>'],
    ['two\nlines', '`two lines`'],
    ['<b>', '<code>&#60;b&#62;</code>'],
    [' ', '<code> </code>'],
    ['', '<code> </code>'],
    ['äö 🪣', '<code>äö &#129699;</code>'],
  ])('%j', (value, expected) => expect(code(value)).toBe(expected))

  it('cuts what is long, and never inside a character', () => {
    const cut = code('🪣'.repeat(500))
    expect(cut).toContain('…'.codePointAt(0)!.toString())
    expect(cut).not.toContain('&#55')
  })

  it('leaves nothing of a value that could be markup', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const shown = code(value)
        const inside = shown.startsWith('`') ? shown.slice(1, -1) : shown.slice(6, -7)
        expect(inside).not.toMatch(/[`|<>\n\\]/)
      }),
    )
  })
})

describe('plain text', () => {
  it('mentions nobody, refers to nothing and links nowhere', () => {
    const shown = text('@acme/admins fixes #1, see https://evil.example and WWW.evil.example, a@b.example')
    expect(shown).not.toMatch(/@(?!\u200b)\w|#(?!\d+;)\d|https:\/\/|www\./i)
  })

  it.each(HOSTILE)('has no markup of %j', (value) => {
    expect(text(value)).not.toMatch(/[<>`|*[\]\n\\$]|^\s*[#+-]/)
  })

  it.each([
    ['1. one', '1&#46; one'],
    ['- one', '&#45; one'],
    ['Nothing is given', 'Nothing is given'],
  ])('%j', (value, expected) => expect(text(value)).toBe(expected))
})

describe('a fence', () => {
  it('is longer than any in the content', () => {
    expect(fence('a\n```\nb')).toBe('~~~\na\n```\nb\n~~~')
    expect(fence('a\n```\n~~~~\nb', 'diff')).toBe('````diff\na\n```\n~~~~\nb\n````')
  })

  it('cannot be ended by its content', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('`', '~', '\n', ' ', 'a', '\r') }), (content) => {
        const lines = fence(content).split('\n')
        const mark = lines[0]!
        const closing = new RegExp(`^ {0,3}${mark[0]!}{${mark.length},}\\s*$`)
        expect(lines.slice(1).findIndex((line) => closing.test(line))).toBe(lines.length - 2)
      }),
    )
  })
})

it('shows what cannot be seen', () => {
  expect(visible('a\u202eb\u0000c\ud800d\r\ne\tf\rg')).toBe('a\\u{202e}b\\u{0000}c\ufffdd\ne\tf\ng')
})

describe('a link', () => {
  it.each([
    ['https://a.example/p?q=1#x', '[x](https://a.example/p?q=1#x)'],
    ['https://a.example/a)b(c d|e', '[x](https://a.example/a%29b%28c%20d%7Ce)'],
    ['javascript:alert(1)', 'x'],
    ['//evil.example', 'x'],
    [undefined, 'x'],
  ])('%j', (address, expected) => expect(link('x', address)).toBe(expected))
})

describe('a label of Mermaid', () => {
  it.each(HOSTILE)('has no syntax of %j', (value) => {
    expect(mermaidLabel(value).slice(1, -1).replaceAll(/#\d+;/g, '')).toMatch(/^[\p{L}\p{N} ._/-]*$/u)
  })

  it('has a line for each value', () => {
    expect(mermaidLabel('S3 bucket', 'a"b')).toBe('"S3 bucket<br/>a#34;b"')
  })
})

it('makes tables and folds', () => {
  expect(table(['a', 'b'], [['1', '2']])).toBe('| a | b |\n| --- | --- |\n| 1 | 2 |')
  expect(table(['a'], [])).toBe('')
  expect(fold('More', 'x')).toBe('<details><summary>More</summary>\n\nx\n\n</details>')
})

describe('the head of a text', () => {
  it('ends with a whole line where that loses little', () => {
    expect(headOf('one\ntwo\nthree', 9, 'characters')).toBe('one\ntwo')
    expect(headOf(`one\n${'x'.repeat(9000)}`, 8000, 'characters')).toHaveLength(8000)
  })

  it.each(['characters', 'bytes'] as const)('never ends inside a character, counted in %s', (unit) => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(50), (whole, limit) => {
        const head = headOf(whole, limit, unit)
        expect(sizeOf(head, unit)).toBeLessThanOrEqual(limit)
        expect(whole.startsWith(head)).toBe(true)
        expect(Buffer.from(head).toString()).toBe(head)
      }),
    )
  })
})
