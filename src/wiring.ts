import { mkdir, mkdtemp } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { findAccount } from './aws/account'
import { proveCredentials } from './aws/credential-proof'
import { SecretEnvelope } from './aws/key-secret'
import { ensureStateBucket, stateBucketExists } from './aws/state-bucket'
import type { Configuration } from './config'
import type { Reporter } from './reporter'
import { TerraformCli } from './terraform/client'
import { writeFiles } from './terraform/directory'
import { requireTerraform } from './terraform/require'
import type { Outcome } from './outcome'
import { run } from './run'
import { ValohaiClient } from './valohai'
import type { World } from './world'

/** What a front door brings to a run. */
export interface Surroundings {
  readonly reporter: Reporter
  /** The process's environment. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly signal: AbortSignal
  /** Where directories that live as long as the run are made. */
  readonly temporaryDirectory: string
}

/** How long a run waits for a state lock that another one holds, as Terraform writes it. */
const LOCK_TIMEOUT = '10m'

/** Runs `plan` or `apply` on the real world: what both front doors do. */
export function runForReal(configuration: Configuration, surroundings: Surroundings): Promise<Outcome> {
  return run(configuration, createWorld(configuration, surroundings))
}

function createWorld(configuration: Configuration, surroundings: Surroundings): World {
  const { reporter, environment, signal } = surroundings
  const info = reporter.info.bind(reporter)
  const { valohai: link } = configuration
  return {
    reporter,
    signal,
    valohai: link && new ValohaiClient(link.origin, link.token, { info }),
    aws: {
      findAccount,
      stateBucketExists,
      ensureStateBucket,
      proveCredentials: (request) =>
        proveCredentials(request, info, { now: () => Date.now(), sleep: (ms) => sleep(ms) }),
      createEnvelope: () => SecretEnvelope.create(),
    },
    openTerraform: async () => {
      const directory = await openDirectory(configuration, surroundings.temporaryDirectory)
      const terraformEnvironment = withoutInputs(environment)
      const program = await requireTerraform(configuration.terraform, terraformEnvironment)
      info(`Terraform ${program.version}`)
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
          warning: reporter.warning.bind(reporter),
          signal,
        }),
      }
    },
  }
}

async function openDirectory({ output }: Configuration, temporaryDirectory: string): Promise<string> {
  if (output.directoryIsExplicit) return path.resolve(output.directory)
  await mkdir(temporaryDirectory, { recursive: true, mode: 0o700 })
  return mkdtemp(path.join(temporaryDirectory, 'valohai-s3-'))
}

/** What Terraform's process has no use for: the Action's inputs and Valohai's tokens. */
const WITHHELD = /^INPUT_|^(VALOHAI|VH)_(API_)?TOKEN$|^GITHUB_TOKEN$/

function withoutInputs(
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !WITHHELD.test(name)))
}
