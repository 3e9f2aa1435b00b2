import { RunFailed } from './failure'
import type { Reporter } from './reporter'

/** Which step a run is at, and what it has made so far: what the reader of a failure needs to know. */
export class Progress {
  readonly #reporter: Reporter
  readonly #signal: AbortSignal
  readonly #exists: string[] = []
  #step = 'Begin'
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

  /** Notes that something of Terraform's is gone, by a part of its sentence. */
  public gone(what: string): void {
    this.#infrastructure = this.#infrastructure.filter((sentence) => !sentence.includes(what))
  }

  /** Notes a resource that Terraform made and the state's outputs do not tell of yet. */
  public made(what: string): void {
    this.#infrastructure.push(what)
  }

  /** Runs one step. Rethrows what it throws; where the run was cancelled before, it does not begin. */
  public async step<T>(name: string, work: () => Promise<T>): Promise<T> {
    this.#step = name
    return this.#reporter.step(name, async () => {
      if (this.#signal.aborted) throw new Error('The run was cancelled before this step.')
      return work()
    })
  }

  /** What a run that ends with `cause` leaves its reader with: the step it was at, and what exists by now. */
  public failure(cause: unknown): RunFailed {
    const reason = this.#signal.aborted && cause instanceof Error ? cancelled(cause) : cause
    return new RunFailed({
      step: this.#step,
      cause: reason,
      exists: [...this.#exists, ...this.#infrastructure],
    })
  }
}

function cancelled(cause: Error): Error {
  return cause.message.includes('cancelled')
    ? cause
    : new Error(`The run was cancelled. ${cause.message}`, { cause })
}
