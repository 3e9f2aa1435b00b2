import { mkdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { readRegularFile, writeRegularFile } from '../../regular-file'

/** A program's version, and the file that it was the version of. */
interface Known {
  readonly modified: number
  readonly size: number
  readonly version: string
}

/** Far more programs than a machine has. */
const MOST_BYTES = 1_000_000

/**
 * Versions of programs, remembered by path and time of change: asking Terraform for its version takes as long
 * as a tenth of a run that changes nothing.
 */
export class VersionMemory {
  readonly #file: string

  /** @param directory where they are kept; one that cannot be written remembers nothing */
  constructor(directory: string) {
    this.#file = path.join(directory, 'terraform-versions.json')
  }

  /**
   * The version of a program.
   *
   * @param ask learns it from the program itself
   * @throws what `ask` throws, and where the program is missing
   */
  public async versionOf(program: string, ask: () => Promise<string>): Promise<string> {
    const { mtimeMs: modified, size } = await stat(program)
    const all = await this.#read()
    const known = all[program]
    if (known?.modified === modified && known.size === size) return known.version
    const version = await ask()
    await this.#write({ ...all, [program]: { modified, size, version } })
    return version
  }

  async #read(): Promise<Readonly<Record<string, Known>>> {
    try {
      return JSON.parse((await readRegularFile(this.#file, MOST_BYTES)) ?? '{}') as Record<string, Known>
    } catch {
      // Half written by another run, or something else: asked again.
      return {}
    }
  }

  async #write(all: Readonly<Record<string, Known>>): Promise<void> {
    try {
      await mkdir(path.dirname(this.#file), { recursive: true })
      await writeRegularFile(this.#file, `${JSON.stringify(all, null, 2)}\n`)
    } catch {
      // Asked again next time.
    }
  }
}
