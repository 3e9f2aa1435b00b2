import type { JsonValue } from '../infra/hcl/json'
import { iamUserName, multipartRoleName } from '../store/names'
import type { StoreSpec } from '../store/spec'
import { equals, type Assert, type Run } from './test-file'

/** The longest name that S3 allows. */
const LONGEST_BUCKET_NAME = `${'long-bucket-name-'.repeat(4).slice(0, 62)}x`

/** How the names of the user and the role come from the bucket's. */
export function nameRuns({ bucketName, multipart }: StoreSpec): Run[] {
  const none = { iam_user_name: null, ...(multipart ? { multipart_role_name: null } : {}) }
  const asserts = (bucket: string): Assert[] => [
    {
      condition: equals('aws_iam_user.store.name', iamUserName(bucket)),
      message: "The user is not named after the bucket, within IAM's 64 characters.",
    },
    ...(multipart
      ? [
          {
            condition: equals('aws_iam_role.multipart.name', multipartRoleName(bucket)),
            message: "The role is not named after the bucket, within IAM's 64 characters.",
          },
        ]
      : []),
  ]
  return [
    {
      name: 'names_come_from_the_bucket',
      comment: 'Which names does IAM get, where none is given?',
      variables: none,
      asserts: asserts(bucketName),
    },
    {
      name: 'long_names_are_shortened',
      comment: 'Does a bucket name of 63 characters still give valid and unique names?',
      variables: { bucket_name: LONGEST_BUCKET_NAME, ...none },
      asserts: asserts(LONGEST_BUCKET_NAME),
    },
  ]
}

/** Values that the configuration refuses before anything is made; each run has a wrong one for each variable. */
export function refusalRuns({ cors, kmsKeyArn, multipart }: StoreSpec): Run[] {
  const refused: Readonly<Record<string, JsonValue>>[] = [
    {
      bucket_name: 'My-Bucket',
      iam_user_name: 'team/valohai',
      access_key_generations: ['1', '2', '3'],
      ...(multipart ? { multipart_role_name: 'x'.repeat(65) } : {}),
      ...(cors ? { valohai_origin: 'https://app.valohai.com/' } : {}),
      ...(kmsKeyArn === undefined ? {} : { kms_key_arn: 'alias/my-key' }),
    },
    { bucket_name: 'my.bucket', access_key_generations: [] },
    { bucket_name: 'my-bucket-', access_key_generations: ['first'] },
    { bucket_name: `${LONGEST_BUCKET_NAME}x` },
  ]
  return refused.map((variables, index) => ({
    name: `wrong_values_are_refused_${index + 1}`,
    ...(index === 0 ? { comment: 'Are values refused that AWS or Valohai would stumble over?' } : {}),
    variables,
    expectFailures: Object.keys(variables).map((name) => `var.${name}`),
  }))
}
