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

  constructor({ step, cause, exists }: FailureReport) {
    const why = cause instanceof Error ? cause.message : String(cause)
    super(
      [
        `${step}: failed.`,
        why,
        '',
        exists.length === 0
          ? 'Nothing was made or changed.'
          : `What exists now:\n${exists.map((line) => `- ${line}`).join('\n')}`,
        'Nothing is removed to tidy up. Run it again once the cause is mended: it goes on from here.',
      ].join('\n'),
      { cause },
    )
    this.name = 'RunFailed'
    this.step = step
  }
}
