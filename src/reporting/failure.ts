/** What a failed run leaves its reader with. */
export interface FailureReport {
  /** The step that failed. */
  readonly step: string
  readonly cause: unknown
  /** What exists by now because of this run or an earlier one, one sentence each. */
  readonly exists: readonly string[]
}

/** A run that ended before its end: which step, why, what exists now, what to do. */
export class RunFailed extends Error {
  public readonly step: string
  /** The cause in its own words. */
  public readonly why: string
  public readonly exists: readonly string[]
  /** What a person can know or do now. */
  public readonly advice: string

  constructor({ step, cause, exists }: FailureReport) {
    const why = cause instanceof Error ? cause.message : String(cause)
    const nothing = 'Nothing was made or changed.'
    const advice = 'No data is deleted. Run it again once the cause is repaired: it goes on from here.'
    const list = exists.map((line) => `- ${line}`).join('\n')
    super(
      [`${step}: failed.`, why, '', list === '' ? nothing : `What exists now:\n${list}`, advice].join('\n'),
      {
        cause,
      },
    )
    this.name = 'RunFailed'
    this.step = step
    this.why = why
    this.exists = exists
    this.advice = list === '' ? `${nothing} ${advice}` : advice
  }
}
