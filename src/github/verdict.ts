import type { Verdict } from '../decide/findings'
import { code, table, text } from '../markdown/escape'
import type { Facts } from './facts'

/** More findings than this are no help to a reader, and could fill an issue. */
const MOST_ROWS = 60

/** What a check found, in the parts of a summary or an issue, in Markdown. */
export function verdictParts(
  { findings, notChecked, notes, sawNothing }: Verdict,
  { bucket, project }: Pick<Facts, 'bucket' | 'project'>,
  redact: (text: string) => string,
): readonly string[] {
  const store = `S3 bucket ${code(bucket)}${project === undefined ? '' : ` for Valohai project ${code(project)}`}`
  const line = (value: string): string => text(redact(value))
  const rows = findings
    .slice(0, MOST_ROWS)
    .map(({ what, where, is, should, fix }) => [
      line(what),
      code(redact(where)),
      code(redact(is)),
      code(redact(should)),
      line(fix),
    ])
  const list = (title: string, lines: readonly string[]): string =>
    lines.length === 0 ? '' : `#### ${title}\n\n${lines.map((one) => `- ${one}`).join('\n')}`
  const isPartly = notChecked.some(({ isWorld }) => isWorld)
  return [
    sawNothing === true
      ? `### ❌ ${store} could not be looked at`
      : findings.length > 0
        ? `### ⚠️ ${store} drifted`
        : isPartly
          ? `### ❔ ${store} was not wholly checked`
          : `### ✅ ${store} holds`,
    table(['What', 'Where', 'Is', 'Should be', 'Fix'], rows),
    findings.length > MOST_ROWS ? `And ${findings.length - MOST_ROWS} more, in the log.` : '',
    list(
      'Not checked',
      notChecked.map(({ what, why }) => `${line(what)}: ${line(why)}`),
    ),
    list('For your information', notes.map(line)),
  ]
}
