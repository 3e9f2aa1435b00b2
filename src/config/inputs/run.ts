import { accountId, accountIds } from '../account'
import { approvedPlan } from '../approved-plan'
import { backendType, stateKeyText } from '../backend'
import { bucketName } from '../bucket'
import { DEFAULT_OUTPUT_DIRECTORY, outputDirectory } from '../output-directory'
import { regionCode } from '../region'
import { anyText, boolean, choice } from '../scalars'
import { valohaiProjects, valohaiToken } from '../valohai'
import { AWS_PROVIDER_VERSION, awsProviderVersion, TERRAFORM_VERSION, terraformVersion } from '../versions'
import { OUTPUT_FORMATS } from '../request'
import type { Input } from './input'

/** The project, and the right to change it. */
export const VALOHAI_INPUTS = {
  'valohai-project': {
    description:
      'The Valohai project, as `owner/name` or as its UUID; with `store-access: organization` several of one owner, ' +
      'one a line. Without project and token, a plan looks at AWS alone.',
    multiline: true,
    missing: 'Give the project, for example "acme/churn-model"',
    parser: valohaiProjects,
  },
  'valohai-token': {
    description: 'API token of a Valohai user who may change the project. Store it as a secret.',
    defaultText: '`VALOHAI_TOKEN`, then `VALOHAI_API_TOKEN`, then `VH_API_TOKEN`',
    environment: ['VALOHAI_TOKEN', 'VALOHAI_API_TOKEN', 'VH_API_TOKEN'],
    missing:
      'Give ${{ secrets.VALOHAI_TOKEN }} or set VALOHAI_TOKEN; ' +
      'a secret is empty where it is not set, and in workflows from forks',
    secret: true,
    parser: valohaiToken,
  },
} as const satisfies Readonly<Record<string, Input>>

/** Where the state is. A module has none of it. */
export const STATE_INPUTS = {
  'state-bucket': {
    description:
      'S3 bucket for the Terraform state. It is made when it is missing: private, versioned, encrypted, TLS only.',
    defaultText: '`<bucket>-tfstate`, shortened with a hash over 63 characters',
    parser: bucketName,
  },
  'state-key': {
    description: 'Key of the Terraform state in the state bucket.',
    defaultText:
      "`valohai-s3/<bucket>.tfstate`, of exported files `valohai-s3/<bucket>.export.tfstate`; with `manage-bucket: false` the project's name follows the bucket's",
    parser: stateKeyText,
  },
  'state-region': {
    description: 'AWS region of the state bucket.',
    defaultText: "the bucket's region",
    parser: regionCode,
  },
  'state-bucket-owner': {
    description:
      'Id of the AWS account that the state bucket is of: a central one, whose policy lets this account in. A bucket ' +
      'of that name that is of another account is refused.',
    defaultText: "the session's account",
    parser: accountId,
  },
  backend: {
    description:
      'Terraform backend for the state. With any other than `s3`, set it up with `backend-config`; ' +
      'no state bucket is made then. `cloud` is HCP Terraform, set up by `TF_CLOUD_ORGANIZATION`, `TF_WORKSPACE` and ' +
      '`TF_TOKEN_app_terraform_io`, with a workspace that executes locally.',
    default: 's3',
    parser: backendType,
  },
  'backend-config': {
    description: 'Settings of the Terraform backend, one `key=value` a line.',
    defaultText: 'none',
    multiline: true,
    // Which settings there are depends on the backend, so its lines are read with it.
    parser: anyText,
  },
} as const satisfies Readonly<Record<string, Input>>

/** How a run works in AWS. */
export const AWS_INPUTS = {
  'allowed-account-ids': {
    description:
      'Ids of the AWS accounts that may be worked in, one a line. Any other is refused at once; of `deployer-policy`, the first is the one that the policy is for.',
    defaultText: 'any',
    multiline: true,
    fallback: [],
    parser: accountIds,
  },
  'prove-key': {
    description:
      'Whether a new access key is used once before Valohai is given it. `false` is for a runner that may not ' +
      'reach the bucket.',
    default: 'true',
    parser: boolean,
  },
} as const satisfies Readonly<Record<string, Input>>

/** The program that runs. */
export const TERRAFORM_INPUTS = {
  'terraform-version': {
    description:
      'Exact version of Terraform, 1.11.0 or later. It is installed when no suitable `terraform` is on PATH. ' +
      'Or the word `opentofu`.',
    defaultText: `\`${TERRAFORM_VERSION}\``,
    fallback: TERRAFORM_VERSION,
    parser: terraformVersion,
  },
} as const satisfies Readonly<Record<string, Input>>

/** The Terraform that is written, and where to. */
export const FILE_INPUTS = {
  'aws-provider-version': {
    description: 'Exact version of the AWS provider for Terraform: 5.100.0, or from 6.40.0 and below 7.0.0.',
    default: AWS_PROVIDER_VERSION,
    parser: awsProviderVersion,
  },
  'output-dir': {
    description: 'Directory the Terraform files are written to.',
    defaultText: `\`${DEFAULT_OUTPUT_DIRECTORY}\` for files to review, a temporary directory of a run`,
    fallback: DEFAULT_OUTPUT_DIRECTORY,
    parser: outputDirectory,
  },
  format: {
    description:
      'Language of the Terraform files, `hcl` or `json`; of `deployer-policy`, `json` (the policy document itself), ' +
      '`terraform` or `cloudformation` (all that an account needs for it).',
    defaultText: '`hcl`; of `deployer-policy` `json`',
    parser: choice([...OUTPUT_FORMATS, 'terraform', 'cloudformation']),
  },
} as const satisfies Readonly<Record<string, Input>>

/** Terraform for review. */
export const EXPORT_INPUTS = {
  layout: {
    description:
      'What is written: `root` is ready for terraform init and apply, `module` has no provider and no backend, ' +
      'for use inside a configuration of your own.',
    default: 'root',
    refusal: 'a module has no provider and no backend to run with',
    parser: choice(['root', 'module']),
  },
  'pgp-key': {
    description:
      "File with the OpenPGP public key, armored or binary, that the access key's secret is encrypted for before it reaches the state.",
    defaultText: 'none: the state holds the secret in plain text',
    refusal: 'a run makes a key of its own each time',
    parser: anyText,
  },
  force: {
    description: 'Overwrite files that were edited or written by somebody else.',
    default: 'false',
    refusal: 'it overwrites files in a directory of yours',
    cliOnly: true,
    parser: boolean,
  },
} as const satisfies Readonly<Record<string, Input>>

/** What Terraform that somebody else applied hands out. */
export const CONNECT_INPUTS = {
  'outputs-file': {
    description:
      'What `terraform output -json` printed where the exported Terraform was applied: a file, or `-` for the standard ' +
      'input. With `pgp_key` there, `STORE_SECRET_ACCESS_KEY` in the environment has the decrypted secret.',
    defaultText: 'none',
    missing: 'Give the file that `terraform output -json` was written into, or "-" for the standard input',
    parser: anyText,
  },
} as const satisfies Readonly<Record<string, Input>>

/** What was reviewed. */
export const APPROVAL_INPUTS = {
  'approved-plan': {
    description:
      'Makes only changes that were reviewed, and refuses all others: the `plan-digest` of a plan, or the word ' +
      '`pull-request` for the plan that the pull request of this commit showed.',
    defaultText: 'none: nothing has to be approved',
    parser: approvedPlan,
  },
} as const satisfies Readonly<Record<string, Input>>

/** What becomes of a plan. */
export const PLAN_INPUTS = {
  'detailed-exitcode': {
    description: 'Exit with 2 where the plan has changes, and with 0 where it has none.',
    default: 'false',
    refusal: 'it tells what a plan has found',
    cliOnly: true,
    parser: boolean,
  },
  comment: {
    description: 'Whether a plan is written as a comment on the pull request.',
    default: 'true',
    actionOnly: true,
    parser: boolean,
  },
  'github-token': {
    description:
      'Token for that comment, which needs `pull-requests: write`, for that issue, which needs `issues: write`, and ' +
      'for approval by pull request, for which a plan needs `statuses: write`.',
    runnerDefault: '${{ github.token }}',
    secret: true,
    actionOnly: true,
    parser: anyText,
  },
} as const satisfies Readonly<Record<string, Input>>
