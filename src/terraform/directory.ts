import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Files } from '../infra/synthesize'

/** Writes files into a directory, which is made where it is missing, readable by its owner alone. */
export async function writeFiles(directory: string, files: Files): Promise<void> {
  for (const [name, text] of files) {
    const file = path.join(directory, name)
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
    await writeFile(file, text, { mode: 0o600 })
  }
}
