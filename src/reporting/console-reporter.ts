import { Redactor } from './redact'
import { formatDuration, type Reporter } from './reporter'

/** Progress on a terminal, or in the log of any pipeline: a line a step with its time. */
export class ConsoleReporter implements Reporter {
  readonly #redactor = new Redactor()
  readonly #write: (line: string) => void

  /** @param write prints one line */
  constructor(write: (line: string) => void) {
    this.#write = (line) => write(this.#redactor.redact(line))
  }

  public async step<T>(name: string, work: () => Promise<T>): Promise<T> {
    const begin = performance.now()
    this.#write(`▸ ${name}`)
    try {
      const result = await work()
      this.#write(`✓ ${name} (${formatDuration(performance.now() - begin)})`)
      return result
    } catch (error) {
      this.#write(`✗ ${name} (${formatDuration(performance.now() - begin)})`)
      throw error
    }
  }

  public info(message: string): void {
    this.#write(indent(message))
  }

  public warning(message: string): void {
    this.#write(indent(`Warning: ${message}`))
  }

  public mask(secret: string): void {
    this.#redactor.add(secret)
  }

  /** Prints a text as it is, besides the secrets. */
  public print(text: string): void {
    this.#write(text)
  }
}

function indent(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '    ')
}
