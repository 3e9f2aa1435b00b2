import type { ProofRequest } from '../aws/credential-proof'
import type { SecretEnvelope } from '../aws/key-secret'
import type { Leftover } from '../decide/steps'
import type {
  Account,
  Existing,
  IamKey,
  KeyOwner,
  OtherState,
  Preflight,
  RunRecord,
  TerraformLock,
} from '../decide/observed'
import type { Attachment, BucketContents, InlinePolicy } from '../decide/ties'
import type { Files } from '../infra/synthesize'
import type { Reporter } from '../reporting/reporter'
import type { RunLock } from '../state/run-lock'
import type { Terraform } from '../terraform/client'
import type { Valohai } from '../valohai'
import type { JsonObject } from '../store/json'

/** Everything outside that a run works with; the commands wire the real ones, tests their own. */
export interface World {
  readonly reporter: Reporter
  readonly now: () => Date
  /** Valohai's API; `undefined` where the request has no token. */
  readonly valohai: Valohai | undefined
  readonly aws: Aws
  /** Where the state is kept, and its lock and record; `undefined` with a backend other than S3. */
  readonly stateBucket: StateBucket | undefined
  /** What another state holds, by what names it in tags. */
  readOtherState(tag: string): Promise<OtherState>
  /** Finds Terraform, and opens the directory that it works in. */
  openTerraform(): Promise<TerraformDirectory>
  /** Aborted when the run is cancelled. */
  readonly signal: AbortSignal
}

/** What the access key's secret travels in: Terraform seals it, and this process alone opens it. */
export type Envelope = Pick<SecretEnvelope, 'publicKey' | 'open'>

/** Names to look for. */
export interface ExistingNames {
  readonly bucket?: string
  readonly user?: string
  readonly role?: string
}

/** The user and the role to look at. */
export interface IdentityNames {
  readonly user: string | undefined
  readonly role: string | undefined
}

/** What a run needs of AWS besides Terraform. */
export interface Aws {
  /** Whose credentials these are; asked once a run. */
  findAccount(): Promise<Account>
  /** What the account has under the names of a store. Nothing is changed. */
  findExisting(account: Account, wanted: ExistingNames): Promise<Existing>
  /** How a bucket that is managed elsewhere answers browsers. @throws where it is not there */
  preflight(bucket: string, origin: string): Promise<Preflight | undefined>
  /** The CORS rules of a bucket, as the AWS provider has them. @throws where they may not be read */
  corsRules(bucket: string): Promise<readonly JsonObject[]>
  /** Whether the bucket's policy makes it public, as AWS judges it; `undefined` where it does not say. */
  isPublic(bucket: string): Promise<boolean | undefined>
  /** Whose an access key is. */
  findKeyOwner(id: string): Promise<KeyOwner>
  /** All access keys of a user; none where there is no such user. */
  listKeys(userName: string): Promise<readonly IamKey[]>
  /** Removes an access key; it is no error where it is gone. */
  removeKey(userName: string, id: string): Promise<void>
  /** Inline policies of user and role; none of what is not named, or not there. */
  listInlinePolicies(names: IdentityNames): Promise<readonly InlinePolicy[]>
  /** All that hangs on user and role and keeps IAM from deleting them, access keys aside. */
  findAttachments(names: IdentityNames): Promise<readonly Attachment[]>
  /** What is in a bucket of ours. */
  countContents(bucket: string): Promise<BucketContents>
  /** Removes an inline policy; it is no error where it is gone. */
  removePolicy(on: string, policy: InlinePolicy): Promise<void>
  /** Removes an empty bucket, or a user or a role on which nothing hangs; it is no error where it is gone. */
  remove(leftover: Leftover): Promise<void>
  proveCredentials(request: ProofRequest): Promise<void>
  createEnvelope(): Promise<Envelope>
}

/** The S3 bucket of the state, with what is kept beside the state. */
export interface StateBucket {
  readonly name: string
  /** Whether it is there, and whether anything is in it. */
  look(account: Account): Promise<'missing' | 'empty' | 'used'>
  /** Makes it, or adds what an empty one lacks; `onMade` is told as soon as it exists. */
  make(account: Account, onMade: () => void): Promise<void>
  /** Takes the lock of this state's runs; waits while another run holds it. */
  takeLock(): Promise<RunLock>
  /** What runs have recorded; waits while one is under way. */
  awaitRecord(): Promise<RunRecord | undefined>
  /**
   * The state's text, read with the AWS SDK; empty where there is none yet. `undefined` where only Terraform
   * can read it: `backend-config` has settings of its own for that.
   */
  readState(): Promise<string | undefined>
  /** The lock that Terraform has on the state, held or left behind. */
  terraformLock(): Promise<TerraformLock | undefined>
}

/** A directory of Terraform files, and Terraform in it. */
export interface TerraformDirectory {
  readonly path: string
  /** Writes the configuration; files of an earlier run are replaced, those of a person are not. */
  write(files: Files): Promise<unknown>
  /** Writes the file of the variables' values, and nothing else. */
  writeVariables(files: Files): Promise<unknown>
  readonly terraform: Terraform
}
