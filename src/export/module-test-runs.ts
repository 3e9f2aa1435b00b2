import type { JsonValue } from '../infra/hcl/json'
import type { StoreSpec } from '../store/spec'
import { policiesOf } from './facts'
import { TEST_ACCOUNT } from './module-test-account'
import { equals, hcl, type Assert, type Run } from './test-file'

/** Who may reach the bucket, and how what is in it is kept. */
export function bucketRuns(options: StoreSpec): Run[] {
  return [
    {
      name: 'bucket_is_private',
      comment: 'Is the bucket closed to the public?',
      asserts: [
        ...['block_public_acls', 'block_public_policy', 'ignore_public_acls', 'restrict_public_buckets'].map(
          (flag) => ({
            condition: `aws_s3_bucket_public_access_block.store.${flag}`,
            message: `${flag} is off.`,
          }),
        ),
        {
          condition: equals(
            'aws_s3_bucket_ownership_controls.store.rule[0].object_ownership',
            'BucketOwnerEnforced',
          ),
          message: 'ACLs are not off.',
        },
        {
          condition: '!aws_s3_bucket.store.force_destroy',
          message: 'force_destroy is on: a destroy would delete the objects with the bucket.',
        },
      ],
    },
    {
      name: 'bucket_is_encrypted',
      comment: 'Are objects encrypted at rest, and with which key?',
      asserts: encryption(options.kmsKeyArn),
    },
    {
      name: 'bucket_refuses_plain_http',
      comment:
        'Is every request without TLS refused, whoever signs it? Is there anything else in the policy?',
      asserts: [
        policy(
          'aws_s3_bucket_policy.store.policy',
          policiesOf(options, TEST_ACCOUNT).bucket,
          'The policy of the bucket is not the one statement that refuses plain HTTP.',
        ),
      ],
    },
    ...(options.versioning ? [versioning] : []),
    ...(options.cors ? [cors(options.valohaiOrigin)] : []),
    ...(options.abortMultipartDays > 0 ? [lifecycle(options.abortMultipartDays)] : []),
  ]
}

/** What the user may do. */
export function userRuns(options: StoreSpec): Run[] {
  const kms = options.kmsKeyArn === undefined ? '' : ' and the grant of the key'
  return [
    {
      name: 'user_reaches_this_bucket_alone',
      comment: 'What may Valohai do?',
      asserts: [
        policy(
          'aws_iam_user_policy.store.policy',
          policiesOf(options, TEST_ACCOUNT).user,
          `The policy of the user is not the two statements of the guide${kms}.`,
        ),
        {
          condition: 'aws_iam_user_policy.store.user == aws_iam_user.store.name',
          message: 'The policy belongs to another user.',
        },
      ],
    },
  ]
}

/** What the role may do, and who may be it. */
export function roleRuns(options: StoreSpec): Run[] {
  const { role, trust } = policiesOf(options, TEST_ACCOUNT)
  return [
    {
      name: 'role_is_for_this_user_alone',
      comment: 'Who may assume the role for outputs over 5 GB?',
      asserts: [
        policy(
          'aws_iam_role.multipart.assume_role_policy',
          trust,
          'Somebody else than the user may assume the role.',
        ),
      ],
    },
    {
      name: 'role_cannot_delete',
      comment: 'What may the workers do that get the credentials of the role?',
      asserts: [
        policy(
          'aws_iam_role_policy.multipart.policy',
          role,
          'The policy of the role is not the one that was reviewed.',
        ),
        {
          condition: [
            'alltrue([',
            '      for action in flatten(jsondecode(aws_iam_role_policy.multipart.policy).Statement[*].Action) :',
            '      !can(regex("Delete|[*]", action))',
            '    ])',
          ].join('\n'),
          message: 'The role may delete, or has an action with a wildcard.',
        },
      ],
    },
  ]
}

/** The access keys, in the middle of a rotation too. */
export const keyRuns: readonly Run[] = [
  {
    name: 'one_key',
    comment: 'How many access keys are there, and whose are they?',
    asserts: [
      { condition: 'length(aws_iam_access_key.store) == 1', message: 'There is not exactly one key.' },
      {
        condition: 'aws_iam_access_key.store["1"].user == aws_iam_user.store.name',
        message: 'The key belongs to another user.',
      },
    ],
  },
  {
    name: 'two_generations_make_two_keys',
    comment: 'Does a rotation keep the old key until it is taken out, and is 10 later than 9?',
    variables: { access_key_generations: ['9', '10'] },
    asserts: [
      {
        condition: 'toset(keys(aws_iam_access_key.store)) == toset(["9", "10"])',
        message: 'There is not one key for each generation.',
      },
      {
        condition: 'local.current_generation == "10"',
        message: 'The current key is not the one of the highest generation.',
      },
    ],
  },
]

function encryption(kmsKeyArn: string | undefined): Assert[] {
  const rule = 'one(aws_s3_bucket_server_side_encryption_configuration.store.rule)'
  const settings = `${rule}.apply_server_side_encryption_by_default[0]`
  if (kmsKeyArn === undefined) {
    return [
      {
        condition: equals(`${settings}.sse_algorithm`, 'AES256'),
        message: "Objects are not encrypted with S3's own keys.",
      },
    ]
  }
  return [
    {
      condition: equals(`${settings}.sse_algorithm`, 'aws:kms'),
      message: 'Objects are not encrypted with a KMS key.',
    },
    {
      condition: equals(`${settings}.kms_master_key_id`, kmsKeyArn),
      message: 'Objects are encrypted with another KMS key.',
    },
    {
      condition: `${rule}.bucket_key_enabled`,
      message: 'The bucket key is off: every object would cost a call to KMS.',
    },
  ]
}

const versioning: Run = {
  name: 'old_versions_are_kept',
  comment: 'Can an overwritten object be brought back?',
  asserts: [
    {
      condition: equals('aws_s3_bucket_versioning.store.versioning_configuration[0].status', 'Enabled'),
      message: 'Versioning is off.',
    },
  ],
}

function cors(origin: string): Run {
  const rules = 'aws_s3_bucket_cors_configuration.store.cors_rule'
  return {
    name: 'cors_lets_valohai_alone_post',
    comment: 'Which web pages may upload?',
    asserts: [
      {
        condition: `length(${rules}) == 2`,
        message: 'There are other CORS rules than the two of the guide.',
      },
      {
        condition: [
          'alltrue([',
          `      for rule in ${rules} :`,
          '      contains([toset(["GET"]), toset(["POST"])], toset(rule.allowed_methods))',
          '    ])',
        ].join('\n'),
        message: 'A CORS rule allows another method than GET or POST.',
      },
      {
        condition: [
          'toset(flatten([',
          `      for rule in ${rules} : rule.allowed_origins if contains(rule.allowed_methods, "POST")`,
          `    ])) == toset(${hcl([origin])})`,
        ].join('\n'),
        message: 'Another origin than Valohai may POST.',
      },
    ],
  }
}

function lifecycle(days: number): Run {
  const rules = 'aws_s3_bucket_lifecycle_configuration.store.rule'
  const ways = ['expiration', 'noncurrent_version_expiration', 'transition', 'noncurrent_version_transition']
  return {
    name: 'no_object_expires',
    comment: 'Does the lifecycle rule touch any finished object?',
    asserts: [
      {
        condition: `length(${rules}) == 1 && ${equals(`${rules}[0].abort_incomplete_multipart_upload[0].days_after_initiation`, days)}`,
        message: 'There is more than the rule about unfinished uploads, or it has another limit.',
      },
      {
        condition: `alltrue([\n${ways.map((way) => `      length(${rules}[0].${way}) == 0,`).join('\n')}\n    ])`,
        message: 'Objects expire, or move to another storage class.',
      },
    ],
  }
}

function policy(attribute: string, expected: object | undefined, message: string): Assert {
  return {
    condition: equals(`jsondecode(${attribute})`, (expected ?? null) as unknown as JsonValue),
    message,
  }
}
