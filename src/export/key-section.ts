import { newStoreName } from '../store/names'
import { code, fence, table } from '../markdown/escape'
import type { DocumentsRequest } from './request'

/** Where the key's secret goes, and how to keep it out of the state. */
export function secretSection({ target: { layout } }: DocumentsRequest): string {
  const root = layout === 'root'
  const asVariable = root
    ? 'terraform apply -var "pgp_key=$(gpg --export <KEY_ID> | base64 -w0)"'
    : 'gpg --export <KEY_ID> | base64 -w0   # the value of pgp_key in the module block'
  return [
    "## The access key's secret",
    "**Without `pgp_key`** the secret stands in Terraform's state in plain text: whoever may read the state may read and delete the data. It is shown with:",
    fence('terraform output -raw secret_access_key', 'sh'),
    '**With `pgp_key`** the secret is encrypted before it reaches the state, and your private key alone opens it. `pgp_key` is the base64 of the binary public key, without line breaks (on macOS `base64` takes no `-w0` and breaks no lines). It is no secret.',
    fence(
      [
        asVariable,
        ...(root ? [] : ['terraform apply']),
        'terraform output -raw encrypted_secret_access_key | base64 -d | gpg -d',
      ].join('\n'),
      'sh',
    ),
    'The provider takes what GnuPG makes by default: RSA keys, and `ed25519` keys with a `cv25519` subkey, the older form of Curve 25519. It takes no ASCII-armored key. The secret is encrypted once, when the access key is made: set `pgp_key` before the first apply. A later `pgp_key` changes nothing about a key that is there.',
  ].join('\n\n')
}

/** The steps that are left to a person (guide, step 6). */
export function valohaiSection({ options }: DocumentsRequest): string {
  const output = (name: string): string => `output \`${name}\``
  const rows = [
    ['Name', code(newStoreName(options))],
    ['Bucket', code(options.bucketName)],
    ['Region', code(options.region)],
    ['Access key ID', output('access_key_id')],
    [
      'Secret access key',
      `${output('secret_access_key')}, or with \`pgp_key\` the decrypted ${output('encrypted_secret_access_key')}`,
    ],
    [
      'Multipart Upload IAM Role ARN',
      options.multipart ? output('multipart_role_arn') : 'leave it empty: no role is made',
    ],
    ...(options.kmsKeyArn === undefined ? [] : [['KMS key ARN', code(options.kmsKeyArn)]]),
  ]
  return [
    '## Set up the store in Valohai',
    `After apply, in ${code(options.valohaiOrigin)}, in the settings of the project: **Data Stores**, then **Add S3 store**.`,
    table(['Field', 'Value'], rows),
    'Valohai checks the key by writing a small test file into the bucket. A key that was made seconds ago may be refused: wait a minute and try again.',
    options.setDefault
      ? "Then make the store the project's default, under **Settings > Basic Information** (in newer versions **Settings > General > Default upload store**), so that outputs land in it."
      : "The store was not asked to be the project's default: outputs go on landing where they do now. To change that, see **Settings > Basic Information** (in newer versions **Settings > General > Default upload store**).",
  ].join('\n\n')
}

/** How to change the access key by hand, and how not to lose the data. */
export function operationsSection({ target: { layout } }: DocumentsRequest): string {
  const where = layout === 'root' ? '`terraform.tfvars.json`' : 'the module block'
  const line = (...generations: string[]): string =>
    code(
      layout === 'root'
        ? `"access_key_generations": ${JSON.stringify(generations)}`
        : `access_key_generations = [${generations.map((generation) => `"${generation}"`).join(', ')}]`,
    )
  const prefix = layout === 'root' ? '' : 'module.store.'
  return [
    '## Rotate the access key',
    'Each generation is one key; the highest is the current one. IAM allows two at a time, so nothing stops in between.',
    [
      `1. In ${where}: ${line('1', '2')}, in place of ${line('1')}. Apply. The new key is made beside the old one. With \`pgp_key\`, give it again.`,
      `2. Read the new key: \`access_key_id\` and \`secret_access_key\`, or \`encrypted_secret_access_key\`, are now those of generation 2. Output \`access_keys\` lists both.`,
      '3. Put the id and the secret into the store in Valohai, and save. Run an execution and see that its outputs arrive.',
      `4. In ${where}: ${line('2')}. Apply. The old key is deleted.`,
    ].join('\n'),
    'The next rotation goes from 2 to 3. Never reuse a number, and never take the old generation out in the apply that adds the new one.',
    '## Before you destroy anything',
    '**`terraform destroy` fails, and is meant to**: the bucket has `prevent_destroy`, so Terraform refuses any plan that would delete or replace it, another `bucket_name` included. S3 besides refuses to delete a bucket that is not empty (`force_destroy` is off).',
    'To give up the rest and keep the bucket as it is: take the store out of Valohai, then let Terraform forget the bucket and its settings, which leaves them untouched, and destroy what is left:',
    fence(
      [
        `terraform state rm $(terraform state list | grep '^${prefix}aws_s3_bucket')`,
        'terraform destroy',
      ].join('\n'),
      'sh',
    ),
  ].join('\n\n')
}
