import type { Account } from '../aws/account'
import type { ProofRequest } from '../aws/credential-proof'
import type { SecretEnvelope } from '../aws/key-secret'
import type { RunLock } from '../state/run-lock'
import type { StateBucket } from '../state/state-bucket'
import type { Files } from '../infra/synthesize'
import type { Reporter } from '../reporting/reporter'
import type { StateReader, Terraform } from '../terraform/client'
import type { Valohai } from '../valohai'

/** Everything outside that a run works with; the front doors wire the real ones, tests their own. */
export interface World {
  readonly reporter: Reporter
  /** Valohai's API; `undefined` where the configuration has no token. */
  readonly valohai: Valohai | undefined
  readonly aws: Aws
  /** Finds Terraform, and opens the directory that it works in. */
  openTerraform(): Promise<TerraformDirectory>
  /** Aborted when the run is cancelled. */
  readonly signal: AbortSignal
}

/** What the access key's secret travels in: Terraform seals it, and this process alone opens it. */
export type Envelope = Pick<SecretEnvelope, 'publicKey' | 'open'>

/** What a run needs of AWS besides Terraform. */
export interface Aws {
  findAccount(region: string): Promise<Account>
  stateBucketExists(bucket: StateBucket, account: Account): Promise<boolean>
  /** Makes the bucket where it is missing; `onMade` is told as soon as it exists. */
  ensureStateBucket(bucket: StateBucket, account: Account, onMade: () => void): Promise<void>
  /** Takes the lock of this store's runs, in the state bucket under `key`; waits while another run holds it. */
  takeRunLock(bucket: StateBucket, key: string): Promise<RunLock>
  proveCredentials(request: ProofRequest): Promise<void>
  createEnvelope(): Promise<Envelope>
}

/** A directory of Terraform files, and Terraform in it. */
export interface TerraformDirectory {
  readonly path: string
  /** Writes the configuration; files of an earlier run are replaced, those of a person are not. */
  write(files: Files): Promise<unknown>
  /** Writes the file of the variables' values, and nothing else. */
  writeVariables(files: Files): Promise<unknown>
  readonly terraform: Terraform
  readonly state: StateReader
}
