import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { hostname, userInfo } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { findKeyOwner, listAccessKeys, removeAccessKey } from '../aws/access-keys'
import { findAccount } from '../aws/account'
import { findExisting } from '../aws/existing'
import { proveCredentials, type ProofClock } from '../aws/credential-proof'
import { SecretEnvelope } from '../aws/key-secret'
import { type Http, httpClient } from '../http'
import { awaitRecord, takeRunLock, type LockClock } from '../state/run-lock'
import { lookAtStateBucket, makeStateBucket } from '../state/state-bucket'
import { isPlain, readStateObject, readTerraformLock } from '../state/state-object'
import { INPUT_NAMES, INPUTS, type Request } from '../config'
import type { Reporter } from '../reporting/reporter'
import { ERRORED_STATE, TerraformCli } from '../terraform/client'
import { writeFiles } from '../export/directory'
import { requireTerraform } from '../terraform/acquire'
import type { Outcome } from '../decide/outcome'
import { run } from './run'
import { ValohaiClient } from '../valohai'
import type { RunRequest } from './act/context'
import type { StateBucket, TerraformDirectory, World } from './world'

/** What a front door brings to a run. */
export interface Surroundings {
  readonly reporter: Reporter
  /** The process's environment. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly signal: AbortSignal
  /** Who runs this, for those who have to wait for it. */
  readonly holder: string
  /** Where directories that live as long as the run are made. */
  readonly temporaryDirectory: string
  /** Whether the directory that Terraform works in stays after the run. */
  readonly keepDirectory: boolean
  /** Where a Terraform that was installed is kept, for later runs. Not a place that others can write to. */
  readonly cacheDirectory: string
  /** Where a `.terraform-version` is looked for. */
  readonly workspace: string
}

/** Real time; a wait ends at once, by throwing, when the run is cancelled. */
const clockOf = (signal: AbortSignal): ProofClock & LockClock => ({
  now: () => Date.now(),
  sleep: (milliseconds: number) => sleep(milliseconds, undefined, { signal }),
  every: (milliseconds: number, work: () => Promise<void>) => {
    // Does not keep the process alive.
    const timer = setInterval(() => void work(), milliseconds).unref()
    return () => {
      clearInterval(timer)
    }
  },
})

/** Directory that Terraform works in, inside the run's own. */
const TERRAFORM = 'terraform'

/** How long a run waits for a state lock that another one holds, as Terraform writes it. */
const LOCK_TIMEOUT = '10m'

/**
 * Runs `plan` or `apply` on the real world: what both front doors do. Directories that were made for the run
 * go with it, unless somebody may want to look into them (`keepDirectory`).
 */
export async function runForReal(request: RunRequest, surroundings: Surroundings): Promise<Outcome> {
  const { temporaryDirectory, keepDirectory } = surroundings
  await mkdir(temporaryDirectory, { recursive: true, mode: 0o700 })
  const scratch = await mkdtemp(path.join(temporaryDirectory, 'valohai-s3-'))
  try {
    return await run(request, createWorld(request, surroundings, scratch))
  } finally {
    // A state that could not be saved is the only word of what was made.
    const isUnsaved = existsSync(path.join(scratch, TERRAFORM, ERRORED_STATE))
    if (!isUnsaved && (!keepDirectory || request.output.directoryIsExplicit))
      await rm(scratch, { recursive: true, force: true })
  }
}

function createWorld(request: Request, surroundings: Surroundings, scratch: string): World {
  const { reporter, signal, environment } = surroundings
  const http = httpClient(environment)
  const info = reporter.info.bind(reporter)
  const clock = clockOf(signal)
  const lost = new AbortController()
  const { valohai: link, store } = request
  return {
    reporter,
    signal,
    now: () => new Date(),
    valohai: link && new ValohaiClient(link.origin, link.token, { http, info }),
    aws: {
      findAccount,
      findExisting: (account, names) => findExisting(store.region, account, names),
      findKeyOwner: (id) => findKeyOwner(store.region, id),
      listKeys: (userName) => listAccessKeys(store.region, userName),
      removeKey: (userName, id) => removeAccessKey(store.region, userName, id),
      proveCredentials: (proof) => proveCredentials(proof, info, clock),
      createEnvelope: () => SecretEnvelope.create(),
    },
    stateBucket: createStateBucket(request, surroundings, clock, lost),
    openTerraform: () => openTerraform(request, surroundings, { scratch, http, lost: lost.signal }),
  }
}

function createStateBucket(
  { terraform: { backend } }: Request,
  { reporter, holder, environment }: Surroundings,
  clock: LockClock,
  lost: AbortController,
): StateBucket | undefined {
  if (backend.type !== 's3') return undefined
  const { bucket: name, region, key } = backend
  const info = reporter.info.bind(reporter)
  const lock = { bucket: name, region, key: `${key}.run-lock` }
  const onLost = (error: Error): void => {
    lost.abort(error)
  }
  return {
    name,
    look: (account) => lookAtStateBucket({ name, region }, account),
    make: (account, onMade) => makeStateBucket({ name, region }, account, onMade),
    takeLock: () => takeRunLock(lock, { holder, terraformAs: terraformAs(), onLost }, info, clock),
    awaitRecord: () => awaitRecord(lock, info, clock),
    terraformLock: () => readTerraformLock(backend),
    readState: async () => (isPlain(backend, environment) ? readStateObject(backend) : undefined),
  }
}

/** As whom Terraform works here, as it writes that into its own lock. */
function terraformAs(): string {
  try {
    return `${userInfo().username}@${hostname()}`
  } catch {
    // A user id without a name: Terraform writes none either.
    return `@${hostname()}`
  }
}

async function openTerraform(
  { output, terraform }: Request,
  { reporter, environment, signal, cacheDirectory, workspace }: Surroundings,
  { scratch, http, lost }: { readonly scratch: string; readonly http: Http; readonly lost: AbortSignal },
): Promise<TerraformDirectory> {
  const info = reporter.info.bind(reporter)
  const warning = reporter.warning.bind(reporter)
  const terraformEnvironment = await withPluginCache(withoutInputs(environment), cacheDirectory)
  const program = await requireTerraform(terraform, {
    http,
    environment: terraformEnvironment,
    cacheDirectory,
    workspace,
    info,
    warning,
    signal,
  })
  const directory = output.directoryIsExplicit
    ? path.resolve(output.directory)
    : path.join(scratch, TERRAFORM)
  return {
    path: directory,
    write: (files) => writeFiles(directory, files),
    writeVariables: (files) => writeFiles(directory, files, { partial: true }),
    terraform: new TerraformCli({
      program,
      directory,
      environment: terraformEnvironment,
      lockTimeout: LOCK_TIMEOUT,
      info,
      warning,
      signal,
      kill: lost,
    }),
  }
}

/** What Terraform's process has no use for: the Action's inputs, and the tokens wherever they come from. */
const WITHHELD: readonly string[] = [
  'GITHUB_TOKEN',
  ...INPUT_NAMES.filter((name) => INPUTS[name].secret === true).flatMap(
    (name) => INPUTS[name].environment ?? [],
  ),
]

function withoutInputs(
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !name.startsWith('INPUT_') && !WITHHELD.includes(name)),
  )
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
