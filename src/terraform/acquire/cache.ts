import { randomUUID } from 'node:crypto'
import { mkdir, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { codeOf, messageOf, ReleaseProblem } from './problem'
import type { Platform } from './source'

/** One version of Terraform in the tool cache, where @actions/tool-cache has it too. */
export interface CacheEntry {
  readonly directory: string
  /** Path of the program, which need not exist. */
  readonly program: string
}

/** How often a place that turns out to be taken is tried. */
const ATTEMPTS = 5
/** What a rename onto a directory that is not empty ends with: on Linux and macOS, and on Windows. */
const TAKEN = ['ENOTEMPTY', 'EEXIST', 'EPERM']

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
    await removeStaging(entry, staging)
    throw /^E[A-Z]+$/.test(codeOf(error))
      ? new ReleaseProblem(
          `it could not be put into the tool cache (${messageOf(error)})`,
          'Make that directory writable, or set RUNNER_TOOL_CACHE to one that is; or add a step with hashicorp/setup-terraform',
          { cause: error },
        )
      : error
  }
}

async function moveInto(
  { directory, program }: CacheEntry,
  staging: string,
  works: (program: string) => Promise<void>,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await rename(staging, directory)
      return
    } catch (error) {
      if (attempt === ATTEMPTS || !TAKEN.includes(codeOf(error))) throw error
    }
    const isFit = await works(program).then(
      () => true,
      () => false,
    )
    if (isFit) {
      await rm(staging, { recursive: true, force: true })
      return
    }
    await discard(directory)
  }
}

/** Removes a directory in one step for everybody who looks at its place; another job may be doing the same. */
async function discard(directory: string): Promise<void> {
  const aside = `${directory}.${randomUUID()}`
  try {
    await rename(directory, aside)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return
    throw error
  }
  await rm(aside, { recursive: true, force: true })
}

/** Removes what was written, and the directories above it that are empty now. */
async function removeStaging({ directory }: CacheEntry, staging: string): Promise<void> {
  try {
    await rm(staging, { recursive: true, force: true })
    await rmdir(path.dirname(directory))
    await rmdir(path.dirname(path.dirname(directory)))
  } catch {
    // Others have something there, or it cannot be written at all.
  }
}
