import path from 'node:path'
import type { Request } from '../config'
import { exportDocuments } from './documents'
import { printFiles, synthesizeBlocks, VALUES_FILE, type Files, type Target } from '../infra/synthesize'
import { readRegularFile, UnfitFile } from '../regular-file'
import { backendBlock, stateIdentity } from '../state/backend'
import { MOST_BYTES, writeFiles, type Written } from './directory'
import { type Kept, keptValues, losablePart, valuesIn } from './kept-values'

/** What was exported, and where to. */
export interface Export extends Written {
  /** Absolute path. */
  readonly directory: string
}

/**
 * Writes the Terraform for a person to review. Needs neither Terraform nor a network. What runs and people put into
 * the values of an earlier export is kept.
 *
 * @param publicKey base64 of the binary OpenPGP key that the secret is to be encrypted for
 * @throws where what is in the directory would be overwritten and lost, naming it; nothing is written then
 */
export async function exportTerraform(request: Request, publicKey?: string): Promise<Export> {
  const { output, store } = request
  const directory = path.resolve(output.directory)
  const there = await readValues(directory, output.layout)
  const given = publicKey === undefined ? {} : { pgp_key: publicKey }
  const fresh = exportedFiles(request, { own: given })
  const kept = keptValues(store, there)
  const files =
    kept === undefined
      ? fresh
      : exportedFiles({ ...request, store: kept.spec }, { own: { ...kept.own, ...given } })
  const next = files.get(VALUES_FILE)
  const written = await writeFiles(directory, files, {
    force: output.force,
    losable: (name, text) => losablePart(name, text, { spec: store, next }),
    isTheirs: (name) => name === VALUES_FILE && next !== fresh.get(VALUES_FILE),
  })
  return { directory, ...written }
}

/**
 * The text of the file of values, where there is one.
 *
 * @throws where it is there and cannot be read: without it, the next apply would delete the key in use
 */
async function readValues(directory: string, layout: Target['layout']): Promise<string | undefined> {
  const refuse = (why: string): Error =>
    new Error(
      `Nothing was written to ${directory}: ${why} at ${VALUES_FILE}, which has what an export keeps: the generation of the access key in use, for one. Mend that file, or move it away.`,
    )
  try {
    const text = await readRegularFile(path.join(directory, VALUES_FILE), MOST_BYTES)
    // A module has none of its own.
    if (layout === 'root' && text !== undefined && valuesIn(text) === undefined)
      throw refuse('there is no JSON object')
    return text
  } catch (error) {
    if (!(error instanceof UnfitFile)) throw error
    if (layout === 'root') throw refuse(error.message)
    return undefined
  }
}

/** What an export is made with, besides what was asked for. */
export interface ExportOptions {
  /** Where a configuration that calls the module finds it. @default - a directory beside that one */
  readonly source?: string
  /** Values that are of no option, by the names of their variables. @default - none */
  readonly own?: Kept['own']
}

/** The files of an export: the Terraform that `apply` runs, and what a reviewer reads and runs beside it. */
export function exportedFiles(
  request: Request,
  { source = `./${path.basename(request.output.directory)}`, own = {} }: ExportOptions = {},
): Files {
  const { output, terraform } = request
  const target: Target = {
    layout: output.layout,
    format: output.format,
    backend: backendBlock(terraform.backend),
    awsProviderVersion: terraform.awsProviderVersion,
  }
  // A module is of the state of whoever calls it.
  const stateTag = output.layout === 'root' ? stateIdentity(terraform.backend) : undefined
  const spec = { ...request.store, stateTag }
  const blocks = synthesizeBlocks(spec, target)
  const documents = exportDocuments({ spec, target, blocks: [...blocks.values()].flat(), source, own })
  return new Map([...printFiles(blocks, spec, target, own), ...documents])
}
