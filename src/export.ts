import path from 'node:path'
import type { Configuration } from './config'
import { exportDocuments } from './infra/documents'
import { printFiles, synthesizeBlocks, type Files, type Target } from './infra/synthesize'
import { backendBlock } from './terraform/backend'
import { writeFiles, type Written } from './terraform/directory'

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
export async function exportTerraform(configuration: Configuration): Promise<Export> {
  const { directory, force } = configuration.output
  const full = path.resolve(directory)
  return { directory: full, ...(await writeFiles(full, exportedFiles(configuration), { force })) }
}

/** The files of an export: the Terraform that `apply` runs, and what a reviewer reads and runs beside it. */
export function exportedFiles(configuration: Configuration): Files {
  const { infrastructure: options, output, terraform, storeName, setDefault } = configuration
  const target: Target = {
    layout: output.layout,
    format: output.format,
    backend: backendBlock(terraform.backend),
    awsProviderVersion: terraform.awsProviderVersion,
  }
  const blocks = synthesizeBlocks(options, target)
  const documents = exportDocuments({
    options,
    target,
    storeName,
    setDefault,
    blocks: [...blocks.values()].flat(),
  })
  return new Map([...printFiles(blocks, options, target), ...documents])
}
