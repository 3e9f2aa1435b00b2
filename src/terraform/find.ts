import { access, constants } from 'node:fs/promises'
import path from 'node:path'
import semver from 'semver'
import { runProcess } from './process'

/** The S3 backend locks natively (`use_lockfile`) from this version on. */
export const OLDEST_TERRAFORM = '1.10.0'

/** A Terraform program that can be run. */
export interface TerraformProgram {
  readonly path: string
  readonly version: string
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Looks for Terraform where hashicorp/setup-terraform left the real one, then along PATH.
 *
 * setup-terraform puts a wrapper called `terraform` first on PATH, which exits with 0 where Terraform exits
 * with 2 and publishes all of stdout as a step output; the program itself is beside it as `terraform-bin`.
 *
 * @param accepts which versions will do
 * @returns the first that will do, and all that were found, for the message where none does
 */
export async function findTerraform(
  environment: Environment,
  accepts: (version: string) => boolean,
): Promise<{ program: TerraformProgram | undefined; found: readonly TerraformProgram[] }> {
  const found: TerraformProgram[] = []
  for (const candidate of candidates(environment)) {
    const version = await versionOf(candidate, environment)
    if (version === undefined) continue
    const program = { path: candidate, version }
    found.push(program)
    if (accepts(version)) return { program, found }
  }
  return { program: undefined, found }
}

/** Whether a version is recent enough for the S3 backend's own locks. */
export function isSuitable(version: string): boolean {
  return semver.valid(version) !== null && semver.gte(version, OLDEST_TERRAFORM)
}

function candidates(environment: Environment): string[] {
  const extension = process.platform === 'win32' ? '.exe' : ''
  const directories = (environment.PATH ?? environment.Path ?? '')
    .split(path.delimiter)
    .filter((entry) => entry !== '')
  const wrapped = environment.TERRAFORM_CLI_PATH
  const isWrapper = (directory: string): boolean =>
    wrapped !== undefined && path.resolve(directory) === path.resolve(wrapped)
  return [
    ...(wrapped === undefined ? [] : [path.join(wrapped, `terraform-bin${extension}`)]),
    // Without the wrapper setup-terraform leaves Terraform itself under its own name.
    ...directories.flatMap((directory) =>
      isWrapper(directory)
        ? [path.join(directory, `terraform-bin${extension}`), path.join(directory, `terraform${extension}`)]
        : [path.join(directory, `terraform${extension}`)],
    ),
  ]
}

async function versionOf(program: string, environment: Environment): Promise<string | undefined> {
  try {
    await access(program, constants.X_OK)
    const { exitCode, stdout } = await runProcess({
      program,
      args: ['version', '-json'],
      directory: path.dirname(program),
      environment: { ...environment, CHECKPOINT_DISABLE: '1' },
    })
    if (exitCode !== 0) return undefined
    const answer = JSON.parse(stdout.slice(stdout.indexOf('{'))) as { terraform_version?: unknown }
    return typeof answer.terraform_version === 'string' ? answer.terraform_version : undefined
  } catch {
    // Not there, not runnable, or no Terraform: then it is no candidate.
    return undefined
  }
}
