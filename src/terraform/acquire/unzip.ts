import { promisify } from 'node:util'
import { inflateRaw } from 'node:zlib'
import { codeOf, ReleaseProblem } from './problem'

const END_OF_DIRECTORY = 0x06054b50
const DIRECTORY_ENTRY = 0x02014b50
const LOCAL_ENTRY = 0x04034b50
const END_LENGTH = 22
const LONGEST_COMMENT = 0xffff
/** Far over what Terraform takes (90 MB), so that a broken size does not fill the memory. */
const LARGEST_FILE = 1_000_000_000

interface Entry {
  readonly name: string
  readonly isEncrypted: boolean
  readonly method: number
  readonly compressedSize: number
  readonly size: number
  readonly offset: number
}

/**
 * Reads one file out of a zip archive, as HashiCorp makes them: stored or deflated, no ZIP64, no encryption.
 * Only the content of that one file is ever looked at, so no name in an archive can lead anywhere.
 * `unzip` and PowerShell, which @actions/tool-cache runs for this, are not in every container.
 *
 * @throws ReleaseProblem where the archive is damaged, has no such file, or has a name no release has
 */
export async function unzip(archive: Buffer, name: string): Promise<Buffer> {
  try {
    const entries = readDirectory(archive)
    const outside = entries.find((entry) => leadsOutside(entry.name))
    if (outside !== undefined) throw damaged(`it has a file called ${JSON.stringify(outside.name)}`)
    const entry = entries.find((one) => one.name === name)
    if (entry === undefined) throw damaged(`it has no file called ${name}`)
    return await readEntry(archive, entry)
  } catch (cause) {
    // An offset that points past the end of the archive.
    throw codeOf(cause) === 'ERR_OUT_OF_RANGE' ? damaged('it is cut short', cause) : cause
  }
}

function readDirectory(archive: Buffer): Entry[] {
  const end = findEnd(archive)
  const count = archive.readUInt16LE(end + 10)
  const entries: Entry[] = []
  let at = archive.readUInt32LE(end + 16)
  for (let index = 0; index < count; index += 1) {
    if (archive.readUInt32LE(at) !== DIRECTORY_ENTRY) throw damaged('its directory is broken')
    const nameLength = archive.readUInt16LE(at + 28)
    entries.push({
      name: archive.toString('utf8', at + 46, at + 46 + nameLength),
      isEncrypted: (archive.readUInt16LE(at + 8) & 1) === 1,
      method: archive.readUInt16LE(at + 10),
      compressedSize: archive.readUInt32LE(at + 20),
      size: archive.readUInt32LE(at + 24),
      offset: archive.readUInt32LE(at + 42),
    })
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32)
  }
  return entries
}

function findEnd(archive: Buffer): number {
  const first = Math.max(0, archive.length - END_LENGTH - LONGEST_COMMENT)
  for (let at = archive.length - END_LENGTH; at >= first; at -= 1) {
    if (archive.readUInt32LE(at) === END_OF_DIRECTORY) return at
  }
  throw damaged('it is no zip archive, or cut short')
}

async function readEntry(archive: Buffer, entry: Entry): Promise<Buffer> {
  const { offset, compressedSize, size, method } = entry
  if (entry.isEncrypted || size > LARGEST_FILE || archive.readUInt32LE(offset) !== LOCAL_ENTRY) {
    throw damaged(`its entry ${entry.name} is broken`)
  }
  const start = offset + 30 + archive.readUInt16LE(offset + 26) + archive.readUInt16LE(offset + 28)
  const data = archive.subarray(start, start + compressedSize)
  const content = method === 0 ? data : method === 8 ? await inflate(data, size) : undefined
  if (content?.length !== size) throw damaged(`its entry ${entry.name} is broken`)
  return content
}

async function inflate(data: Buffer, size: number): Promise<Buffer | undefined> {
  try {
    return await promisify<Buffer, { maxOutputLength: number }, Buffer>(inflateRaw)(data, {
      maxOutputLength: Math.max(size, 1),
    })
  } catch {
    return undefined
  }
}

function leadsOutside(name: string): boolean {
  return /^[/\\]|^[a-z]:|\\|\0/i.test(name) || name.split('/').includes('..')
}

function damaged(what: string, cause?: unknown): ReleaseProblem {
  return new ReleaseProblem(
    `the archive cannot be unpacked: ${what}`,
    'It is signed by HashiCorp, so this will not pass by itself. Set another terraform-version, or add a step with hashicorp/setup-terraform',
    { cause },
  )
}
