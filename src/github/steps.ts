import { text, table } from '../markdown/escape'
import { formatDuration } from '../reporting/reporter'

/** One step of a run, and how long it took. */
export interface StepTiming {
  readonly name: string
  readonly milliseconds: number
  readonly failed: boolean
}

const MOST_STEPS = 100

/** The time each step took, as a table; empty where no step ran. */
export function stepTable(steps: readonly StepTiming[]): string {
  if (steps.length === 0) return ''
  const total = steps.reduce((sum, { milliseconds }) => sum + milliseconds, 0)
  return table(
    ['Step', 'Time', ''],
    [
      ...steps
        .slice(0, MOST_STEPS)
        .map(({ name, milliseconds, failed }) => [
          text(name),
          formatDuration(milliseconds),
          failed ? '❌' : '✓',
        ]),
      ['**Together**', `**${formatDuration(total)}**`, ''],
    ],
  )
}
