import path from 'node:path'
import type { Configuration } from './config'
import { synthesize } from './infra/synthesize'
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
  const { infrastructure, output, terraform } = configuration
  const directory = path.resolve(output.directory)
  const files = synthesize(infrastructure, {
    layout: output.layout,
    format: output.format,
    backend: backendBlock(terraform.backend),
    awsProviderVersion: terraform.awsProviderVersion,
  })
  return { directory, ...(await writeFiles(directory, files, { force: output.force })) }
}
