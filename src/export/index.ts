import path from 'node:path'
import type { Request } from '../config'
import { exportDocuments } from './documents'
import { printFiles, synthesizeBlocks, VALUES_FILE, type Files, type Target } from '../infra/synthesize'
import { readRegularFile, UnfitFile } from '../regular-file'
import { backendBlock, stateIdentity } from '../state/backend'
import { MOST_BYTES, writeFiles, type Written } from './directory'
import { decidedByOptions, type Kept, keptValues } from './kept-values'

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
  const kept = keptValues(store, await valuesIn(directory))
  const { spec, own } = kept ?? { spec: store, own: {} }
  const files = exportedFiles(
    { ...request, store: spec },
    { own: { ...own, ...(publicKey !== undefined && { pgp_key: publicKey }) } },
  )
  const losable = (name: string, text: string): string => decidedByOptions(name, text, store)
  const written = await writeFiles(directory, files, { force: output.force, ...(kept && { losable }) })
  return { directory, ...written }
}

/** The text of the file of values; nothing where it is something else than a file: then it is in the way. */
async function valuesIn(directory: string): Promise<string | undefined> {
  try {
    return await readRegularFile(path.join(directory, VALUES_FILE), MOST_BYTES)
  } catch (error) {
    if (error instanceof UnfitFile) return undefined
    throw error
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
