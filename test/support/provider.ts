import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { AWS_PROVIDER_VERSION } from '../../src/config/versions'
import { terraformEnvironment } from './terraform-environment'

/** One AWS provider for all Terraform commands of a test, each of which would start its own. */
export interface SharedProvider {
  /** Makes a Terraform command use it; `init` then installs none. */
  readonly environment: Readonly<Record<string, string>>
  close(): Promise<void>
}

// Most of a command is the provider's schema of 1500 resources, written and read: less often collected, a quarter
// less of it.
const LESS_GARBAGE_COLLECTION = { GOGC: '400' }

/**
 * Starts the AWS provider once, the way its developers do to debug it. A plan then takes two thirds of the
 * time, `terraform test` of an export a quarter. For tests alone, and not for those of how Terraform is
 * started, stopped, or given its credentials.
 *
 * @param program as `installProvider` returns it
 * @param environment of the provider: a command's own credentials and endpoint no longer reach it
 * @throws where it ends before it serves
 */
export async function startProvider(
  program: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<SharedProvider> {
  const { PATH, HOME } = process.env
  const provider = spawn(program, ['-debug'], {
    // Not this process's whole environment: with AWS_CA_BUNDLE, the second command that configures it fails.
    env: { PATH, HOME, AWS_EC2_METADATA_DISABLED: 'true', ...LESS_GARBAGE_COLLECTION, ...environment },
    // It logs megabytes, and stops where nobody reads them.
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const stop = (): void => void provider.kill('SIGKILL')
  process.once('exit', stop)
  const ended = new Promise<void>((resolve) => provider.once('close', () => resolve()))
  const address = await new Promise<string>((resolve, reject) => {
    provider.once('error', reject)
    void ended.then(() => reject(new Error(`${program} -debug ended before it served.`)))
    createInterface({ input: provider.stdout }).on('line', (line) => {
      const [, found] = /TF_REATTACH_PROVIDERS='(.*)'/.exec(line) ?? []
      if (found !== undefined) resolve(found)
    })
  })
  return {
    environment: { TF_REATTACH_PROVIDERS: address, ...LESS_GARBAGE_COLLECTION },
    close: async () => {
      process.off('exit', stop)
      stop()
      await ended
    },
  }
}

/**
 * Has Terraform install the AWS provider that a run uses, from where `terraformEnvironment` says.
 *
 * @param cache as for `terraformEnvironment`
 * @returns the path of its program, in the mirror or the cache
 * @throws where Terraform is missing or cannot install it
 */
export function installProvider(cache: string): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'valohai-s3-provider-'))
  try {
    const aws = { source: 'hashicorp/aws', version: AWS_PROVIDER_VERSION }
    const configuration = JSON.stringify({ terraform: { required_providers: { aws } } })
    writeFileSync(path.join(directory, 'main.tf.json'), configuration)
    execFileSync('terraform', ['init', '-input=false'], {
      cwd: directory,
      env: { ...process.env, ...terraformEnvironment(cache), CHECKPOINT_DISABLE: '1' },
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    const versions = path.join(
      directory,
      '.terraform',
      'providers',
      'registry.terraform.io',
      'hashicorp',
      'aws',
    )
    const [platform = ''] = readdirSync(path.join(versions, AWS_PROVIDER_VERSION))
    // A link to the directory of the mirror or the cache.
    const installed = realpathSync(path.join(versions, AWS_PROVIDER_VERSION, platform))
    const program = readdirSync(installed).find((name) => name.startsWith('terraform-provider-aws'))
    if (program === undefined) throw new Error(`There is no AWS provider in ${installed}.`)
    return path.join(installed, program)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
