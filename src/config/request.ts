import type { StoreOutputs } from '../store/outputs'
import type { StoreSpec } from '../store/spec'

/** The process's environment, or what a test puts in its place. */
export type Environment = Readonly<Record<string, string | undefined>>

/** Where raw values come from: the Action's inputs or the command line's options, and the environment. */
export interface InputSource {
  /** The value given for an input by its kebab-case name; `undefined` or `''` where none was given. */
  readonly get: (name: string) => string | undefined
  readonly environment: Environment
}

/** Everything a run is decided by: parsed, validated, and never read again from anywhere else. */
export interface Request {
  /** The command's name. */
  readonly command: string
  readonly store: StoreSpec
  readonly terraform: TerraformConfiguration
  /** `undefined` for a command that does not take it, and where both the token and the project were left out. */
  readonly valohai: ValohaiConfiguration | undefined
  readonly output: OutputConfiguration
  readonly github: GithubConfiguration
  /** What Terraform that somebody else applied hands out. @default - this tool applies it itself */
  readonly outputs?: StoreOutputs
  readonly aws: AwsConfiguration
}

export interface TerraformConfiguration {
  /** An exact version, or `opentofu`. */
  readonly version: string
  /** Whether the version was asked for, so that another one found on PATH will not do. */
  readonly versionIsExplicit: boolean
  readonly awsProviderVersion: string
  readonly backend: Backend
}

export interface ValohaiConfiguration {
  /** Origin without a trailing slash, e.g. `https://app.valohai.com`. */
  readonly origin: string
  readonly token: string
  /** Each `owner/name`, or a UUID in lowercase; the first is the one that the store belongs to. */
  readonly projects: readonly [string, ...string[]]
}

export interface OutputConfiguration {
  readonly directory: string
  readonly directoryIsExplicit: boolean
  readonly format: OutputFormat
  readonly layout: OutputLayout
  /** Whether a directory that holds files of somebody else may be overwritten. */
  readonly force: boolean
}

/** The languages of Terraform files. */
export const OUTPUT_FORMATS = ['hcl', 'json'] as const
export type OutputFormat = (typeof OUTPUT_FORMATS)[number]
export type OutputLayout = 'root' | 'module'

export interface AwsConfiguration {
  /** Accounts that may be worked in; empty: any. */
  readonly allowedAccountIds: readonly string[]
  /** Whether a new access key is used once, from here, before Valohai is given it. */
  readonly proveKey: boolean
}

export interface GithubConfiguration {
  readonly comment: boolean
  /** Whether what a check finds is an issue, which it closes again. */
  readonly issue: boolean
  readonly token: string | undefined
}

/** The backends whose configuration is plain settings, as of Terraform 1.11, and HCP Terraform. */
export const OTHER_BACKENDS = [
  'azurerm',
  'cloud',
  'consul',
  'cos',
  'gcs',
  'http',
  'kubernetes',
  'local',
  'oss',
  'pg',
] as const

export type OtherBackendType = (typeof OTHER_BACKENDS)[number]

/** State in a bucket of ours, locked natively (`use_lockfile`). */
export interface S3Backend {
  readonly type: 's3'
  readonly bucket: string
  readonly key: string
  readonly region: string
  /** Account that the bucket is of; `undefined`: the session's. */
  readonly owner: string | undefined
  /** Further settings from `backend-config`; some may be secrets, see `secretsOf`. */
  readonly extra: Readonly<Record<string, string>>
}

export interface OtherBackend {
  readonly type: OtherBackendType
  /** Settings from `backend-config`, of `cloud` from the environment; some may be secrets, see `secretsOf`. */
  readonly settings: Readonly<Record<string, string>>
}

export type Backend = S3Backend | OtherBackend
