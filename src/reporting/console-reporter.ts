import { createColors } from 'picocolors'
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

  public warning(message: string): void {
    this.#console.write(this.#colors.yellow(indent(`Warning: ${this.#safe(message)}`)))
  }

  public mask(secret: string): void {
    this.#redactor.add(secret)
  }

  /** Prints a text as it is, besides secrets and control characters. */
  public print(text: string): void {
    this.#console.write(this.#safe(text))
  }

  /** In this order: a secret that holds a control character must still be known as one. */
  #safe(text: string): string {
    return withVisibleControls(this.#redactor.redact(text))
  }
}

function indent(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '    ')
}

/**
 * Shows control characters, and those that turn the direction of writing, instead of obeying them: what
 * Valohai or Terraform said must not move the cursor, rewrite a line or set the clipboard. They are not taken
 * out, since what is left could be read as something else, a secret included.
 */
function withVisibleControls(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replaceAll(/(?![\n\t])[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, (character) => {
      const code = character.charCodeAt(0)
      // The pictures of the characters below the blank follow each other, ␀ first.
      return code < 0x20 ? String.fromCharCode(0x2400 + code) : '\ufffd'
    })
}
