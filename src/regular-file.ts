import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { access, lstat, open, rename, rm, writeFile } from 'node:fs/promises'

/** A file is not what a file of that name has to be. */
export class UnfitFile extends Error {}

/**
 * Reads a file that somebody else may have put where it is: a pull request, say. A symbolic link is not followed,
 * as it may lead to what its author could not read; nothing but a regular file is waited for; and no more is read
 * than such a file can have.
 *
 * @param maxBytes the most that it may have
 * @returns `undefined` where there is none
 * @throws UnfitFile saying what it is instead; Node's error where it cannot be read. Neither shows its content
 */
export async function readRegularFile(path: string, maxBytes: number): Promise<string | undefined> {
  // Windows lacks the last two, where they count as nothing.
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants
  const file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    if (code === 'ELOOP' || code === 'EMLINK') throw new UnfitFile('it is a symbolic link')
    // A socket, or a device without a driver.
    if (code === 'ENXIO') throw new UnfitFile('it is not a regular file')
    throw error
  })
  if (file === undefined) return undefined
  try {
    if (!(await file.stat()).isFile()) throw new UnfitFile('it is not a regular file')
    // Not what `stat` says: /proc has files of no size that never end.
    const { bytesRead, buffer } = await file.read(Buffer.alloc(maxBytes + 1), 0, maxBytes + 1, 0)
    if (bytesRead > maxBytes) throw new UnfitFile(`it has over ${maxBytes} bytes`)
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await file.close()
  }
}

/**
 * Writes a file where somebody else may have put a symbolic link, which is not followed. All of it or nothing is
 * written, whenever the process dies: what stood there may be known nowhere else.
 *
 * @throws UnfitFile where there is something else than a regular file; Node's error where it cannot be written
 */
export async function writeRegularFile(path: string, text: string): Promise<void> {
  const there = await lstat(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  })
  if (there?.isFile() === false) throw new UnfitFile(`${path} is not a regular file`)
  // A file that somebody made read-only is not to be replaced.
  if (there !== undefined) await access(path, constants.W_OK)
  const part = `${path}.${randomUUID()}.part`
  try {
    await writeFile(part, text, { flag: 'wx', ...(there && { mode: there.mode }) })
    await rename(part, path)
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
}
