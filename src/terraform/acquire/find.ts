import { access, constants, realpath } from 'node:fs/promises'
import path from 'node:path'
import semver from 'semver'
import { runProcess } from '../process'
import type { VersionMemory } from './versions'

/** The S3 backend's own locks (`use_lockfile`) are out of trial from this version on, of OpenTofu too. */
export const OLDEST_TERRAFORM = '1.11.0'

/** A Terraform program that can be run. */
export interface TerraformProgram {
  readonly path: string
  readonly version: string
}

/** What a program is called, and where its setup action left the real one. */
export interface ProgramKind {
  readonly command: string
  /** Variable with the directory of the setup action's wrapper. */
  readonly wrapperVariable: string
}

export const TERRAFORM: ProgramKind = { command: 'terraform', wrapperVariable: 'TERRAFORM_CLI_PATH' }
export const OPENTOFU: ProgramKind = { command: 'tofu', wrapperVariable: 'TOFU_CLI_PATH' }

type Environment = Readonly<Record<string, string | undefined>>

export interface FindOptions {
  /** What to look for. @default - Terraform */
  readonly kind?: ProgramKind
  /** Of versions. @default - every program is asked */
  readonly memory?: VersionMemory
  /** Told of a program before it is run for the first time, and where it really is. @default - nobody */
  readonly beforeRun?: (program: string, real: string) => void
}

/**
 * Looks for Terraform where hashicorp/setup-terraform left the real one, then along PATH.
 *
 * setup-terraform puts a wrapper called `terraform` first on PATH, which exits with 0 where Terraform exits
 * with 2 and publishes all of stdout as a step output; the program itself is beside it as `terraform-bin`.
 * opentofu/setup-opentofu does the same with `tofu` and `tofu-bin`.
 *
 * @param accepts which versions will do
 * @returns the first that will do, and all that were found, for the message where none does
 */
export async function findTerraform(
  environment: Environment,
  accepts: (version: string) => boolean,
  { kind = TERRAFORM, memory, beforeRun = () => undefined }: FindOptions = {},
): Promise<{ program: TerraformProgram | undefined; found: readonly TerraformProgram[] }> {
  const found: TerraformProgram[] = []
  for (const candidate of candidates(environment, kind)) {
    const real = await realpath(candidate).catch(() => undefined)
    if (real === undefined) continue
    beforeRun(candidate, real)
    const version = await versionOf(candidate, environment, memory)
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

function candidates(
  environment: Environment,
  { command, wrapperVariable }: ProgramKind,
): ReadonlySet<string> {
  const extension = process.platform === 'win32' ? '.exe' : ''
  const plain = `${command}${extension}`
  const behindWrapper = `${command}-bin${extension}`
  const directories = (environment.PATH ?? environment.Path ?? '')
    .split(path.delimiter)
    .filter((entry) => entry !== '')
  const wrapped = environment[wrapperVariable]
  const isWrapper = (directory: string): boolean =>
    wrapped !== undefined && path.resolve(directory) === path.resolve(wrapped)
  return new Set([
    ...(wrapped === undefined ? [] : [path.join(wrapped, behindWrapper)]),
    // Without the wrapper the setup action leaves the program itself under its own name.
    ...directories.flatMap((directory) =>
      isWrapper(directory)
        ? [path.join(directory, behindWrapper), path.join(directory, plain)]
        : [path.join(directory, plain)],
    ),
  ])
}

async function versionOf(
  program: string,
  environment: Environment,
  memory: VersionMemory | undefined,
): Promise<string | undefined> {
  const ask = (): Promise<string> => probe(program, environment)
  try {
    return await (memory === undefined ? ask() : memory.versionOf(program, ask))
  } catch {
    // Not there, not runnable, or no Terraform: then it is no candidate.
    return undefined
  }
}

/**
 * Runs a program to learn its version. OpenTofu's is under `terraform_version` too.
 *
 * @throws where it is not there, does not run, or does not answer as Terraform does
 */
export async function probe(program: string, environment: Environment): Promise<string> {
  await access(program, constants.X_OK)
  const { exitCode, stdout, stderr } = await runProcess({
    program,
    args: ['version', '-json'],
    directory: path.dirname(program),
    environment: { ...environment, CHECKPOINT_DISABLE: '1' },
  })
  if (exitCode !== 0) throw new Error(`exit code ${exitCode}: ${stderr.trim()}`)
  const answer = JSON.parse(stdout.slice(stdout.indexOf('{'))) as { terraform_version?: unknown }
  if (typeof answer.terraform_version !== 'string') throw new Error('it does not tell its version')
  return answer.terraform_version
}
