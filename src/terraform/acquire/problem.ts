/** Why a release is not to be had or not to be trusted, and what a person can do about it. */
export class ReleaseProblem extends Error {
  /** One or more sentences without the last full stop. */
  public readonly fix: string

  constructor(message: string, fix: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ReleaseProblem'
    this.fix = fix
  }
}

/** The `code` of an error of Node's, e.g. `ENOENT`; empty where it has none. */
export function codeOf(error: unknown): string {
  const code: unknown =
    typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : ''
}

/** What an error says, without its class. */
export function messageOf(error: unknown): string {
  const message: unknown =
    typeof error === 'object' && error !== null && 'message' in error ? error.message : undefined
  return typeof message === 'string' ? message : String(error)
}
