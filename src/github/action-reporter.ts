import * as core from '@actions/core'
import { plain } from '../reporting/plain'
import { Redactor } from '../reporting/redact'
import { formatDuration, type Reporter } from '../reporting/reporter'
import type { StepTiming } from './steps'

/**
 * Progress in a workflow's log: a group a step, and below it a line with its time. The warnings of a step
 * become one annotation at its end.
 */
export class ActionReporter implements Reporter {
  readonly #redactor = new Redactor()
  readonly #steps: StepTiming[] = []
  readonly #warnings: string[] = []
  #pending: string[] = []
  #running: string[] = []

  /** The steps that have ended, in the order they did. */
  public get steps(): readonly StepTiming[] {
    return this.#steps
  }

  /** All warnings so far, none of them twice. */
  public get warnings(): readonly string[] {
    return this.#warnings
  }

  public async step<T>(name: string, work: () => Promise<T>): Promise<T> {
    this.flush()
    const begin = performance.now()
    this.#running.push(name)
    core.startGroup(name)
    let failed = true
    try {
      const result = await work()
      failed = false
      return result
    } finally {
      const milliseconds = performance.now() - begin
      core.endGroup()
      core.info(`${failed ? '✗' : '✓'} ${name} (${formatDuration(milliseconds)})`)
      this.#steps.push({ name, milliseconds, failed })
      this.flush()
      this.#running.pop()
    }
  }

  public info(message: string): void {
    core.info(plain(message))
  }

  public debug(message: string): void {
    core.debug(plain(message))
  }

  public warning(message: string): void {
    if (this.#warnings.includes(message)) return
    this.#warnings.push(message)
    this.#pending.push(message)
  }

  public mask(secret: string): void {
    if (secret !== '') core.setSecret(secret)
    this.#redactor.add(secret)
  }

  /** `text` without the secrets, for what the runner does not mask: comments and summaries. */
  public redact(text: string): string {
    return this.#redactor.redact(text)
  }

  /** A long text that is shown folded. */
  public group(title: string, text: string): void {
    core.startGroup(title)
    core.info(plain(text))
    core.endGroup()
  }

  /** Emits the warnings that are waiting, as one annotation. A step does so itself; a run does at its end. */
  public flush(): void {
    const warnings = this.#pending
    if (warnings.length === 0) return
    this.#pending = []
    const where = this.#running.at(-1)
    const title = warnings.length === 1 ? 'Warning' : `${warnings.length} warnings`
    core.warning(plain(this.redact(warnings.join('\n'))), {
      title: where === undefined ? title : `${where}: ${title.toLowerCase()}`,
    })
  }
}
