import { ConsoleReporter } from '../../src/reporting/console-reporter'
import { plain, plainLine } from '../../src/reporting/plain'

/** What a runner obeys: a line that begins with `::` after any blanks, and these marks anywhere. */
const obeyed = (text: string): boolean =>
  text.split(/\r\n|\r|\n/).some((line) => line.trimStart().startsWith('::')) || /##(vso)?\[/i.test(text)

const COMMANDS = [
  '::set-output name=a::b',
  '::add-mask::a',
  '  ::error::x',
  '\t::stop-commands::x',
  '\u00a0::debug::x',
  'before\n::set-env name=PATH::x',
  'before\r::set-env name=PATH::x',
  'before\r\n  ::group::x',
  '##[error]x',
  'in the middle ##[add-mask]x',
  '##vso[task.setvariable variable=a]b',
  '\u0085::warning::x',
]

it.each(COMMANDS)('obeys nothing of %j, on a terminal in a workflow as well', async (command) => {
  const lines: string[] = []
  const reporter = new ConsoleReporter({ write: (line) => lines.push(line) })
  reporter.info(command)
  reporter.debug(command)
  reporter.warning(command)
  reporter.print(command)
  await reporter.step(command, () => Promise.resolve())
  lines.push(reporter.line(command), plain(command), plainLine(command))
  for (const line of lines) expect([line, obeyed(line)]).toEqual([line, false])
})

it('keeps a line of output one line', () => {
  expect(plainLine('store-url=https://a/\n::set-output name=a::b\u001b[2J')).toBe(
    'store-url=https://a/␊::set-output name=a::b␛[2J',
  )
})

it.each(['arn:aws:s3:::bucket', '# a comment', 'a::b', 'é, ünï', '{"a": "b"}'])(
  'leaves %j as it is',
  (text) => {
    expect(plain(text)).toBe(text)
  },
)
