import { newStoreName } from '../store/names'
import { code, fence, table } from '../markdown/escape'
import type { DocumentsRequest } from './documents'

/** Where the key's secret goes, and how to keep it out of the state. */
export function secretSection({ target }: DocumentsRequest): string {
  const place =
    target.layout === 'root'
      ? 'as `"pgp_key"` into `terraform.tfvars.json`'
      : 'as `pgp_key` into the module block'
  return `## The access key's secret

**Without \`pgp_key\`** the secret stands in Terraform's state in plain text: whoever may read the state may read and delete the data. It is shown with:

${fence('terraform output -raw secret_access_key', 'sh')}

**With \`pgp_key\`** the secret is encrypted before it reaches the state, and only your private key opens it. \`pgp_key\` is the base64 of your binary public key, without line breaks. It is no secret. Before the first apply, put what this prints ${place}:

${fence("gpg --export <KEY_ID> | base64 | tr -d '\\n'", 'sh')}

After the apply, this shows the secret:

${fence('terraform output -raw encrypted_secret_access_key | base64 -d | gpg -d', 'sh')}

The provider takes what GnuPG makes by default: RSA keys, and \`ed25519\` keys with a \`cv25519\` subkey, the older form of Curve 25519. It takes no ASCII-armored key. The secret is encrypted once, when the access key is made: a later \`pgp_key\` changes nothing about a key that is there.`
}

/** The steps that are left to a person (guide, step 6). */
export function valohaiSection({ spec }: DocumentsRequest): string {
  const rows = [
    ['Name', code(newStoreName(spec))],
    ['Bucket', code(spec.bucketName)],
    ['Region', code(spec.region)],
    ['Access key ID', 'output `access_key_id`'],
    [
      'Secret access key',
      'output `secret_access_key`, or with `pgp_key` the decrypted output `encrypted_secret_access_key`',
    ],
    [
      'Multipart Upload IAM Role ARN',
      spec.multipart ? 'output `multipart_role_arn`' : 'leave it empty: no role is made',
    ],
    ...(spec.kmsKeyArn === undefined ? [] : [['KMS key ARN', code(spec.kmsKeyArn)]]),
  ]
  const setting =
    '**Settings > Basic Information** (in newer versions **Settings > General > Default upload store**)'
  return `## Set up the store in Valohai

After the apply, in ${code(spec.valohaiOrigin)}, in the settings of the project: **Data Stores**, then **Add S3 store**.

${table(['Field', 'Value'], rows)}

Valohai checks the key by writing a small test file into the bucket. A key that was made seconds ago may be refused: wait a minute and try again.

${
  spec.setDefault
    ? `Then make the store the project's default, under ${setting}, so that outputs land in it.`
    : `The store was not asked to be the project's default: outputs go on landing where they do now. To change that, see ${setting}.`
}`
}

/** How to change the access key by hand, and how not to lose the data. */
export function operationsSection({ target, spec }: DocumentsRequest): string {
  const isRoot = target.layout === 'root'
  const where = isRoot ? '`terraform.tfvars.json`' : 'the module block'
  const generations = (list: string): string =>
    isRoot ? `\`"access_key_generations": ${list}\`` : `\`access_key_generations = ${list}\``
  const [prefix, scope] = isRoot ? ['', ''] : ['module.store.', ' -target=module.store']
  return `## Rotate the access key

Each generation is one key; the highest is the current one. IAM allows two at a time, so nothing stops in between.

1. In ${where}: ${generations('["1", "2"]')}. Apply. The new key is made beside the old one.
2. Read the new key: \`access_key_id\` and \`secret_access_key\`, or \`encrypted_secret_access_key\`, are now those of generation 2.
3. Put the id and the secret into the store in Valohai, and save. Run an execution and see that its outputs arrive.
4. Wait seven days: Valohai hands out links that are signed with the old key and live that long at most. They end with the key.
5. In ${where}: ${generations('["2"]')}. Apply. The old key is deleted.

The next rotation goes from 2 to 3. Never reuse a number, and never take the old generation out in the apply that adds the new one.

## Before you destroy anything

${spec.manageBucket ? keepTheBucket(prefix, scope) : `The bucket is no part of this: \`terraform destroy${scope}\` leaves it as it is. Take the store out of Valohai first.`}`
}

function keepTheBucket(prefix: string, scope: string): string {
  return `**\`terraform destroy\` fails, and is meant to**: the bucket has \`prevent_destroy\`, so Terraform refuses any plan that would delete or replace it, another \`bucket_name\` included. S3 also refuses to delete a bucket that is not empty (\`force_destroy\` is off).

To give up the rest and keep the bucket as it is: take the store out of Valohai, let Terraform forget the bucket and its settings, which leaves them as they are in AWS, and destroy what is left:

${fence(
  `terraform state rm $(terraform state list | grep '^${prefix}aws_s3_bucket')
terraform destroy${scope}`,
  'sh',
)}`
}
