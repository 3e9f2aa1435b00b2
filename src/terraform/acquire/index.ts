import { realpath } from 'node:fs/promises'
import path from 'node:path'
import { debuglog } from 'node:util'
import type { TerraformConfiguration } from '../../config'
import {
  findTerraform,
  type FindOptions,
  isSuitable,
  OLDEST_TERRAFORM,
  OPENTOFU,
  type TerraformProgram,
} from './find'
import { type InstallOptions, installTerraform } from './install'
import { VersionMemory } from './versions'
import { wantedVersion } from './wanted-version'
import { messageOf } from './problem'

/** What the search for Terraform takes from outside. */
export interface TerraformSurroundings extends InstallOptions {
  /** The directory whose `.terraform-version` counts. What lies in it may be a pull request's. */
  readonly workspace: string
  readonly warning: (message: string) => void
}

/**
 * The Terraform to run with: of the version asked for, or any recent enough where none was. What is on PATH
 * comes first, then the tool cache, then a release is downloaded and verified. OpenTofu is used where it is
 * asked for, and never installed.
 *
 * @throws where it is missing and cannot be had, telling which were found and how to get one
 */
export async function requireTerraform(
  configuration: TerraformConfiguration,
  surroundings: TerraformSurroundings,
): Promise<TerraformProgram> {
  const { environment, info, warning, workspace } = surroundings
  // Node prints the environment of every program that it starts, credentials included.
  if (debuglog('child_process').enabled)
    throw new Error('NODE_DEBUG would print the AWS credentials. Leave child_process out of it.')
  if (configuration.version === 'opentofu') return requireOpenTofu(surroundings)

  const { version, askedFor } = await wantedVersion(configuration, workspace, warning)
  const { program, found } = await findTerraform(
    environment,
    (candidate) => isSuitable(candidate) && (askedFor === undefined || candidate === version),
    await findOptions(surroundings),
  )
  if (program !== undefined) {
    info(`Terraform ${program.version}: ${program.path}`)
    return program
  }
  const wanted = askedFor === undefined ? `${OLDEST_TERRAFORM} or newer` : `${version} (${askedFor})`
  const missing = `No suitable Terraform on PATH: ${wanted} is needed, found: ${list(found)}.`
  info(missing)
  try {
    return await installTerraform(version, surroundings)
  } catch (cause) {
    surroundings.signal?.throwIfAborted()
    throw new Error(`${missing} ${messageOf(cause)}`, { cause })
  }
}

async function requireOpenTofu(surroundings: TerraformSurroundings): Promise<TerraformProgram> {
  const { environment, info } = surroundings
  const { program, found } = await findTerraform(environment, isSuitable, {
    ...(await findOptions(surroundings)),
    kind: OPENTOFU,
  })
  if (program === undefined) {
    throw new Error(
      `No suitable OpenTofu on PATH: ${OLDEST_TERRAFORM} or newer is needed, found: ${list(found)}. ` +
        'OpenTofu is not installed by this action: add a step with opentofu/setup-opentofu, ' +
        'or set terraform-version to a version of Terraform.',
    )
  }
  info(`OpenTofu ${program.version}: ${program.path}`)
  return program
}

async function findOptions({
  cacheDirectory,
  workspace,
  warning,
}: TerraformSurroundings): Promise<FindOptions> {
  const inside = path.join(await realpath(workspace).catch(() => path.resolve(workspace)), path.sep)
  return {
    memory: new VersionMemory(cacheDirectory),
    beforeRun: (program, real) => {
      // All programs lie in the root, where a container begins.
      if (!real.startsWith(inside) || inside === path.parse(inside).root) return
      warning(
        `${program} lies in the workspace, so whoever can change files there decides what runs with the AWS credentials. ` +
          'Take it off PATH where that is not meant.',
      )
    },
  }
}

function list(found: readonly TerraformProgram[]): string {
  return found.length === 0 ? 'none' : found.map(({ version, path }) => `${version} (${path})`).join(', ')
}
