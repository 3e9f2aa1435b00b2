import { ConsoleReporter, wantsColor } from '../../src/reporting/console-reporter'
import { formatDuration } from '../../src/reporting/reporter'

let lines: string[]
let reporter: ConsoleReporter

beforeEach(() => {
  lines = []
  reporter = new ConsoleReporter({ write: (line) => lines.push(line) })
})

/** The lines, with the times they took left open. */
const shown = (): string[] => lines.map((line) => line.replace(/\(\d+\.\d s\)$/, '(… s)'))

it('prints a step, what it reports, and that it ended', async () => {
  const result = await reporter.step('Plan', () => {
    reporter.info('create aws_s3_bucket.store')
    reporter.warning('Deprecated\n  Soon gone.')
    return Promise.resolve('the result')
  })
  expect(result).toBe('the result')
  expect(shown()).toEqual([
    '▸ Plan',
    '    create aws_s3_bucket.store',
    '    Warning: Deprecated\n      Soon gone.',
    '✓ Plan (… s)',
  ])
})

it('prints that a step failed, and leaves the error to the caller', async () => {
  const error = new Error('with details that only the caller prints')
  await expect(reporter.step('Apply', () => Promise.reject(error))).rejects.toBe(error)
  expect(shown()).toEqual(['▸ Apply', '✗ Apply (… s)'])
})

it('indents every line but the empty ones', () => {
  reporter.info('one\n\ntwo\n')
  expect(lines).toEqual(['    one\n\n    two\n'])
})

it('prints a text as it is', () => {
  reporter.print('changes=false')
  expect(lines).toEqual(['changes=false'])
})

it('hides a secret wherever it would be printed, from when it is known', async () => {
  reporter.info('s3cret')
  reporter.mask('s3cret')
  reporter.info('info s3cret')
  reporter.warning('warning s3cret')
  reporter.print('print s3cret')
  await reporter.step('step s3cret', () => Promise.resolve())
  expect(lines[0]).toContain('s3cret')
  expect(lines.slice(1).join('\n')).not.toContain('s3cret')
  expect(lines).toHaveLength(6)
})

it.each<[string, string, string]>([
  ['a color', 'a \u001b[31mred\u001b[0m b', 'a ␛[31mred␛[0m b'],
  ['the clipboard', '\u001b]52;c;eHg=\u0007', '␛]52;c;eHg=␇'],
  ['a return that overwrites a line', 'bad\rgood', 'bad␍good'],
  ['an 8-bit escape and a delete', '\u009b31m \u007f', '\ufffd31m \ufffd'],
  ['another direction', '\u202etxet', '\ufffdtxet'],
  ['ends of lines, which stay', 'one\n\ttwo\r\nthree', 'one\n\ttwo\nthree'],
])('obeys nothing that a text from outside says to a terminal: %s', async (_what, text, visible) => {
  reporter.print(text)
  reporter.info(text)
  reporter.warning(text)
  await reporter.step(text, () => Promise.resolve())
  expect(lines[0]).toBe(visible)
  // eslint-disable-next-line no-control-regex
  expect(lines.join('')).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/)
})

it('lets no secret appear by what is done about control characters', () => {
  reporter.mask('s3cret')
  reporter.print('s3c\u001b[0mret')
  expect(lines).toEqual(['s3c␛[0mret'])
})

it('colors what it says itself, where that is wanted', async () => {
  reporter = new ConsoleReporter({ write: (line) => lines.push(line), color: true })
  reporter.info('detail')
  reporter.warning('careful')
  await reporter.step('good', () => Promise.resolve())
  await reporter.step('bad', () => Promise.reject(new Error())).catch(() => undefined)
  expect(lines.map((line) => line.replace(/\d+\.\d s/, '…'))).toEqual([
    '\u001b[2m    detail\u001b[22m',
    '\u001b[33m    Warning: careful\u001b[39m',
    '\u001b[1m▸ good\u001b[22m',
    '\u001b[32m✓\u001b[39m good \u001b[2m(…)\u001b[22m',
    '\u001b[1m▸ bad\u001b[22m',
    '\u001b[31m✗\u001b[39m bad \u001b[2m(…)\u001b[22m',
  ])
})

it.each<[Record<string, string>, boolean, boolean]>([
  [{}, true, true],
  [{}, false, false],
  [{ TERM: 'dumb' }, true, false],
  [{ NO_COLOR: '1' }, true, false],
  [{ NO_COLOR: '' }, true, true],
  [{ FORCE_COLOR: '1' }, false, true],
  [{ FORCE_COLOR: '0' }, true, false],
  [{ NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
])('with %j, on a terminal: %p, colors: %p', (environment, isTerminal, wanted) => {
  expect(wantsColor(environment, isTerminal)).toBe(wanted)
})

it.each([
  [0, '0.0 s'],
  [449, '0.4 s'],
  [12_345, '12.3 s'],
  [59_900, '59.9 s'],
  [60_000, '1 min 0 s'],
  [119_600, '2 min 0 s'],
  [125_000, '2 min 5 s'],
  [3_725_000, '62 min 5 s'],
])('formatDuration(%d) is %j', (milliseconds, expected) => {
  expect(formatDuration(milliseconds)).toBe(expected)
})
