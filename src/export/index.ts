import path from 'node:path'
import type { Request } from '../config'
import { exportDocuments } from './documents'
import { printFiles, synthesizeBlocks, type Files, type Target } from '../infra/synthesize'
import { backendBlock } from '../state/backend'
import { writeFiles, type Written } from './directory'

/** What was exported, and where to. */
export interface Export extends Written {
  /** Absolute path. */
  readonly directory: string
}

/**
 * Writes the Terraform for a person to review. Needs neither Terraform nor a network.
 *
 * @throws where the directory holds what is not ours, naming it; nothing is written then
 */
export async function exportTerraform(request: Request): Promise<Export> {
  const { directory, force } = request.output
  const full = path.resolve(directory)
  return { directory: full, ...(await writeFiles(full, exportedFiles(request), { force })) }
}

/**
 * The files of an export: the Terraform that `apply` runs, and what a reviewer reads and runs beside it.
 *
 * @param source where a configuration that calls the module finds it. @default - a directory beside that one
 */
export function exportedFiles(
  request: Request,
  source = `./${path.basename(request.output.directory)}`,
): Files {
  const { store: spec, output, terraform } = request
  const target: Target = {
    layout: output.layout,
    format: output.format,
    backend: backendBlock(terraform.backend),
    awsProviderVersion: terraform.awsProviderVersion,
  }
  const blocks = synthesizeBlocks(spec, target)
  const documents = exportDocuments({ spec, target, blocks: [...blocks.values()].flat(), source })
  return new Map([...printFiles(blocks, spec, target), ...documents])
}
