import { createHash } from 'node:crypto'
import type { Dirent } from 'node:fs'
import { mkdir, readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { type Files, VALUES_FILE } from '../infra/synthesize'
import { GITIGNORE } from './gitignore'
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

/** Once it is there it is a person's too, and goes with no other layout: what stands in it is known nowhere else. */
const STAYS: readonly string[] = [VALUES_FILE, GITIGNORE]

/** What a run does not write: a folder that has it was exported, for people to apply. */
const ONLY_EXPORTED = 'README.md'

/** What Terraform itself leaves in a directory that it works in: of a state or a plan, */
const OF_A_STATE = /^(\.terraform\.tfstate\.lock\.info|.*\.tfstate(\..*)?|.*\.tfplan)$/
/** and what it takes its provider from, and which one. */
const OF_INIT = /^\.terraform(\.lock\.hcl)?$/

/** Of what was written: the whole file, and the part of it that would be lost. */
interface Hashes {
  readonly whole?: string | undefined
  readonly losable?: string | undefined
}
type Manifest = Readonly<Record<string, Hashes | undefined>>

/** Far over what is written here. */
export const MOST_BYTES = 10_000_000

/** How files are written. */
export interface WriteOptions {
  /** Overwrites files that are in the way; removes nothing but its own. @default false */
  readonly force?: boolean
  /**
   * The part of a file that would be lost: the rest of what is there was kept, and is in the files that are
   * written. @default - all of it
   */
  readonly losable?: (name: string, text: string) => string
  /**
   * Whether what is written has values of a person's in it: then it is never taken for ours alone. @default - nothing is
   */
  readonly isTheirs?: (name: string) => boolean
  /** Other files that were written earlier stay. @default false */
  readonly partial?: boolean
  /**
   * Whether this is a run's, which never leaves what `init` does: what is there is somebody else's, and who
   * goes on in that directory would run their provider. @default false
   */
  readonly isOfRun?: boolean
}

/**
 * Writes files to a directory, which is made where it is missing. A person's work is never lost: where a file that
 * was edited or not written here would be overwritten, nothing is written; what else is there is left.
 * Nor is a symbolic link followed: who put it there may mean another file to be overwritten.
 *
 * @throws naming the files that are in the way
 */
export async function writeFiles(
  directory: string,
  files: Files,
  { force = false, partial = false, isOfRun = false, losable = all, isTheirs = none }: WriteOptions = {},
): Promise<Written> {
  const known = await readManifest(directory)
  if (isOfRun && known[ONLY_EXPORTED] !== undefined)
    throw new Error(
      `Nothing was written to ${directory}: \`synth\` exported it, and a state and values of a person's own belong to it. Give another \`output-dir\`.`,
    )
  const present = await listFiles(directory)
  const texts = new Map<string, string | undefined>()
  for (const name of present) {
    if (known[name] !== undefined || files.has(name))
      texts.set(name, await textOf(path.join(directory, name)))
  }
  const isAsWritten = (name: string): boolean =>
    known[name]?.whole !== undefined && known[name].whole === hashOf(texts.get(name))
  const isLost = (name: string): boolean => {
    const text = texts.get(name)
    if (text === undefined) return true
    const hash = hashOf(losable(name, text))
    return hash !== known[name]?.losable && hash !== hashOf(losable(name, files.get(name) ?? ''))
  }
  // A person works with what was exported: the lock file that `init` wrote, or wrote on, is theirs from then on.
  const isLeft = (name: string): boolean =>
    !isOfRun && (OF_INIT.test(name) || name === GITIGNORE) && present.includes(name) && !isAsWritten(name)
  const isInTheWay = (name: string): boolean => {
    if (isLeft(name) || isAsWritten(name)) return false
    if (files.has(name)) return isLost(name)
    // Ours, and of an earlier layout: neither to be removed nor to be read with the rest.
    if (known[name] !== undefined && !partial && !STAYS.includes(name)) return true
    // A file, or a link, where a folder has to be; and what a run's Terraform would seem to have left.
    return [...files.keys()].some((file) => file.startsWith(`${name}/`)) || (isOfRun && OF_INIT.test(name))
  }
  if (!force) refuse(directory, present.filter(isInTheWay), known)

  const written = [...files.keys()].filter((name) => !isLeft(name))
  for (const name of written) {
    const file = path.join(directory, name)
    await mkdir(path.dirname(file), { recursive: true })
    await writeRegularFile(file, files.get(name) ?? '')
  }
  const stale = partial
    ? []
    : Object.keys(known).filter((name) => !files.has(name) && !STAYS.includes(name) && isAsWritten(name))
  for (const name of stale) await rm(path.join(directory, name))

  const hashes = Object.fromEntries(
    written.map((name): [string, Hashes] => {
      const text = files.get(name) ?? ''
      return [
        name,
        { whole: isTheirs(name) ? undefined : hashOf(text), losable: hashOf(losable(name, text)) },
      ]
    }),
  )
  const kept = Object.entries(known).filter(([name]) => partial || STAYS.includes(name))
  const manifest = { ...Object.fromEntries(kept), ...hashes }
  await writeRegularFile(path.join(directory, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`)
  return { written, removed: stale }
}

function refuse(directory: string, names: readonly string[], known: Manifest): void {
  if (names.length === 0) return
  const lines = names.map((name) => {
    if (name === VALUES_FILE)
      return `- ${name} has what is not kept: it is of another bucket, or has values that options decide on (give these as options) or that this export has no variable for`
    return known[name] === undefined
      ? `- ${name} was not written by valohai-s3`
      : `- ${name} was edited since it was written`
  })
  throw new Error(
    `Nothing was written to ${directory}:\n${lines.join('\n')}\nGive another \`output-dir\`, or move these files away; on the command line, --force overwrites them.`,
  )
}

async function readManifest(directory: string): Promise<Manifest> {
  try {
    const text = await readRegularFile(path.join(directory, MANIFEST), MOST_BYTES)
    const hashes = JSON.parse(text ?? '{}') as Readonly<Record<string, string | Hashes>>
    return Object.fromEntries(
      // One hash each, as earlier releases wrote it, is of all.
      Object.entries(hashes).map(([name, hash]) => [
        name,
        typeof hash === 'string' ? { whole: hash, losable: hash } : hash,
      ]),
    )
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
async function textOf(file: string): Promise<string | undefined> {
  try {
    return (await readRegularFile(file, MOST_BYTES)) ?? ''
  } catch (error) {
    if (error instanceof UnfitFile) return undefined
    throw error
  }
}

function hashOf(content: string | undefined): string | undefined {
  return content === undefined ? undefined : createHash('sha256').update(content).digest('hex')
}

const all = (_name: string, text: string): string => text
const none = (): boolean => false
