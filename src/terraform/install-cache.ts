import { randomUUID } from 'node:crypto'
import { mkdir, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { ReleaseProblem } from './release-problem'
import type { Platform } from './release-source'

/** One version of Terraform in the tool cache, where @actions/tool-cache has it too. */
export interface CacheEntry {
  readonly directory: string
  /** Path of the program, which need not exist. */
  readonly program: string
}

/** Where a version has its place: `<cache>/terraform/<version>/<arch>`, `arch` in Node's words. */
export function cacheEntry(cacheDirectory: string, version: string, { os, arch }: Platform): CacheEntry {
  const directory = path.join(cacheDirectory, 'terraform', version, arch)
  return { directory, program: path.join(directory, programName(os)) }
}

/** What Terraform's program is called in its archive and on disk. */
export function programName(os: string): string {
  return os === 'win32' ? 'terraform.exe' : 'terraform'
}

/**
 * Puts a program into the cache: beside its place first, and by one rename once `works` has accepted it. So
 * a half-written or unfit one is never found there, and of several jobs that install at once on one machine
 * the first wins and the others use what it put there. @actions/tool-cache instead empties the place and
 * copies into it, under the feet of a job that runs what is there.
 *
 * @param works throws where the program at that path is not fit to be kept
 */
export async function keep(
  entry: CacheEntry,
  content: Buffer,
  works: (program: string) => Promise<void>,
): Promise<void> {
  const staging = `${entry.directory}.${randomUUID()}`
  try {
    const program = path.join(staging, path.basename(entry.program))
    await mkdir(staging, { recursive: true })
    await writeFile(program, content, { mode: 0o755 })
    await works(program)
    await moveInto(entry, staging, works)
    // What @actions/tool-cache knows a complete tool by.
    await writeFile(`${entry.directory}.complete`, '')
  } catch (error) {
    await tidyUp(entry, staging)
    throw isSystemError(error)
      ? new ReleaseProblem(
          `it could not be put into the tool cache (${error.message})`,
          'Make that directory writable, or set RUNNER_TOOL_CACHE to one that is; or add a step with hashicorp/setup-terraform',
          { cause: error },
        )
      : error
  }
}

async function moveInto(
  entry: CacheEntry,
  staging: string,
  works: (program: string) => Promise<void>,
): Promise<void> {
  try {
    await rename(staging, entry.directory)
    return
  } catch (error) {
    // Linux and macOS say ENOTEMPTY or EEXIST where somebody was first, Windows EPERM.
    if (!isSystemError(error) || !['ENOTEMPTY', 'EEXIST', 'EPERM'].includes(error.code)) throw error
  }
  const isFit = await works(entry.program).then(
    () => true,
    () => false,
  )
  if (isFit) {
    await rm(staging, { recursive: true, force: true })
    return
  }
  const old = `${entry.directory}.${randomUUID()}`
  await rename(entry.directory, old)
  await rename(staging, entry.directory)
  await rm(old, { recursive: true, force: true })
}

/** Removes what was written, and the directories above it that are empty now. */
async function tidyUp({ directory }: CacheEntry, staging: string): Promise<void> {
  await rm(staging, { recursive: true, force: true })
  try {
    await rmdir(path.dirname(directory))
    await rmdir(path.dirname(path.dirname(directory)))
  } catch {
    // Others have something there.
  }
}

function isSystemError(error: unknown): error is Error & { code: string } {
  return error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string'
}
