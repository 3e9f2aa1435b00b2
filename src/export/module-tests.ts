import { variablesOf } from '../infra/variables'
import { iamUserName, multipartRoleName } from '../store/names'
import type { StoreSpec } from '../store/spec'
import { assert, literal, quoted, run, variables } from './hcl-text'
import { bucketRuns, KEY_RUNS, policyRuns } from './module-test-runs'
import { plannedOf, type Planned } from './planned'

/** The account that the mocked AWS answers with. */
const ACCOUNT = '123456789012'

/** Base64 of an armored public key, and of the beginning of a binary private one. */
const ARMORED = Buffer.from(`-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n${'x'.repeat(60)}`).toString('base64')
const PRIVATE = Buffer.from([0x95, ...Array<number>(80).fill(1)]).toString('base64')

/** The longest name that S3 allows. */
const LONGEST_BUCKET_NAME = `${'long-bucket-name-'.repeat(4).slice(0, 62)}x`

/**
 * The text of a test file: the reviewer's questions, asked of the configuration by `terraform test` or
 * `tofu test`. The provider is mocked, so the tests need no credentials and make nothing. Every run is a plan:
 * after an apply, what was made would be destroyed, which `prevent_destroy` refuses.
 *
 * @param program Terraform has to be told to mock plans as well; OpenTofu always does, and refuses the word
 */
export function moduleTests(spec: StoreSpec, program: 'terraform' | 'tofu'): string {
  const planned = plannedOf(spec, ACCOUNT)
  const runs = [
    nameRun(spec, spec.bucketName, 'names_come_from_the_bucket', 'Which names does IAM get by itself?'),
    nameRun(
      spec,
      LONGEST_BUCKET_NAME,
      'long_names_are_shortened',
      'Does a bucket name of 63 characters still give valid and unique names?',
    ),
    ...refusalRuns(spec),
    ...bucketRuns(spec, planned),
    ...policyRuns(planned),
    ...KEY_RUNS,
  ]
  return `# What a reviewer asks of this configuration:
#
#   ${program} init -backend=false
#   ${program} test
#
# AWS is a mock here: the tests need no credentials, touch no state and make nothing. One thing no
# test can see: prevent_destroy, which keeps the bucket. Look for it in the configuration.

mock_provider "aws" {
${[...(program === 'terraform' ? ['  override_during = plan'] : []), ...mocks(spec, planned)].join('\n\n')}
}

${variables(valuesFor(spec)).replaceAll(/^ {2}/gm, '')}

${runs.join('\n\n')}
`
}

/** The values that the answers are right for, as expressions; no tags, which no question is about. */
function valuesFor(spec: StoreSpec): Record<string, string> {
  const rows = variablesOf(spec, false).filter(({ name }) => name !== 'tags')
  return Object.fromEntries(rows.map(({ name, value }) => [name, literal(value)]))
}

/** What AWS would make up. Without it, mocked attributes are random text, and an ARN has to look like one. */
function mocks(
  { bucketName, region, manageBucket }: StoreSpec,
  { bucketArn, userArn, role }: Planned,
): string[] {
  const mock = (type: string, ...defaults: string[]): string =>
    `  mock_resource "${type}" {\n    defaults = {\n      ${defaults.join('\n      ')}\n    }\n  }`
  return [
    ...(manageBucket
      ? [
          mock(
            'aws_s3_bucket',
            `id     = ${quoted(bucketName)}`,
            `arn    = ${quoted(bucketArn)}`,
            `region = ${quoted(region)}`,
          ),
        ]
      : []),
    mock('aws_iam_user', `arn = ${quoted(userArn)}`),
    ...(role === undefined ? [] : [mock('aws_iam_role', `arn = ${quoted(role.arn)}`)]),
  ]
}

/** How the names of the user and the role come from the bucket's. */
function nameRun({ multipart }: StoreSpec, bucket: string, name: string, question: string): string {
  const named = (who: string, attribute: string, expected: string): string =>
    assert(
      `${attribute} == ${quoted(expected)}`,
      `The ${who} is not named after the bucket, within IAM's 64 characters.`,
    )
  return run(
    name,
    question,
    variables({
      bucket_name: quoted(bucket),
      iam_user_name: 'null',
      ...(multipart && { multipart_role_name: 'null' }),
    }),
    named('user', 'aws_iam_user.store.name', iamUserName(bucket)),
    ...(multipart ? [named('role', 'aws_iam_role.multipart.name', multipartRoleName(bucket))] : []),
  )
}

/** Values that the configuration refuses before anything is made; each run has a wrong one for each variable. */
function refusalRuns(spec: StoreSpec): string[] {
  const { manageBucket, cors, kmsKeyArn, kmsDecryptKeyArns, multipart } = spec
  const refused: Readonly<Record<string, string>>[] = [
    {
      bucket_name: '"My-Bucket"',
      iam_user_name: '"team/valohai"',
      access_key_generations: '["1", "2", "3"]',
      ...(multipart && { multipart_role_name: quoted('x'.repeat(65)) }),
      iam_path: '"valohai"',
      permissions_boundary: '"boundary"',
      pgp_key: '""',
      tags: '{ "aws:owner" = "me" }',
      ...(manageBucket && cors && { valohai_origin: '"https://app.valohai.com/"' }),
      ...(kmsKeyArn !== undefined && { kms_key_arn: '"alias/my-key"' }),
      ...(kmsDecryptKeyArns.length > 0 && { kms_decrypt_key_arns: '["alias/my-key"]' }),
    },
    {
      bucket_name: '"my.bucket"',
      access_key_generations: '[]',
      pgp_key: quoted(ARMORED),
      tags: '{ owner = "aws:me" }',
    },
    {
      bucket_name: '"my-bucket-"',
      access_key_generations: '["first"]',
      pgp_key: quoted(PRIVATE),
      tags: '{ owner = "a", Owner = "b" }',
    },
    { bucket_name: quoted(`${LONGEST_BUCKET_NAME}x`), tags: '{ owner = "<me>" }' },
    { bucket_name: '"amzn-s3-demo-bucket"' },
    { bucket_name: '"my-bucket--x-s3"' },
  ]
  const runs = refused.map((values, index) =>
    run(
      `wrong_values_are_refused_${index + 1}`,
      `Are values refused that AWS or Valohai would not accept? (${index + 1} of ${refused.length})`,
      variables(values),
      expectFailures(Object.keys(values).map((name) => `var.${name}`)),
    ),
  )
  return [...runs, ...elsewhereRuns(spec)]
}

/** KMS keys of another region than the bucket's. */
function elsewhereRuns({ manageBucket, kmsKeyArn, kmsDecryptKeyArns }: StoreSpec): string[] {
  const key = quoted(`arn:aws:kms:xx-elsewhere-1:${ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab`)
  const keys = {
    ...(kmsKeyArn !== undefined && { kms_key_arn: key }),
    ...(kmsDecryptKeyArns.length > 0 && { kms_decrypt_key_arns: `[${key}]` }),
  }
  if (Object.keys(keys).length === 0) return []
  const failing = [
    'aws_iam_user_policy.store',
    ...(manageBucket && kmsKeyArn !== undefined
      ? ['aws_s3_bucket_server_side_encryption_configuration.store']
      : []),
  ]
  return [
    run(
      'keys_of_another_region_are_refused',
      "Is a KMS key refused that is not of the bucket's region?",
      variables(keys),
      expectFailures(failing),
    ),
  ]
}

const expectFailures = (names: readonly string[]): string =>
  `  expect_failures = [\n    ${names.map((name) => `${name},`).join('\n    ')}\n  ]`
