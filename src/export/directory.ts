import { createHash } from 'node:crypto'
import type { Dirent } from 'node:fs'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Files } from '../infra/synthesize'

/** What was written to a directory. */
export interface Written {
  /** Names of the files, in the order they were given. */
  readonly written: readonly string[]
  /** Files of an earlier time that belong there no longer, and that nobody had edited. */
  readonly removed: readonly string[]
}

/** Lists the files that were written and their hashes, to tell them from a person's, and edits from none. */
const MANIFEST = '.valohai-s3-files.json'

/** What Terraform itself leaves in a directory that it works in. */
const TERRAFORMS_OWN = /^(\.terraform(\.lock\.hcl|\.tfstate\.lock\.info)?|.*\.tfstate(\..*)?|.*\.tfplan)$/

/**
 * Writes files to a directory, which is made where it is missing. A person's work is never overwritten: where
 * the directory holds files that were not written here, or that were edited since, nothing is written.
 *
 * @param force overwrites edited files, and writes beside those of others; removes nothing but its own
 * @throws naming the files that are in the way
 */
export async function writeFiles(
  directory: string,
  files: Files,
  { force = false, partial = false }: { force?: boolean; partial?: boolean } = {},
): Promise<Written> {
  const known = await readManifest(directory)
  const present = await listFiles(directory)
  const edited: string[] = []
  for (const [name, hash] of Object.entries(known)) {
    if (present.includes(name) && hashOf(await readFile(path.join(directory, name))) !== hash)
      edited.push(name)
  }
  const foreign = present.filter((name) => known[name] === undefined)
  if (!force) refuse(directory, foreign, edited)

  for (const [name, text] of files) {
    const file = path.join(directory, name)
    await mkdir(path.dirname(file), { recursive: true })
    await writeFile(file, text)
  }
  const stale = partial
    ? []
    : Object.keys(known).filter(
        (name) => !files.has(name) && present.includes(name) && !edited.includes(name),
      )
  for (const name of stale) await rm(path.join(directory, name))

  const kept = partial ? known : {}
  const hashes = { ...kept, ...Object.fromEntries([...files].map(([name, text]) => [name, hashOf(text)])) }
  await writeFile(path.join(directory, MANIFEST), `${JSON.stringify(hashes, null, 2)}\n`)
  return { written: [...files.keys()], removed: stale }
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
    return JSON.parse(await readFile(path.join(directory, MANIFEST), 'utf8')) as Record<string, string>
  } catch {
    // Missing, or no JSON: then nothing there counts as ours.
    return {}
  }
}

/** Paths of the files below the directory, with `/`; without Terraform's own and the manifest. */
async function listFiles(directory: string, below = ''): Promise<string[]> {
  const found: string[] = []
  for (const entry of await entriesOf(path.join(directory, below))) {
    if (entry.name === MANIFEST || TERRAFORMS_OWN.test(entry.name)) continue
    const name = path.posix.join(below, entry.name)
    found.push(...(entry.isDirectory() ? await listFiles(directory, name) : [name]))
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

function hashOf(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}
