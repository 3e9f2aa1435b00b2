import * as core from '@actions/core'
import { formatDuration, type Reporter } from '../reporter'

/** Progress in a workflow's log: a group a step, and below it a line with its time. */
export class ActionReporter implements Reporter {
  public async step<T>(name: string, work: () => Promise<T>): Promise<T> {
    const begin = performance.now()
    core.startGroup(name)
    try {
      const result = await work()
      core.endGroup()
      core.info(`✓ ${name} (${formatDuration(performance.now() - begin)})`)
      return result
    } catch (error) {
      core.endGroup()
      core.info(`✗ ${name} (${formatDuration(performance.now() - begin)})`)
      throw error
    }
  }

  public info(message: string): void {
    core.info(message)
  }

  public warning(message: string): void {
    core.warning(message)
  }

  public mask(secret: string): void {
    core.setSecret(secret)
  }
}
