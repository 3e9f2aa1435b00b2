import { DEFAULT_OUTPUT_DIRECTORY } from './output-directory'
import type { Command } from './types'
import { AWS_PROVIDER_VERSION, TERRAFORM_VERSION } from './versions'

/** One input, as `action.yml`, the command line's help and the README tell of it. */
export interface InputDefinition {
  /** One to three plain sentences, for a person. */
  readonly description: string
  /** The value that stands for a missing one; `action.yml` shows it too. */
  readonly default?: string
  /** What happens without a value, where that is not one fixed text. Markdown, without a full stop. */
  readonly defaultText?: string
  /** Environment variables read when the input is empty, in this order. */
  readonly environment?: readonly string[]
  /** Commands that fail without it. */
  readonly required?: readonly Command[]
  /** One `key=value` a line, so the lines are not to be trimmed away before they are counted. */
  readonly multiline?: true
  readonly secret?: true
  readonly actionOnly?: true
  readonly cliOnly?: true
}

export interface OutputDefinition {
  readonly description: string
}

const ALWAYS: readonly Command[] = ['apply', 'plan', 'synth']

const TABLE = {
  command: {
    description:
      'What to do: `apply` makes the bucket and links it to the project, `plan` shows what apply would change, ' +
      '`synth` writes the Terraform files and touches nothing else.',
    default: 'apply',
  },
  bucket: {
    description: "Name of the S3 bucket. S3's naming rules hold, and dots are not allowed.",
    required: ALWAYS,
  },
  region: {
    description: 'AWS region of the bucket, for example `eu-west-1`.',
    defaultText: '`AWS_REGION`, then `AWS_DEFAULT_REGION`',
    environment: ['AWS_REGION', 'AWS_DEFAULT_REGION'],
    required: ALWAYS,
  },
  'valohai-project': {
    description:
      'The Valohai project, as `owner/name` or as its UUID. Required to apply; a plan without it looks at AWS alone.',
    required: ['apply'],
  },
  'valohai-token': {
    description:
      'API token of a Valohai user who may change the project. Required to apply. Store it as a secret.',
    defaultText: '`VALOHAI_TOKEN`, then `VALOHAI_API_TOKEN`, then `VH_API_TOKEN`',
    environment: ['VALOHAI_TOKEN', 'VALOHAI_API_TOKEN', 'VH_API_TOKEN'],
    required: ['apply'],
    secret: true,
  },
  'valohai-url': {
    description:
      'Address of your own Valohai installation. Uploads from the web UI are allowed from there. ' +
      'It is https, or http on a loopback address.',
    defaultText: '`VALOHAI_HOST`, then `VH_HOST`, then `https://app.valohai.com`',
    environment: ['VALOHAI_HOST', 'VH_HOST'],
  },
  'store-name': {
    description: 'Name of the data store in Valohai, 64 characters at most.',
    defaultText: "the bucket's name",
  },
  'set-default': {
    description: "Whether the store becomes the project's default store, so that outputs land in it.",
    default: 'true',
  },
  cors: {
    description: "Whether the bucket allows uploads from Valohai's web UI (CORS rules).",
    default: 'true',
  },
  multipart: {
    description: 'Whether to make the IAM role that outputs over 5 GB need.',
    default: 'true',
  },
  'iam-user-name': {
    description: 'Name of the IAM user that Valohai uses the bucket as.',
    defaultText: "derived from the bucket's name",
  },
  'multipart-role-name': {
    description: 'Name of the IAM role for outputs over 5 GB.',
    defaultText: "derived from the bucket's name",
  },
  'kms-key-arn': {
    description:
      "ARN of a KMS key in the bucket's region to encrypt objects with (SSE-KMS). " +
      'The user and the role get the grants they then need.',
    defaultText: 'none, S3 encrypts with keys of its own (SSE-S3)',
  },
  versioning: {
    description: 'Whether the bucket keeps old versions of its objects.',
    default: 'false',
  },
  'abort-multipart-days': {
    description:
      'Days after which an unfinished multipart upload is removed. 0 leaves the lifecycle rule out.',
    default: '7',
  },
  tags: {
    description: 'Tags for every resource that takes tags, one `key=value` a line.',
    defaultText: 'none',
    multiline: true,
  },
  'state-bucket': {
    description:
      'S3 bucket for the Terraform state. It is made when it is missing: private, versioned, encrypted, TLS only.',
    defaultText: '`<bucket>-tfstate`, shortened with a hash over 63 characters',
  },
  'state-key': {
    description: 'Key of the Terraform state in the state bucket.',
    defaultText: '`valohai-s3/<bucket>.tfstate`',
  },
  'state-region': {
    description: 'AWS region of the state bucket.',
    defaultText: "the bucket's region",
  },
  backend: {
    description:
      'Terraform backend for the state. With any other than `s3`, set it up with `backend-config`; ' +
      'no state bucket is made then.',
    default: 's3',
  },
  'backend-config': {
    description: 'Settings of the Terraform backend, one `key=value` a line.',
    defaultText: 'none',
    multiline: true,
  },
  'terraform-version': {
    description:
      'Exact version of Terraform, 1.10.0 or later. It is installed when no suitable `terraform` is on PATH. ' +
      'Or the word `opentofu`.',
    defaultText: `\`${TERRAFORM_VERSION}\``,
  },
  'aws-provider-version': {
    description: 'Exact version of the AWS provider for Terraform, from 5.100.0 and below 7.0.0.',
    default: AWS_PROVIDER_VERSION,
  },
  'output-dir': {
    description: 'Directory the Terraform files are written to.',
    defaultText: `\`${DEFAULT_OUTPUT_DIRECTORY}\` for synth, a temporary directory otherwise`,
  },
  format: {
    description: 'Language of the Terraform files: `hcl` or `json`.',
    default: 'hcl',
  },
  layout: {
    description:
      'What synth writes: `root` is ready for terraform init and apply, `module` has no provider and no backend, ' +
      'for use inside a configuration of your own.',
    default: 'root',
  },
  force: {
    description: 'Let synth overwrite a directory that holds files it did not write.',
    default: 'false',
    cliOnly: true,
  },
  comment: {
    description: 'Whether a plan is written as a comment on the pull request.',
    default: 'true',
    actionOnly: true,
  },
  'github-token': {
    description: 'Token for that comment alone. It needs `pull-requests: write`.',
    default: '${{ github.token }}',
    secret: true,
    actionOnly: true,
  },
} as const satisfies Readonly<Record<string, InputDefinition>>

export type InputName = keyof typeof TABLE

/** Every input there is, in the order people meet them. Parsing, help and documents all read this table. */
export const INPUTS: Readonly<Record<InputName, InputDefinition>> = TABLE

/** The names of all inputs, in the table's order. */
export const INPUT_NAMES = Object.keys(TABLE) as readonly InputName[]

/** Every output of the Action, in the order of a run. None is a secret. */
export const OUTPUTS = {
  changes: { description: '`true` when anything changes, in AWS or in Valohai, else `false`.' },
  'to-add': { description: 'Number of resources the plan adds.' },
  'to-change': { description: 'Number of resources the plan changes.' },
  'to-destroy': { description: 'Number of resources the plan destroys.' },
  'terraform-dir': { description: 'Directory that holds the Terraform files.' },
  bucket: { description: 'Name of the bucket.' },
  'bucket-arn': { description: 'ARN of the bucket.' },
  region: { description: 'AWS region of the bucket.' },
  'iam-user-arn': { description: 'ARN of the IAM user that Valohai uses the bucket as.' },
  'access-key-id': { description: "Id of that user's access key. Its secret is known to Valohai alone." },
  'multipart-role-arn': { description: 'ARN of the IAM role for outputs over 5 GB, empty without one.' },
  'store-id': { description: 'UUID of the data store in Valohai.' },
  'store-url': { description: "Address of the data store in Valohai's web app." },
  'store-action': { description: 'What was done about the store: `created`, `updated` or `unchanged`.' },
  'default-store': { description: "`true` when the project's default store is this store, else `false`." },
} as const satisfies Readonly<Record<string, OutputDefinition>>

export type OutputName = keyof typeof OUTPUTS
