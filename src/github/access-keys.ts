import { code, link, text } from '../markdown/escape'
import { DAY } from '../decide/retirement'
import type { Outcome } from '../decide/outcome'
import type { Wait } from '../decide/steps'
import { day } from '../decide/words'

/** A workflow that runs on a schedule. */
const EXAMPLE = 'https://github.com/org/valohai-s3-action/blob/main/examples/rotate-key.yml'

/**
 * Which access key is current and how old, which one retires and when, and what waits for that, as a list.
 *
 * @returns an empty text where there is nothing to tell
 */
export function accessKeys({ keys: { current, retiring }, waits, aws }: Outcome, now: Date): string {
  const lines = [
    ...(current === undefined
      ? []
      : [
          `The current access key is ${code(current.id)}, made on ${day(current.created)} (${age(current.created, now)}).`,
        ]),
    ...retiring.map(
      ({ id, until, because }) =>
        `The access key ${code(id)} was replaced and retires on ${day(until)}; what it signed works until then.` +
        (because === undefined ? '' : ` It stays longer than its grace: ${text(because)}.`),
    ),
    ...waits.map(waitLine),
    ...([...retiring, ...waits].some(({ until }) => until !== undefined)
      ? [
          // Somebody else applies the Terraform.
          aws.directory === undefined
            ? `On or after that day, take its generation out of ${code('access_key_generations')} and apply.`
            : `It takes a run on or after that day: ${link('run on a schedule', EXAMPLE)}.`,
        ]
      : []),
  ]
  return lines.map((line) => `- ${line}`).join('\n')
}

function age(created: Date, now: Date): string {
  const days = Math.max(0, Math.floor((Number(now) - Number(created)) / DAY))
  return days === 1 ? '1 day old' : `${days} days old`
}

function waitLine({ what, key, until, isForRotation }: Wait): string {
  if (isForRotation === true)
    return `**Waits:** ${text(what)}, until the access key ${code(key)}, which people made, is replaced (${code('rotate-key')}, or ${code('max-key-age-days')}).`
  const end = until === undefined ? 'a person has deleted it' : day(until)
  return `**Waits:** ${text(what)}. IAM allows two access keys, and ${code(key)} stays until ${end}.`
}
