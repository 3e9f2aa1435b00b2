import { InvalidInput } from '../config'
import { RunFailed } from '../reporting/failure'
import { TerraformError, formatDiagnostic } from '../terraform/diagnostics'
import { ValohaiError } from '../valohai'

/** One annotation: what failed as a title, and the cause in its own words. */
export interface Annotation {
  readonly title: string
  readonly message: string
}

/** A failure, taken apart for its readers. */
export interface FailureParts {
  /** The step that failed; `undefined` where no step had begun. */
  readonly step: string | undefined
  /** Why: the cause in its own words, whole. */
  readonly why: string
  /** What exists by now, one sentence each. */
  readonly exists: readonly string[]
  /** What a person can know or do now; empty where the cause says it all. */
  readonly advice: string
}

/** GitHub shows ten errors of a step; the last is that the step failed. */
const MOST_ANNOTATIONS = 8

/** Takes a failure apart. */
export function partsOf(error: unknown): FailureParts {
  if (!(error instanceof RunFailed)) {
    return { step: undefined, why: messageOf(error), exists: [], advice: '' }
  }
  const { step, why, exists, advice } = error
  return { step, why, exists, advice }
}

/** The annotations of a failure: one for each error of Terraform's, one for everything else. */
export function annotationsOf(error: unknown): readonly Annotation[] {
  if (error instanceof InvalidInput) {
    const count = error.problems.length === 1 ? '1 problem' : `${error.problems.length} problems`
    return [{ title: `Invalid input: ${count}`, message: afterFirstLine(error.message) }]
  }
  if (!(error instanceof RunFailed)) return [{ title: 'Failed', message: messageOf(error) }]

  const { step, cause } = error
  const cancelled = messageOf(cause).startsWith('The run was cancelled')
  if (cancelled) return [{ title: `Cancelled at "${step}"`, message: messageOf(cause) }]
  if (cause instanceof TerraformError) return ofTerraform(cause)
  if (cause instanceof ValohaiError) {
    const answer = cause.status === undefined ? '' : `, HTTP ${cause.status}`
    return [{ title: `${step} failed: Valohai${answer}`, message: cause.message }]
  }
  return [{ title: `${step} failed`, message: messageOf(cause) }]
}

/** The last line of a failed run: what failed, and where the rest is. */
export function shortMessage(error: unknown): string {
  if (error instanceof InvalidInput) return 'Invalid input. Nothing was changed.'
  if (!(error instanceof RunFailed)) return 'The run failed.'
  return `"${error.step}" failed. What exists now, and what to do, is in the log and the job summary.`
}

function ofTerraform(error: TerraformError): readonly Annotation[] {
  const failed = `terraform ${error.command} failed`
  const errors = error.diagnostics.filter(({ severity }) => severity === 'error')
  if (errors.length === 0) return [{ title: failed, message: afterFirstLine(error.message) }]
  const titled = errors.map((diagnostic) => ({
    title: `${failed}: ${diagnostic.address ?? diagnostic.summary}`,
    message: formatDiagnostic(diagnostic),
  }))
  const rest = titled.slice(MOST_ANNOTATIONS - 1)
  if (rest.length <= 1) return titled
  const together = {
    title: `${failed}: ${rest.length} more`,
    message: rest.map(({ message }) => message).join('\n'),
  }
  return [...titled.slice(0, MOST_ANNOTATIONS - 1), together]
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function afterFirstLine(message: string): string {
  const at = message.indexOf('\n')
  return at < 0 ? message : message.slice(at + 1)
}
