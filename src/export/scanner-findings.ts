import type { StoreSpec } from '../store/spec'

/** A check of a scanner: checkov's `CKV…` or Trivy's `AVD-AWS-…`. */
export interface Check {
  readonly id: string
  /** As the scanner prints it. */
  readonly title: string
}

/** Checks that the configuration fails for one reason. */
export interface Finding {
  readonly checks: readonly Check[]
  /** Why it stays, and what to do where it may not. */
  readonly reason: string
}

// Ids and titles are those of checkov (its policy index and sources) and of trivy-checks, August 2026.
const USER: Finding = {
  checks: [
    check('CKV_AWS_273', 'Ensure access is controlled through SSO and not AWS IAM defined users'),
    check('CKV_AWS_40', 'Ensure IAM policies are attached only to groups or roles'),
    check('AVD-AWS-0143', 'IAM policies should not be granted directly to users.'),
  ],
  reason:
    'Valohai signs its requests with an access key (guide, step 4), so there has to be a user. It has no password, and this one policy, which stands beside it to be read; a group would have one member and hide it.',
}
const WILDCARD: Finding = {
  checks: [
    check('AVD-AWS-0345', 'Disallow unrestricted S3 IAM Policies'),
    check(
      'AVD-AWS-0057',
      'IAM policy should avoid use of wildcards and instead apply the principle of least privilege',
    ),
  ],
  reason:
    'The guide asks for full access, s3:*, to this bucket and its objects, and the policy names no other. Trivy reads the first of the two for managed policies and those of roles, so it may pass over the policy of a user; the second is deprecated and comes from older releases alone.',
}
const LOGGING: Finding = {
  checks: [
    check('CKV_AWS_18', 'Ensure the S3 bucket has access logging enabled'),
    check('AVD-AWS-0089', 'S3 Bucket Logging'),
  ],
  reason:
    'Logs go to a bucket that is not part of this. Where you need them, add aws_s3_bucket_logging to your log bucket, or data events of the bucket to your CloudTrail.',
}
const REPLICATION: Finding = {
  checks: [check('CKV_AWS_144', 'Ensure that S3 bucket has cross-region replication enabled')],
  reason:
    'A second bucket doubles the cost of storage, and carries data out of its region. Where you need it, versioning has to be on.',
}
const EVENTS: Finding = {
  checks: [check('CKV2_AWS_62', 'Ensure S3 buckets should have event notifications enabled')],
  reason: 'Nothing reads such events: Valohai knows its outputs from its own executions.',
}
const KMS: Finding = {
  checks: [
    check('CKV_AWS_145', 'Ensure that S3 buckets are encrypted with KMS by default'),
    check('AVD-AWS-0132', 'S3 encryption should use Customer Managed Keys'),
  ],
  reason:
    'Objects are encrypted with keys of S3 (SSE-S3, AES256). To hold the key yourself, export again with kms-key-arn; the user and the role then get the grants they need.',
}
const VERSIONING: Finding = {
  checks: [
    check('CKV_AWS_21', 'Ensure all data stored in the S3 bucket have versioning enabled'),
    check('AVD-AWS-0090', 'S3 Data should be versioned'),
  ],
  reason:
    'Old versions are stored and charged until somebody deletes them, and Valohai writes each output under a path of its own. To have them, export again with versioning.',
}
const LIFECYCLE: Finding = {
  checks: [check('CKV2_AWS_61', 'Ensure that an S3 bucket has a lifecycle configuration')],
  reason:
    'abort-multipart-days is 0, which leaves the rule out. Parts of uploads that never finished then stay, and are charged.',
}
const ABORTED_UPLOADS = check(
  'CKV_AWS_300',
  'Ensure S3 lifecycle configuration sets period for aborting failed uploads',
)

/** Checks that hold whatever the options. */
const ALWAYS_PASSED: readonly Check[] = [
  check('CKV_AWS_19', 'Ensure all data stored in the S3 bucket is securely encrypted at rest'),
  check('CKV_AWS_20', 'S3 Bucket has an ACL defined which allows public READ access.'),
  check('CKV_AWS_53', 'Ensure S3 bucket has block public ACLS enabled'),
  check('CKV_AWS_54', 'Ensure S3 bucket has block public policy enabled'),
  check('CKV_AWS_55', 'Ensure S3 bucket has ignore public ACLs enabled'),
  check('CKV_AWS_56', "Ensure S3 bucket has 'restrict_public_buckets' enabled"),
  check('CKV_AWS_57', 'S3 Bucket has an ACL defined which allows public WRITE access.'),
  check('CKV_AWS_62', 'Ensure IAM policies that allow full "*-*" administrative privileges are not created'),
  check('CKV_AWS_63', 'Ensure no IAM policies documents allow "*" as a statement\'s actions'),
  check('CKV_AWS_70', 'Ensure S3 bucket does not allow an action with any Principal'),
  check('CKV_AWS_93', 'Ensure S3 bucket policy does not lockout all but root user.'),
  check('CKV2_AWS_6', 'Ensure that S3 bucket has a Public Access block'),
  check('CKV2_AWS_22', 'Ensure an IAM User does not have access to the console'),
  check('CKV2_AWS_40', 'Ensure AWS IAM policy does not allow full IAM privileges'),
  check('CKV2_AWS_65', 'Ensure access control lists for S3 buckets are disabled'),
  check('AVD-AWS-0086', 'S3 Access block should block public ACL'),
  check('AVD-AWS-0087', 'S3 Access block should block public policy'),
  check('AVD-AWS-0088', 'Unencrypted S3 bucket.'),
  check('AVD-AWS-0091', 'S3 Access Block should Ignore Public ACL'),
  check('AVD-AWS-0092', 'S3 Buckets not publicly accessible through ACL.'),
  check('AVD-AWS-0093', 'S3 Access block should restrict public bucket to limit access'),
  check('AVD-AWS-0094', 'S3 buckets should each define an aws_s3_bucket_public_access_block'),
  check('AVD-AWS-0320', 'S3 DNS Compliant Bucket Names'),
]
const ROLE_PASSED: readonly Check[] = [
  check('CKV_AWS_60', 'Ensure IAM role allows only specific services or principals to assume it'),
  check('CKV_AWS_61', 'Ensure AWS IAM policy does not allow assume role permission across all services'),
]

/** What scanners go on reporting, by reason. */
export function remainingFindings(options: StoreSpec): Finding[] {
  return [
    USER,
    WILDCARD,
    LOGGING,
    REPLICATION,
    EVENTS,
    ...(options.kmsKeyArn === undefined ? [KMS] : []),
    ...(options.versioning ? [] : [VERSIONING]),
    ...(options.abortMultipartDays > 0 ? [] : [LIFECYCLE]),
  ]
}

/** What scanners look for and find in order. */
export function passedChecks(options: StoreSpec): Check[] {
  return [
    ...ALWAYS_PASSED,
    ...(options.multipart ? ROLE_PASSED : []),
    ...(options.kmsKeyArn === undefined ? [] : KMS.checks),
    ...(options.versioning ? VERSIONING.checks : []),
    ...(options.abortMultipartDays > 0 ? [...LIFECYCLE.checks, ABORTED_UPLOADS] : []),
  ]
}

function check(id: string, title: string): Check {
  return { id, title }
}
