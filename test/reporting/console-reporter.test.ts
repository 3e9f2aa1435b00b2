import { ConsoleReporter } from '../../src/reporting/console-reporter'
import { formatDuration } from '../../src/reporting/reporter'

let lines: string[]
let reporter: ConsoleReporter

beforeEach(() => {
  lines = []
  reporter = new ConsoleReporter((line) => lines.push(line))
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
