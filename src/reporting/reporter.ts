/** Where a run's progress goes: the Action's log, a terminal, or a list in a test. */
export interface Reporter {
  /**
   * Runs `work` as one named step: says that it begins, and how long it took when it ends.
   * What `work` reports meanwhile belongs to the step. Rethrows what `work` throws.
   */
  step<T>(name: string, work: () => Promise<T>): Promise<T>
  /** One line of progress inside a step. */
  info(message: string): void
  /** One line for who looks for a fault: what Terraform logs where `TF_LOG` is set. */
  debug(message: string): void
  /** Something the person should know that does not stop the run. */
  warning(message: string): void
  /** Registers a secret: from here on it is replaced by `***` in everything that is printed. */
  mask(secret: string): void
}

/** A duration as a person reads it: `0.4 s`, `12.3 s`, `2 min 5 s`. */
export function formatDuration(milliseconds: number): string {
  const seconds = milliseconds / 1000
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  return `${Math.floor(whole / 60)} min ${whole % 60} s`
}
