import * as core from '@actions/core'
import { plain } from '../reporting/plain'
import { annotationsOf, partsOf, shortMessage } from './failure-parts'

/**
 * Fails the step: an error annotation for each cause, in its own words and with a title, what exists now and
 * what to do in the log, and one short line at the end. Nothing is said twice.
 *
 * @param redact replaces secrets; the runner masks them too
 */
export function annotateFailure(error: unknown, redact: (text: string) => string = (text) => text): void {
  for (const { title, message } of annotationsOf(error)) {
    core.error(plain(redact(message)), { title: plain(redact(title)) })
  }
  const { exists, advice } = partsOf(error)
  if (exists.length > 0) {
    core.info(plain(redact(['What exists now:', ...exists.map((sentence) => `- ${sentence}`)].join('\n'))))
  }
  if (advice !== '') core.info(plain(redact(advice)))
  core.setFailed(shortMessage(error))
}
