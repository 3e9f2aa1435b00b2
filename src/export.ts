import path from 'node:path'
import type { Configuration } from './config'
import { synthesize } from './infra/synthesize'
import { backendBlock } from './terraform/backend'
import { writeFiles } from './terraform/directory'

/**
 * Writes the Terraform for a person to review. Needs neither Terraform nor a network.
 *
 * @returns the directory, and the names of the files written
 */
export async function exportTerraform(
  configuration: Configuration,
): Promise<{ directory: string; names: readonly string[] }> {
  const { infrastructure, output, terraform } = configuration
  const directory = path.resolve(output.directory)
  const files = synthesize(infrastructure, {
    layout: output.layout,
    format: output.format,
    backend: backendBlock(terraform.backend),
    awsProviderVersion: terraform.awsProviderVersion,
  })
  await writeFiles(directory, files)
  return { directory, names: [...files.keys()] }
}
