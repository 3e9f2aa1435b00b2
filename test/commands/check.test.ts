import { COMMANDS, type Door } from '../../src/commands'
import { run } from '../../src/commands/check'
import { parseRequest } from '../../src/config'
import type { Verdict } from '../../src/decide/findings'
import { checkForReal } from '../../src/run/real-world'
import { FIRST, source } from '../config/source'

jest.mock('../../src/run/real-world', () => ({ checkForReal: jest.fn() }))

const QUIET: Verdict = { findings: [], notChecked: [], notes: ['The current key.'] }
const DRIFT: Verdict = {
  findings: [{ what: 'It differs', where: 'there', is: 'this', should: 'that', fix: 'Do it.' }],
  notChecked: [{ what: 'The rest', why: 'No way.' }],
  notes: [],
}

const check = (verdict: Verdict, inputs: Readonly<Record<string, string>> = {}) => {
  jest.mocked(checkForReal).mockResolvedValue(verdict)
  const given = { ...FIRST, command: 'check', ...inputs }
  const door = { surroundings: () => ({}) } as unknown as Door
  return run(parseRequest(source(given), COMMANDS), door)
}

it.each<[what: string, verdict: Verdict, inputs: Record<string, string>, exitCode: number, drift: string]>([
  ['all holds', QUIET, {}, 0, 'false'],
  ['something is found', DRIFT, {}, 2, 'true'],
  ['something is found and that is no failure', DRIFT, { 'fail-on-drift': 'false' }, 0, 'true'],
  ['something was not checked', { ...DRIFT, findings: [] }, {}, 0, 'false'],
  ['nothing was seen', { ...DRIFT, findings: [], sawNothing: true }, {}, 1, 'false'],
  [
    'nothing was seen, and drift is no failure',
    { ...DRIFT, findings: [], sawNothing: true },
    { 'fail-on-drift': 'false' },
    1,
    'false',
  ],
])('%s', async (_what, verdict, inputs, exitCode, drift) => {
  const result = await check(verdict, inputs)
  expect(result.exitCode).toBe(exitCode)
  expect(result.failure === undefined).toBe(exitCode === 0)
  expect(result.outputs).toMatchObject({ drift, findings: JSON.stringify(verdict.findings) })
})

it('shows a table, in which a terminal colours what is wrong', async () => {
  const { lines } = await check(DRIFT)
  expect(lines).toEqual([
    { text: '✗ It differs', tone: 'bad' },
    '    where   there',
    '    is      this',
    '    should  that',
    '    fix     Do it.',
    { text: '? Not checked: The rest. No way.', tone: 'unsure' },
    { text: '✗ 1 thing is not as it should be', tone: 'bad' },
  ])
})

it('shows the lines of a refusal below each other, none of which passes for one of its own', async () => {
  const is = 'It is theirs. Set:\n    adopt: true\n✓ All is well'
  const { lines } = await check({ ...QUIET, findings: [{ ...DRIFT.findings[0]!, is }] })
  expect(lines?.slice(2, 5)).toEqual([
    '    is      It is theirs. Set:',
    '                adopt: true',
    '            ✓ All is well',
  ])
})

it('does not say that all is well where nothing was seen', async () => {
  const { lines } = await check({ ...DRIFT, findings: [], sawNothing: true })
  expect(lines?.at(-1)).toEqual({ text: '✗ Nothing could be looked at', tone: 'bad' })
})

it('prints JSON for programs', async () => {
  const { lines = [] } = await check(DRIFT, { json: 'true' })
  expect(JSON.parse(lines.map(String).join('\n'))).toEqual({ drift: true, ...DRIFT })
})
