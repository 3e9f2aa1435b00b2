import type { TerraformConfiguration } from '../config'
import { findTerraform, isSuitable, OLDEST_TERRAFORM, type TerraformProgram } from './find'

/**
 * The Terraform to run with: the version asked for, or any recent enough.
 *
 * @throws where there is none, telling which were found and how to get one
 */
export async function requireTerraform(
  { version, versionIsExplicit }: TerraformConfiguration,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<TerraformProgram> {
  const accepts = (candidate: string): boolean =>
    isSuitable(candidate) && (!versionIsExplicit || candidate === version)
  const { program, found } = await findTerraform(environment, accepts)
  if (program !== undefined) return program
  const wanted = versionIsExplicit ? version : `${OLDEST_TERRAFORM} or newer`
  const there = found.length === 0 ? 'none' : found.map((one) => `${one.version} (${one.path})`).join(', ')
  throw new Error(
    `No suitable Terraform on PATH: ${wanted} is needed, found: ${there}. Add a step with hashicorp/setup-terraform, or install Terraform.`,
  )
}
