import { abortDays, partsOf } from '../store/parts'
import type { StoreSpec } from '../store/spec'
import { assert, isJson, quoted, run } from './hcl-text'
import type { Planned } from './planned'

/** Who may reach the bucket, and how what is in it is kept. */
export function bucketRuns(spec: StoreSpec, { bucketArn }: Planned): string[] {
  if (!spec.manageBucket) return [bucketElsewhereRun(spec, bucketArn)]
  const parts = partsOf(spec)
  const flags = ['block_public_acls', 'block_public_policy', 'ignore_public_acls', 'restrict_public_buckets']
  return [
    run(
      'bucket_is_private',
      'Is the bucket closed to the public?',
      ...(spec.publicAccessBlock ? flags : []).map((flag) =>
        assert(`aws_s3_bucket_public_access_block.store.${flag}`, `${flag} is off.`),
      ),
      assert(
        'aws_s3_bucket_ownership_controls.store.rule[0].object_ownership == "BucketOwnerEnforced"',
        'ACLs are not off.',
      ),
      assert(
        '!aws_s3_bucket.store.force_destroy',
        'force_destroy is on: a destroy would delete the objects with the bucket.',
      ),
    ),
    encryptionRun(spec.kmsKeyArn),
    ...(spec.versioning ? [VERSIONING_RUN] : []),
    ...(parts.cors ? [corsRun(spec.valohaiOrigin)] : []),
    ...(parts.lifecycle ? [lifecycleRun(spec)] : []),
  ]
}

/** What the policies of bucket, user and role allow. */
export function policyRuns({ bucketPolicy, userPolicy, role }: Planned): string[] {
  return [
    ...(bucketPolicy === undefined
      ? []
      : [
          run(
            'bucket_refuses_plain_http',
            'Is every request without TLS refused, whoever signs it? What else is in the policy?',
            assert(
              isJson('aws_s3_bucket_policy.store.policy', bucketPolicy),
              'The policy of the bucket is not the one that was reviewed.',
            ),
          ),
        ]),
    run(
      'user_reaches_this_bucket_alone',
      'What may Valohai do?',
      assert(
        isJson('aws_iam_user_policy.store.policy', userPolicy),
        'The policy of the user is not the one that was reviewed.',
      ),
      assert(
        'aws_iam_user_policy.store.user == aws_iam_user.store.name',
        'The policy belongs to another user.',
      ),
    ),
    ...(role === undefined
      ? []
      : [
          run(
            'role_is_for_this_user_alone',
            'Who may assume the role for outputs over 5 GB?',
            assert(
              isJson('aws_iam_role.multipart.assume_role_policy', role.trust),
              'Somebody other than the user may assume the role.',
            ),
          ),
          run(
            'role_cannot_delete',
            'What may the workers do that get the credentials of the role?',
            assert(
              isJson('aws_iam_role_policy.multipart.policy', role.policy),
              'The policy of the role is not the one that was reviewed.',
            ),
            assert(
              `alltrue([
      for action in flatten(jsondecode(aws_iam_role_policy.multipart.policy).Statement[*].Action) :
      !can(regex("Delete|[*]", action))
    ])`,
              'The role may delete, or has an action with a wildcard.',
            ),
          ),
        ]),
  ]
}

/** The access keys, in the middle of a rotation too. */
export const KEY_RUNS: readonly string[] = [
  run(
    'one_key',
    'How many access keys are there, and whose are they?',
    assert('length(aws_iam_access_key.store) == 1', 'There is not exactly one key.'),
    assert(
      'aws_iam_access_key.store["1"].user == aws_iam_user.store.name',
      'The key belongs to another user.',
    ),
  ),
  run(
    'two_generations_make_two_keys',
    'Does a rotation keep the old key until it is taken out, and is 10 later than 9?',
    '  variables {\n    access_key_generations = ["9", "10"]\n  }',
    assert(
      'toset(keys(aws_iam_access_key.store)) == toset(["9", "10"])',
      'There is not one key for each generation.',
    ),
    assert('local.current_generation == "10"', 'The current key is not the one of the highest generation.'),
  ),
]

function encryptionRun(kmsKeyArn: string | undefined): string {
  const rule = 'one(aws_s3_bucket_server_side_encryption_configuration.store.rule)'
  const settings = `${rule}.apply_server_side_encryption_by_default[0]`
  const asserts =
    kmsKeyArn === undefined
      ? [assert(`${settings}.sse_algorithm == "AES256"`, "Objects are not encrypted with S3's own keys.")]
      : [
          assert(`${settings}.sse_algorithm == "aws:kms"`, 'Objects are not encrypted with a KMS key.'),
          assert(
            `${settings}.kms_master_key_id == ${quoted(kmsKeyArn)}`,
            'Objects are encrypted with another KMS key.',
          ),
          assert(
            `${rule}.bucket_key_enabled`,
            'The bucket key is off: every object would cost a call to KMS.',
          ),
        ]
  return run('bucket_is_encrypted', 'Are objects encrypted at rest, and with which key?', ...asserts)
}

const VERSIONING_RUN = run(
  'old_versions_are_kept',
  'Can an overwritten object be brought back?',
  assert(
    'aws_s3_bucket_versioning.store.versioning_configuration[0].status == "Enabled"',
    'Versioning is off.',
  ),
)

function corsRun(origin: string): string {
  const rules = 'aws_s3_bucket_cors_configuration.store.cors_rule'
  return run(
    'cors_lets_valohai_alone_post',
    'Which web pages may upload?',
    assert(`length(${rules}) == 2`, 'There are other CORS rules than the two of the guide.'),
    assert(
      `alltrue([
      for rule in ${rules} :
      contains([toset(["GET"]), toset(["POST"])], toset(rule.allowed_methods))
    ])`,
      'A CORS rule allows another method than GET or POST.',
    ),
    assert(
      `toset(flatten([
      for rule in ${rules} : rule.allowed_origins if contains(rule.allowed_methods, "POST")
    ])) == toset([${quoted(origin)}])`,
      'Another origin than Valohai may POST.',
    ),
  )
}

function lifecycleRun(spec: StoreSpec): string {
  const { aborts, expires } = partsOf(spec)
  const rules = 'aws_s3_bucket_lifecycle_configuration.store.rule'
  const expected = [
    ...(aborts ? [{ id: 'abort-incomplete-multipart-uploads', days: abortDays(spec) }] : []),
    ...(expires ? [{ id: 'expire-noncurrent-versions', days: spec.noncurrentDays }] : []),
  ]
  return run(
    'no_current_object_expires',
    'Does a lifecycle rule touch any object that is current?',
    assert(
      `[
      for rule in ${rules} : {
        id = rule.id
        days = one(concat(
          rule.abort_incomplete_multipart_upload[*].days_after_initiation,
          rule.noncurrent_version_expiration[*].noncurrent_days
        ))
      }
    ] == [${expected.map(({ id, days }) => `{ id = "${id}", days = ${days} }`).join(', ')}]`,
      'There are other rules than those that were reviewed, or they have other limits.',
    ),
    assert(
      `alltrue([
      for rule in ${rules} :
      length(rule.expiration) + length(rule.transition) + length(rule.noncurrent_version_transition) == 0
    ])`,
      'Objects expire, or move to another storage class.',
    ),
  )
}

function bucketElsewhereRun({ region }: StoreSpec, bucketArn: string): string {
  return run(
    'bucket_is_managed_elsewhere',
    'Is the bucket that is named the one that is meant?',
    assert(`output.bucket_arn == ${quoted(bucketArn)}`, 'It is another bucket, or in another partition.'),
    assert(`output.region == ${quoted(region)}`, 'It is in another region.'),
  )
}
