import { buffer } from 'node:stream/consumers'
import { crc32 } from 'node:zlib'
import { type Entry, fromBufferPromise, type ZipFile } from 'yauzl'
import { megabytes } from '../../http'
import { messageOf, ReleaseProblem } from './problem'

/** Far over what Terraform takes (90 MB), so that a broken size does not fill the memory. */
const LARGEST_FILE = 1_000_000_000

/**
 * Reads one file out of a zip archive. Only the content of that one file is ever looked at, so no name in an
 * archive can lead anywhere; an archive with a name that would is refused all the same.
 * `unzip` and PowerShell, which @actions/tool-cache runs for this, are not in every container.
 *
 * @throws ReleaseProblem where the archive is damaged, has no such file, or has a name no release has
 */
export async function unzip(archive: Buffer, name: string): Promise<Buffer> {
  try {
    const zip = await fromBufferPromise(archive, {
      lazyEntries: true,
      autoClose: false,
      strictFileNames: true,
    })
    const entry = await find(zip, name)
    if (entry.uncompressedSize > LARGEST_FILE) throw new Error(`${name} has over ${megabytes(LARGEST_FILE)}`)
    // Ends as soon as there is more or less than the size that the archive states.
    const content = await buffer(await zip.openReadStreamPromise(entry))
    if (crc32(content) !== entry.crc32) throw new Error(`${name} has another checksum than it should have`)
    return content
  } catch (cause) {
    throw new ReleaseProblem(
      `the archive cannot be unpacked: ${messageOf(cause).replace(/\.$/, '')}`,
      'It is signed by HashiCorp, so trying again will not help. Set another terraform-version, or add a step with hashicorp/setup-terraform',
      { cause },
    )
  }
}

/** Looks at every entry, as reading one is what checks its name. */
async function find(zip: ZipFile, name: string): Promise<Entry> {
  let found: Entry | undefined
  for await (const entry of zip.eachEntry()) if (entry.fileName === name) found ??= entry
  if (found === undefined) throw new Error(`it has no file called ${name}`)
  return found
}
