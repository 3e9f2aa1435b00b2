import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { GetObjectCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3'
import { runStep, type StepOptions, type StepResult } from '../support/action-runner'
import { s3Client } from '../support/describe-aws'
import { startEmulator, type Emulator } from '../support/emulator'
import { CACHE, prepared } from '../support/prepare'
import { startProvider } from '../support/provider'
import { terraformEnvironment } from '../support/terraform-environment'
import { startValohaiStandIn, type StandIn, type StandInOptions } from '../support/valohai-stand-in'

export { CACHE }

/** Everything an end-to-end test works with: AWS, Valohai, and the bundle as a step. */
export interface Sandbox {
  readonly emulator: Emulator
  readonly valohai: StandIn
  readonly directory: string
  readonly environment: Readonly<Record<string, string>>
  /** Runs a step for the project `acme/churn-model`; `inputs` are added, or replace. */
  step(inputs: Readonly<Record<string, string>>, options?: Partial<StepOptions>): Promise<StepResult>
  /** Number of `POST stores/` so far. */
  storesPosted(): number
  close(): Promise<void>
}

export interface SandboxOptions extends StandInOptions {
  /**
   * Each Terraform command starts the AWS provider, as it does for users. @default - all share one, which takes
   * half their time (see `startProvider`)
   */
  readonly ownProvider?: boolean
}

export async function openSandbox(
  bucket: string,
  { ownProvider = false, ...standIn }: SandboxOptions = {},
): Promise<Sandbox> {
  const directory = mkdtempSync(path.join(tmpdir(), 'valohai-s3-e2e-'))
  const emulator = await startEmulator(CACHE, prepared().motoServer)
  const valohai = await startValohaiStandIn({ s3Endpoint: emulator.url, ...standIn })
  const provider = ownProvider ? undefined : await startProvider(prepared().awsProvider, emulator.environment)
  const environment = {
    ...emulator.environment,
    ...terraformEnvironment(CACHE),
    ...provider?.environment,
  }
  return {
    emulator,
    valohai,
    directory,
    environment,
    step: (inputs, options) =>
      runStep({
        directory,
        environment,
        ...options,
        inputs: {
          bucket,
          region: 'eu-west-1',
          'valohai-project': 'acme/churn-model',
          'valohai-token': valohai.token,
          'valohai-url': valohai.url,
          // On its first creation the rule takes 55 s, in real S3 too; one test has it.
          ...(inputs['manage-bucket'] !== 'false' && { 'abort-multipart-days': '0' }),
          ...inputs,
        },
      }),
    storesPosted: () =>
      valohai.state.requests.filter(({ method, path: at }) => method === 'POST' && at.endsWith('/stores/'))
        .length,
    close: async () => {
      await valohai.close()
      await provider?.close()
      await emulator.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** Every version of every object of a bucket, as text by key and version. */
export async function objectVersions(emulator: Emulator, Bucket: string): Promise<Record<string, string>> {
  const s3 = s3Client(emulator)
  const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }))
  const entries = await Promise.all(
    Versions.map(async ({ Key, VersionId }) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key, VersionId }))
      return [`${Key} ${VersionId}`, (await Body?.transformToString()) ?? ''] as const
    }),
  )
  return Object.fromEntries(entries)
}

/** Every file below a directory, as text by its path; all but the program of the provider. */
export function filesBelow(directory: string): Record<string, string> {
  const found = readdirSync(directory, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && !entry.name.startsWith('terraform-provider-aws'),
  )
  return Object.fromEntries(
    found.map((entry) => {
      const file = path.join(entry.parentPath, entry.name)
      return [file, readFileSync(file, 'latin1')]
    }),
  )
}

/** What the log shows: the runner takes `::add-mask::` lines for itself and prints none of them. */
export function shownLog({ stdout }: StepResult): string {
  return stdout.replaceAll(/^::add-mask::.*$/gm, '')
}
