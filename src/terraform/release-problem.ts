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
