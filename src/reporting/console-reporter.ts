import { createColors } from 'picocolors'
import { plain, plainLine } from './plain'
import { Redactor } from './redact'
import { formatDuration, type Reporter } from './reporter'

/** Where a `ConsoleReporter` prints. */
export interface Console {
  /** Prints one line. */
  readonly write: (line: string) => void
  /** Whether colors are wanted, from `wantsColor`. @default false */
  readonly color?: boolean
}

/**
 * Whether colors are wanted: never with `NO_COLOR` (no-color.org), always with `FORCE_COLOR` (but for 0),
 * else on a terminal that has them.
 */
export function wantsColor(
  environment: Readonly<Record<string, string | undefined>>,
  isTerminal: boolean,
): boolean {
  const { NO_COLOR = '', FORCE_COLOR = '', TERM } = environment
  if (NO_COLOR !== '') return false
  if (FORCE_COLOR !== '') return FORCE_COLOR !== '0'
  return isTerminal && TERM !== 'dumb'
}

/** Progress on a terminal, or in the log of any pipeline: a line a step with its time. */
export class ConsoleReporter implements Reporter {
  readonly #redactor = new Redactor()
  readonly #console: Console
  readonly #colors: ReturnType<typeof createColors>

  constructor(console: Console) {
    this.#console = console
    this.#colors = createColors(console.color ?? false)
  }

  public async step<T>(name: string, work: () => Promise<T>): Promise<T> {
    const { bold, dim, green, red } = this.#colors
    const begin = performance.now()
    const time = (): string => dim(`(${formatDuration(performance.now() - begin)})`)
    const safe = this.#safe(name)
    this.#console.write(bold(`▸ ${safe}`))
    try {
      const result = await work()
      this.#console.write(`${green('✓')} ${safe} ${time()}`)
      return result
    } catch (error) {
      this.#console.write(`${red('✗')} ${safe} ${time()}`)
      throw error
    }
  }

  public info(message: string): void {
    this.#console.write(this.#colors.dim(indent(this.#safe(message))))
  }

  public debug(message: string): void {
    this.info(message)
  }

  public warning(message: string): void {
    this.#console.write(this.#colors.yellow(indent(`Warning: ${this.#safe(message)}`)))
  }

  public mask(secret: string): void {
    this.#redactor.add(secret)
  }

  /** Prints a text as it is, besides secrets and what would be obeyed. */
  public print(text: string): void {
    this.#console.write(this.#safe(text))
  }

  /** A text as one line of what is printed elsewhere, without secrets and what would be obeyed. */
  public line(text: string): string {
    return plainLine(this.#redactor.redact(text))
  }

  /** In this order: a secret that holds a control character must still be known as one. */
  #safe(text: string): string {
    return plain(this.#redactor.redact(text))
  }
}

function indent(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '    ')
}
