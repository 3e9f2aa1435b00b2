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

/**
 * Warnings with nothing to act upon: of a provider mirror and a lock file that lives as long as the run, of a
 * first stage that the rest follows in the same run, and of what is forgotten, which the plan's own lines say.
 */
const NOISE = [
  'Incomplete lock file information for providers',
  'Resource targeting is in effect',
  'Applied changes may be incomplete',
  'Some objects will no longer be managed by Terraform',
]

/** Whether a warning says nothing that a person could act upon. */
export function isNoise({ summary }: Diagnostic): boolean {
  return NOISE.includes(summary)
}

/** Whether something that was to be made was there already: another hand was faster, or an answer was lost. */
export function saysAlreadyThere(error: unknown): boolean {
  return error instanceof Error && /\b(EntityAlreadyExists|BucketAlreadyOwnedByYou)\b/.test(error.message)
}

/** Whether Terraform did not get its lock on the state. */
export function saysLocked(error: unknown): boolean {
  return (
    error instanceof TerraformError &&
    error.diagnostics.some(({ summary }) => summary === 'Error acquiring the state lock')
  )
}

/** How Terraform says that it did all it had to, and could not write its state. */
const UNSAVED = ['Failed to save state', 'Failed to persist state to backend']

/** Whether nothing but the writing of the state failed. */
export function saysUnsavedAlone(error: unknown): boolean {
  if (!(error instanceof TerraformError)) return false
  const errors = error.diagnostics.filter(({ severity }) => severity === 'error')
  return errors.length > 0 && errors.every(({ summary }) => UNSAVED.includes(summary))
}

/** Terraform's and OpenTofu's words for a provider that cannot be had. */
const NO_PROVIDER =
  /^Failed to (query available provider packages|resolve provider packages|install provider)/

const MIRROR =
  'Terraform gets its AWS provider from its registry, through the proxy of HTTPS_PROXY where there is one. ' +
  'Where the registry is out of reach, let TF_CLI_CONFIG_FILE name a file with a provider_installation block that has ' +
  'a mirror (network_mirror or filesystem_mirror), and see that the mirror has the version of aws-provider-version.'

function isAboutProvider({ summary }: Diagnostic): boolean {
  return NO_PROVIDER.test(summary)
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
    const advice = errors.some(isAboutProvider) ? `\n${MIRROR}` : ''
    super(`terraform ${command} failed.\n${why}${ways.join('')}${advice}`)
    this.name = 'TerraformError'
    this.command = command
    this.diagnostics = diagnostics
  }
}
