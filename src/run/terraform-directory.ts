import { access, constants, mkdir } from 'node:fs/promises'
import path from 'node:path'
import { type Request, secretsIn } from '../config'
import { writeFiles } from '../export/directory'
import type { Http } from '../http'
import { variablesOf } from '../infra/variables'
import { requireTerraform } from '../terraform/acquire'
import { TerraformCli } from '../terraform/client'
import { terraformEnvironment } from '../terraform/environment'
import type { Surroundings } from './real-world'
import type { TerraformDirectory } from './world'

/** Directory that Terraform works in, inside the run's own. */
export const TERRAFORM = 'terraform'

/** How long a run waits for a state lock that another one holds, as Terraform writes it. */
const LOCK_TIMEOUT = '10m'

/** What Terraform is given of the run that it works for. */
interface OfRun {
  /** The run's own directory. */
  readonly scratch: string
  readonly http: Http
  /** Aborted when another run took the lock over. */
  readonly lost: AbortSignal
  /** Id of a lock that this run's Terraform made on the state; `undefined` where that is not told. */
  readonly ownLock: (() => Promise<string | undefined>) | undefined
}

/**
 * Finds Terraform, and opens the directory that it works in: always one of the run's own, where nobody else can
 * have put a provider, a lock file or a state. An `output-dir` gets the same files, to be read.
 */
export async function openTerraform(
  { output, terraform, store }: Request,
  { reporter, environment: all, signal, cacheDirectory: preferred, workspace }: Surroundings,
  { scratch, http, lost, ownLock }: OfRun,
): Promise<TerraformDirectory> {
  const info = reporter.info.bind(reporter)
  const warning = reporter.warning.bind(reporter)
  const { environment: allowed, leftOut } = terraformEnvironment(all, {
    variables: variablesOf(store, true).map(({ name }) => name),
    backend: terraform.backend.type,
  })
  for (const secret of secretsIn(allowed)) reporter.mask(secret)
  if (leftOut.length > 0)
    info(`Terraform runs without what the job has set for a Terraform of its own: ${leftOut.join(', ')}`)
  const cacheDirectory = await writable(preferred, path.join(scratch, 'tool-cache'), info)
  const environment = await withPluginCache(allowed, cacheDirectory)
  const program = await requireTerraform(terraform, {
    http,
    environment,
    cacheDirectory,
    readOnlyCache: preferred,
    workspace,
    info,
    warning,
    signal,
  })
  const directory = path.join(scratch, TERRAFORM)
  const shown = output.directoryIsExplicit ? path.resolve(output.directory) : undefined
  const write = async (files: Parameters<typeof writeFiles>[1], partial: boolean): Promise<void> => {
    // First: a person's files may be in the way.
    if (shown !== undefined) await writeFiles(shown, files, { partial, isOfRun: true })
    await writeFiles(directory, files, { partial })
  }
  return {
    path: shown ?? directory,
    write: (files) => write(files, false),
    writeVariables: (files) => write(files, true),
    terraform: new TerraformCli({
      program,
      directory,
      environment,
      lockTimeout: LOCK_TIMEOUT,
      info,
      warning,
      debug: reporter.debug.bind(reporter),
      signal,
      kill: lost,
      ownLock,
    }),
  }
}

/** The tool cache; where it cannot be written, a directory that lives as long as the run. */
async function writable(
  cacheDirectory: string | undefined,
  ofTheRun: string,
  info: (message: string) => void,
): Promise<string> {
  if (cacheDirectory === undefined) return ofTheRun
  try {
    await mkdir(cacheDirectory, { recursive: true })
    await access(cacheDirectory, constants.W_OK | constants.X_OK)
    return cacheDirectory
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    info(`Nothing is kept for later runs, as the tool cache cannot be written (${why})`)
    return ofTheRun
  }
}

/**
 * Lets Terraform keep the AWS provider (700 MB) from run to run. A setting of the user's, in the environment
 * or in a CLI configuration file that it names, is left alone.
 */
async function withPluginCache(
  environment: Readonly<Record<string, string | undefined>>,
  cacheDirectory: string,
): Promise<Readonly<Record<string, string | undefined>>> {
  if (environment.TF_PLUGIN_CACHE_DIR !== undefined || environment.TF_CLI_CONFIG_FILE !== undefined)
    return environment
  const TF_PLUGIN_CACHE_DIR = path.join(cacheDirectory, 'terraform-plugins')
  await mkdir(TF_PLUGIN_CACHE_DIR, { recursive: true })
  // Without this Terraform downloads what it has, to fill a lock file that here lives as long as the run.
  return { ...environment, TF_PLUGIN_CACHE_DIR, TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE: '1' }
}
