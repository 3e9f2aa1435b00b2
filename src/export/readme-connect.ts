import { newStoreName } from '../store/names'
import { SECRET_VARIABLE } from '../store/outputs'
import type { StoreSpec } from '../store/spec'
import { STORE_INPUTS } from '../config/inputs/store'
import { DEFAULT_ORIGIN } from '../config/valohai'
import { code, fence, table } from '../markdown/escape'
import { shellWord } from '../markdown/shell'
import type { DocumentsRequest } from './documents'
import { generationsOf } from './generations'

/** How the store in Valohai gets the access key (guide, step 6): by one line, or by the form of the web app. */
export function connectSection({ spec, target }: DocumentsRequest): string {
  const defaults = spec.setDefault
    ? " and makes it the project's default, so that outputs land in it"
    : '; the default store stays as it is'
  return `## Set up the store in Valohai

After the apply, with a token of a Valohai user who may change the project in \`VALOHAI_TOKEN\`:

${fence(connectLine(spec), 'sh')}

\`valohai-s3\` is \`npx --yes github:org/valohai-s3-action#v1\`, and needs neither Terraform nor AWS credentials. \`connect\` proves the access key on the bucket, creates the data store or updates it${defaults}. Where the outputs have several stores${target.layout === 'module' ? ', each handed out as `store` is' : ''}, \`--bucket\` says which one is meant. Run it again at any time: it changes nothing where all is as it should be.

With \`pgp_key\` the outputs have the secret only encrypted. Decrypt it first:

${fence(
  `export ${SECRET_VARIABLE}="$(terraform output -raw encrypted_secret_access_key | base64 -d | gpg -d)"`,
  'sh',
)}

${byForm(spec)}`
}

/** The one line. Options stand in it where the store is not what it is without them. */
function connectLine(spec: StoreSpec): string {
  const { projects, valohaiOrigin, storeAccess, setDefault, keyGraceDays, bucketName } = spec
  const options: readonly (readonly [name: string, value: string, usual: string])[] = [
    ...(projects.length === 0 ? ['acme/churn-model'] : projects).map(
      (one) => ['valohai-project', one, ''] as const,
    ),
    ['valohai-url', valohaiOrigin, DEFAULT_ORIGIN],
    [
      'store-name',
      newStoreName(spec),
      newStoreName({ ...spec, bucketName, manageBucket: true, storeName: undefined }),
    ],
    ['store-access', storeAccess, STORE_INPUTS['store-access'].default],
    ['set-default', String(setDefault), STORE_INPUTS['set-default'].default],
    ['key-grace-days', String(keyGraceDays), STORE_INPUTS['key-grace-days'].default],
  ]
  const words = options.flatMap(([name, value, usual]) =>
    // An HTML comment in a name would be a mark of terraform-docs': the shell reads the same without it.
    value === usual ? [] : [`--${name} ${shellWord(value).replaceAll('<!--', "<''!--")}`],
  )
  return `terraform output -json | valohai-s3 connect --outputs-file - ${words.join(' ')}`
}

function byForm(spec: StoreSpec): string {
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
  return `**Or by hand**, in ${code(spec.valohaiOrigin)}, in the settings of the project: **Data Stores**, then **Add S3 store**.

${table(['Field', 'Value'], rows)}

Valohai checks the key by writing a small test file into the bucket. A key that was made seconds ago may be refused: wait a minute and try again.

${
  spec.setDefault
    ? `Then make the store the project's default, under ${setting}, so that outputs land in it.`
    : `The store was not asked to be the project's default: outputs go on landing where they do now. To change that, see ${setting}.`
}`
}

/** How to change the access key of a store that is connected. */
export function rotationSection(request: DocumentsRequest): string {
  const { target, spec } = request
  const { current, next } = generationsOf(request)
  const isRoot = target.layout === 'root'
  const where = isRoot ? '`terraform.tfvars.json`' : 'the module block'
  const generations = (list: string): string =>
    isRoot ? `\`"access_key_generations": ${list}\`` : `\`access_key_generations = ${list}\``
  return `## Rotate the access key

Each generation is one key; the highest is the current one. IAM allows two at a time, so nothing stops in between.

1. In ${where}: ${generations(`["${current}", "${next}"]`)}. Apply. The new key is made beside the old one.
2. [Connect](#set-up-the-store-in-valohai) again; with \`pgp_key\` decrypt the new secret first. The store gets the key of generation ${next}, and \`connect\` says from which day on that of generation ${current} may go. Or put \`access_key_id\` and the secret into the store by hand.
3. Wait until that day (${spec.keyGraceDays} days): Valohai hands out links that are signed with the old key, and live for seven days at most. They end with the key.
4. In ${where}: ${generations(`["${next}"]`)}. Apply. The old key is deleted.

The next rotation goes from ${next} to ${next + 1}. Never reuse a number, and never take the old generation out in the apply that adds the new one.`
}
