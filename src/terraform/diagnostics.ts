import { PUBLIC_ACCESS_BLOCK_DENIED } from '../store/denied'
import type { Diagnostic } from './events'

/** What a person can do about an error of AWS's, by the text that the provider gives it. */
const WAYS_OUT: readonly (readonly [error: RegExp, way: string])[] = [
  [/PutPublicAccessBlock\b.*\bAccessDenied\b/s, PUBLIC_ACCESS_BLOCK_DENIED],
]

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
    const ways = WAYS_OUT.filter(([error]) => error.test(why)).map(([, way]) => `\n${way}`)
    super(`terraform ${command} failed.\n${why}${ways.join('')}`)
    this.name = 'TerraformError'
    this.command = command
    this.diagnostics = diagnostics
  }
}
