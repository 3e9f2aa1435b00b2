import type { Invocation } from '../config'
import type { Finding, Verdict } from '../decide/findings'
import { checkForReal } from '../run/real-world'
import type { Door, Line, Result } from './command'

/** Tells whether everything still holds. */
export async function run({ request, inputs }: Invocation, door: Door): Promise<Result> {
  const asked = { ...request, wish: 'apply', writes: false } as const
  const verdict = await checkForReal(asked, door.surroundings())
  const { findings, sawNothing = false } = verdict
  const drift = findings.length > 0
  const fails = drift && inputs['fail-on-drift']
  return {
    outputs: {
      drift: String(drift),
      findings: JSON.stringify(findings),
      bucket: request.store.bucketName,
      region: request.store.region,
    },
    lines: inputs.json ? JSON.stringify({ drift, ...verdict }, null, 2).split('\n') : linesOf(verdict),
    // Whoever waits for drift must not take a check that sees nothing for a quiet one.
    exitCode: sawNothing ? 1 : fails ? 2 : 0,
    failure: sawNothing
      ? `${NOTHING_SEEN}. Why is in the log and the job summary.`
      : fails
        ? `${countOf(verdict)}. They are in the log and the job summary.`
        : undefined,
    report: (report) => report.checked(request, verdict),
  }
}

const NOTHING_SEEN = 'Nothing could be looked at'

const countOf = ({ findings: { length } }: Verdict): string =>
  length === 1 ? '1 thing is not as it should be' : `${length} things are not as they should be`

/** The verdict as a table of a terminal: a line for each thing, and below a finding what is, should be, and the fix. */
function linesOf(verdict: Verdict): Line[] {
  const { findings, notChecked, notes } = verdict
  return [
    ...findings.flatMap(rowsOf),
    ...notChecked.flatMap(({ what, why }) =>
      linesFrom(`? Not checked: ${what}. ${why}`, 2).map((text): Line => ({ text, tone: 'unsure' })),
    ),
    ...notes.map((note): Line => ({ text: `- ${note}`, tone: 'quiet' })),
    headOf(verdict),
  ]
}

function headOf(verdict: Verdict): Line {
  if (verdict.sawNothing === true) return { text: `✗ ${NOTHING_SEEN}`, tone: 'bad' }
  return verdict.findings.length > 0
    ? { text: `✗ ${countOf(verdict)}`, tone: 'bad' }
    : { text: '✓ All that was checked is as it should be', tone: 'good' }
}

function rowsOf({ what, where, is, should, fix }: Finding): Line[] {
  const rows = { where, is, should, fix }
  return [
    { text: `✗ ${what}`, tone: 'bad' },
    ...Object.entries(rows).flatMap(([name, value]) => linesFrom(`    ${name.padEnd(6)}  ${value}`, 12)),
  ]
}

/** A refusal has several lines; those after the first stand below it, indented, so that none passes for ours. */
function linesFrom(text: string, indent: number): string[] {
  return text.split('\n').map((line, index) => (index === 0 ? line : ' '.repeat(indent) + line))
}
