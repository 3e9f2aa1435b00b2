/** How an entry of Terraform's log begins, as text and as JSON (`TF_LOG=json`). */
const ENTRY = /^(\d{4}-\d\d-\d\dT\S+ \[(TRACE|DEBUG|INFO|WARN|ERROR)\s*\]|\{"@level":)/

/**
 * Tells the log of Terraform and its provider (`TF_LOG`) from what else Terraform writes to stderr, line by line:
 * what an entry has besides its first line is indented.
 */
export class LogLines {
  #isInEntry = false

  /** Whether the next line is one of the log. */
  public has(line: string): boolean {
    this.#isInEntry = ENTRY.test(line) || (this.#isInEntry && /^\s/.test(line))
    return this.#isInEntry
  }
}
