import { RunFailed } from './failure'
import type { Reporter } from './reporter'

/** Which step a run is at, and what it has made so far: what the reader of a failure needs to know. */
export class Progress {
  readonly #reporter: Reporter
  readonly #signal: AbortSignal
  readonly #exists: string[] = []
  /** What Terraform manages: as the state told last, and what was made since. */
  #infrastructure: string[] = []

  constructor(reporter: Reporter, signal: AbortSignal) {
    this.#reporter = reporter
    this.#signal = signal
  }

  /** Notes that something exists by now, in a sentence of its own. */
  public exists(what: string): void {
    if (!this.#exists.includes(what)) this.#exists.push(what)
  }

  /** Notes what Terraform's state holds, in place of what was noted of it before. */
  public describe(infrastructure: readonly string[]): void {
    this.#infrastructure = [...infrastructure]
  }

  /** Notes a resource that Terraform made and the state's outputs do not tell of yet. */
  public made(what: string): void {
    this.#infrastructure.push(what)
  }

  /**
   * Runs one step.
   *
   * @throws RunFailed where the step fails, or the run was cancelled before it began
   */
  public async step<T>(name: string, work: () => Promise<T>): Promise<T> {
    try {
      return await this.#reporter.step(name, async () => {
        if (this.#signal.aborted) throw new Error('The run was cancelled before this step.')
        return await work()
      })
    } catch (cause) {
      const reason = this.#signal.aborted && cause instanceof Error ? cancelled(cause) : cause
      throw new RunFailed({ step: name, cause: reason, exists: [...this.#exists, ...this.#infrastructure] })
    }
  }
}

function cancelled(cause: Error): Error {
  return cause.message.includes('cancelled')
    ? cause
    : new Error(`The run was cancelled. ${cause.message}`, { cause })
}
