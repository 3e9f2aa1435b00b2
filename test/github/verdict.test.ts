import type { Finding, Verdict } from '../../src/decide/findings'
import { verdictParts } from '../../src/github/verdict'
import { facts } from './samples'

const QUIET: Verdict = { findings: [], notChecked: [], notes: [] }
const FINDING: Finding = { what: 'It differs', where: 'there', is: 'this', should: 'that', fix: 'Do it.' }

it('the words above a verdict say no more than was seen', () => {
  const head = (verdict: Verdict): string | undefined => verdictParts(verdict, facts, (text) => text)[0]
  const notChecked = [{ what: 'AWS', why: 'No.', isWorld: true }] as const
  expect(head(QUIET)).toContain('holds')
  expect(head({ ...QUIET, notChecked })).toContain('was not wholly checked')
  expect(head({ ...QUIET, notChecked, sawNothing: true })).toContain('could not be looked at')
  expect(head({ ...QUIET, notChecked, findings: [FINDING] })).toContain('drifted')
})
