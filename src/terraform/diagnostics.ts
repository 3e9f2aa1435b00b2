import type { Diagnostic } from './events'

/** A diagnostic as a person reads it: the resource, what went wrong, the provider's own detail indented below. */
export function formatDiagnostic({ address, summary, detail }: Diagnostic): string {
  const head = address === undefined ? summary : `${address}: ${summary}`
  const body = detail.trim()
  return body === '' ? head : `${head}\n${body.replaceAll(/^(?=.)/gm, '  ')}`
}

/** Whether something that was to be made was there already: another hand was faster, or an answer was lost. */
export function saysAlreadyThere(error: unknown): boolean {
  return error instanceof Error && /\b(EntityAlreadyExists|BucketAlreadyOwnedByYou)\b/.test(error.message)
}

/** How Terraform says that it did all it had to, and could not write its state. */
const UNSAVED = ['Failed to save state', 'Failed to persist state to backend']

/** Whether nothing but the writing of the state failed. */
export function saysUnsavedAlone(error: unknown): boolean {
  if (!(error instanceof TerraformError)) return false
  const errors = error.diagnostics.filter(({ severity }) => severity === 'error')
  return errors.length > 0 && errors.every(({ summary }) => UNSAVED.includes(summary))
}

/** A Terraform command that failed. Its message holds every error that Terraform gave. */
export class TerraformError extends Error {
  public readonly command: string
  public readonly diagnostics: readonly Diagnostic[]

  /**
   * @param command the Terraform command, e.g. `plan`
   * @param diagnostics what the event stream told
   * @param stderr what is shown where the stream told nothing
   */
  constructor(command: string, diagnostics: readonly Diagnostic[], stderr: string, exitCode: number) {
    const errors = diagnostics.filter(({ severity }) => severity === 'error')
    const why =
      errors.length > 0
        ? errors.map(formatDiagnostic).join('\n')
        : stderr.trim() || `It ended with exit code ${exitCode} and said nothing.`
    super(`terraform ${command} failed.\n${why}`)
    this.name = 'TerraformError'
    this.command = command
    this.diagnostics = diagnostics
  }
}
