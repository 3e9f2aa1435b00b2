import { createHash } from 'node:crypto'
import type { Dirent } from 'node:fs'
import { mkdir, readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import type { Files } from '../infra/synthesize'
import { readRegularFile, UnfitFile, writeRegularFile } from '../regular-file'

/** What was written to a directory. */
export interface Written {
  /** Names of the files, in the order they were given. */
  readonly written: readonly string[]
  /** Files of an earlier time that belong there no longer, and that nobody had edited. */
  readonly removed: readonly string[]
}

/** Lists the files that were written and their hashes, to tell them from a person's, and edits from none. */
const MANIFEST = '.valohai-s3-files.json'

/** What Terraform itself leaves in a directory that it works in: of a state or a plan, */
const OF_A_STATE = /^(\.terraform\.tfstate\.lock\.info|.*\.tfstate(\..*)?|.*\.tfplan)$/
/** and what it takes its provider from, and which one. */
const OF_INIT = /^\.terraform(\.lock\.hcl)?$/

/** Far over what is written here. */
const MOST_BYTES = 10_000_000

/** How files are written. */
export interface WriteOptions {
  /** Overwrites edited files, and writes beside those of others; removes nothing but its own. @default false */
  readonly force?: boolean
  /** Other files that were written earlier stay. @default false */
  readonly partial?: boolean
  /**
   * Whether this is a run's, which never leaves what `init` does: what is there is somebody else's, and who
   * goes on in that directory would run their provider. @default false
   */
  readonly isOfRun?: boolean
}

/**
 * Writes files to a directory, which is made where it is missing. A person's work is never overwritten: where
 * the directory holds files that were not written here, or that were edited since, nothing is written.
 * Nor is a symbolic link followed: who put it there may mean another file to be overwritten.
 *
 * @throws naming the files that are in the way
 */
export async function writeFiles(
  directory: string,
  files: Files,
  { force = false, partial = false, isOfRun = false }: WriteOptions = {},
): Promise<Written> {
  const known = await readManifest(directory)
  const present = await listFiles(directory)
  const changed: string[] = []
  for (const [name, hash] of Object.entries(known)) {
    if (present.includes(name) && (await hashOfFile(path.join(directory, name))) !== hash) changed.push(name)
  }
  const isOurs = (name: string): boolean => known[name] !== undefined && !changed.includes(name)
  // A person works with what was exported: the lock file that `init` wrote, or wrote on, is theirs from then on.
  const ofInit = isOfRun ? [] : present.filter((name) => OF_INIT.test(name) && !isOurs(name))
  const others = (names: readonly string[]): string[] => names.filter((name) => !ofInit.includes(name))
  const edited = others(changed)
  if (!force) refuse(directory, others(present.filter((name) => known[name] === undefined)), edited)

  const written = others([...files.keys()])
  for (const name of written) {
    const file = path.join(directory, name)
    await mkdir(path.dirname(file), { recursive: true })
    await writeRegularFile(file, files.get(name) ?? '')
  }
  const stale = partial
    ? []
    : Object.keys(known).filter((name) => !files.has(name) && present.includes(name) && isOurs(name))
  for (const name of stale) await rm(path.join(directory, name))

  const kept = partial ? known : {}
  const hashes = {
    ...kept,
    ...Object.fromEntries(written.map((name) => [name, hashOf(files.get(name) ?? '')])),
  }
  await writeRegularFile(path.join(directory, MANIFEST), `${JSON.stringify(hashes, null, 2)}\n`)
  return { written, removed: stale }
}

function refuse(directory: string, foreign: readonly string[], edited: readonly string[]): void {
  if (foreign.length + edited.length === 0) return
  const lines = [
    ...edited.map((name) => `- ${name} was edited since it was written`),
    ...foreign.map((name) => `- ${name} was not written by valohai-s3`),
  ]
  throw new Error(
    `Nothing was written to ${directory}:\n${lines.join('\n')}\nGive another \`output-dir\`, or move these files away; on the command line, --force overwrites them.`,
  )
}

async function readManifest(directory: string): Promise<Record<string, string>> {
  try {
    const text = await readRegularFile(path.join(directory, MANIFEST), MOST_BYTES)
    return JSON.parse(text ?? '{}') as Record<string, string>
  } catch {
    // No JSON, or no file: then nothing there counts as ours.
    return {}
  }
}

/** Paths of the files below the directory, with `/`; without the manifest, states and plans. */
async function listFiles(directory: string, below = ''): Promise<string[]> {
  const found: string[] = []
  for (const entry of await entriesOf(path.join(directory, below))) {
    if (entry.name === MANIFEST || OF_A_STATE.test(entry.name)) continue
    const name = path.posix.join(below, entry.name)
    // What `init` left is one thing, of many files.
    const isToBeEntered = entry.isDirectory() && !OF_INIT.test(entry.name)
    found.push(...(isToBeEntered ? await listFiles(directory, name) : [name]))
  }
  return found.sort()
}

async function entriesOf(directory: string): Promise<Dirent[]> {
  try {
    return await readdir(directory, { withFileTypes: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** `undefined` where it is something else than a file. */
async function hashOfFile(file: string): Promise<string | undefined> {
  try {
    return hashOf((await readRegularFile(file, MOST_BYTES)) ?? '')
  } catch (error) {
    if (error instanceof UnfitFile) return undefined
    throw error
  }
}

function hashOf(content: string): string {
  return createHash('sha256').update(content).digest('hex')
}
