import { newStoreName } from '../store/names'
import { code, table } from '../markdown/escape'
import type { DocumentsRequest } from './documents'

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

/** How to change the access key by hand. */
export function rotationSection({ target }: DocumentsRequest): string {
  const isRoot = target.layout === 'root'
  const where = isRoot ? '`terraform.tfvars.json`' : 'the module block'
  const generations = (list: string): string =>
    isRoot ? `\`"access_key_generations": ${list}\`` : `\`access_key_generations = ${list}\``
  return `## Rotate the access key

Each generation is one key; the highest is the current one. IAM allows two at a time, so nothing stops in between.

1. In ${where}: ${generations('["1", "2"]')}. Apply. The new key is made beside the old one.
2. Read the new key: \`access_key_id\` and \`secret_access_key\`, or \`encrypted_secret_access_key\`, are now those of generation 2.
3. Put the id and the secret into the store in Valohai, and save. Run an execution and see that its outputs arrive.
4. Wait seven days: Valohai hands out links that are signed with the old key and live that long at most. They end with the key.
5. In ${where}: ${generations('["2"]')}. Apply. The old key is deleted.

The next rotation goes from 2 to 3. Never reuse a number, and never take the old generation out in the apply that adds the new one.`
}

/** What a second export does to the first one. */
export function againSection({ target }: DocumentsRequest): string {
  const isRoot = target.layout === 'root'
  return `## Export it again

With other options, or by a later release, into the same directory: ${
    isRoot
      ? 'what stands in `terraform.tfvars.json` and no option gives is kept (`access_key_generations`, `pgp_key`, `permissions_boundary`, `other_…`, values of your own variables); an earlier `kms_key_arn` goes on being granted for reading. '
      : 'the values are those of your module block, and stay there. '
  }Files of your own are left. A file of the export that you edited is overwritten only with \`--force\`, so put what you add into files of your own.${
    isRoot
      ? ' For another directory, copy `terraform.tfvars.json` there first: the key in use is one of those in it.'
      : ''
  }`
}
