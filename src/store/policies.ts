/**
 * The policies, each written once: the constructs call these functions with references, the documents beside
 * the Terraform with values.
 */
export interface PolicyDocument {
  readonly Version: '2012-10-17'
  readonly Statement: readonly object[]
}

/** What the policies name. Each is a value or a reference of Terraform's; a list may end with `spread`. */
export interface PolicyNames {
  readonly bucketArn: string
  /** AWS partition: `aws`, `aws-cn`, `aws-us-gov`, … */
  readonly partition: string
  readonly userArn: string
  /** Keys that may be used whole, to write and to read; empty with SSE-S3. */
  readonly kmsKeys: readonly string[]
  /** Earlier keys, to read what was written with them. */
  readonly kmsDecryptKeys: readonly string[]
}

/** The least policy of a bucket: every request over plain HTTP is refused, whoever signs it. */
export function tlsOnlyPolicy({ bucketArn }: Pick<PolicyNames, 'bucketArn'>): PolicyDocument {
  return document([
    {
      Sid: 'DenyInsecureTransport',
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:*',
      Resource: [bucketArn, `${bucketArn}/*`],
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    },
  ])
}

/** The bucket's policy: TLS only, and what `deny-reconfiguration` adds. */
export function bucketPolicy({
  bucketArn,
  userArn,
  denyReconfiguration,
}: Pick<PolicyNames, 'bucketArn' | 'userArn'> & { denyReconfiguration: boolean }): PolicyDocument {
  const { Statement } = tlsOnlyPolicy({ bucketArn })
  if (!denyReconfiguration) return document(Statement)
  return document([
    ...Statement,
    {
      Sid: 'DenyReconfiguration',
      Effect: 'Deny',
      // The user stands in the condition: a principal that is deleted makes the policy impossible to write.
      Principal: '*',
      Action: RECONFIGURATION,
      Resource: [bucketArn],
      Condition: { ArnEquals: { 'aws:PrincipalArn': userArn } },
    },
    {
      // Whoever writes with a key of their own (SSE-C) can lock the data away.
      Sid: 'DenyCustomerKeys',
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:PutObject',
      Resource: [`${bucketArn}/*`],
      Condition: { Null: { 's3:x-amz-server-side-encryption-customer-algorithm': 'false' } },
    },
  ])
}

/** What undoes the bucket's settings, or sends what is in it elsewhere. Valohai does none of it. */
const RECONFIGURATION = [
  's3:DeleteBucket',
  's3:DeleteBucketPolicy',
  's3:DeleteBucketWebsite',
  's3:PutAccelerateConfiguration',
  's3:PutAnalyticsConfiguration',
  's3:PutBucketAcl',
  's3:PutBucketCORS',
  's3:PutBucketLogging',
  's3:PutBucketNotification',
  's3:PutBucketObjectLockConfiguration',
  's3:PutBucketOwnershipControls',
  's3:PutBucketPolicy',
  's3:PutBucketPublicAccessBlock',
  's3:PutBucketRequestPayment',
  's3:PutBucketTagging',
  's3:PutBucketVersioning',
  's3:PutBucketWebsite',
  's3:PutEncryptionConfiguration',
  's3:PutInventoryConfiguration',
  's3:PutLifecycleConfiguration',
  's3:PutReplicationConfiguration',
]

/**
 * The user's policy (guide, step 4), its two statements and the grants of KMS keys. What is found in it:
 * - Parliament PERMISSIONS_MANAGEMENT_ACTIONS and Cloudsplaining "ALL Actions from a service": `s3:*` on this bucket is
 *   the guide's. `deny-reconfiguration` takes the settings out again, by the bucket's policy.
 * - Parliament RESOURCE_MISMATCH: of `s3:*`, what is not about a bucket or an object has no effect here;
 *   `s3:ListAllMyBuckets` has the guide's resource, which AWS takes for `*`.
 */
export function storeUserPolicy({
  bucketArn,
  partition,
  ...keys
}: Omit<PolicyNames, 'userArn'>): PolicyDocument {
  return document([
    {
      Sid: 'AllowBucketAccess',
      Effect: 'Allow',
      Action: ['s3:*'],
      Resource: [bucketArn, `${bucketArn}/*`],
    },
    {
      Sid: 'AllowListAccess',
      Effect: 'Allow',
      Action: ['s3:ListAllMyBuckets'],
      Resource: [`arn:${partition}:s3:::*`],
    },
    ...kmsStatements(keys),
  ])
}

/** The role's policy (guide, step 5), and `s3:GetBucketLocation`, which Valohai came to need later. */
export function multipartPolicy({
  bucketArn,
  ...keys
}: Omit<PolicyNames, 'partition' | 'userArn'>): PolicyDocument {
  return document([
    {
      Sid: 'MultipartAccess',
      Effect: 'Allow',
      Action: [
        's3:AbortMultipartUpload',
        's3:GetBucketLocation',
        's3:GetObject',
        's3:ListBucket',
        's3:ListBucketMultipartUploads',
        's3:ListBucketVersions',
        's3:ListMultipartUploadParts',
        's3:PutObject',
      ],
      Resource: [bucketArn, `${bucketArn}/*`],
    },
    ...kmsStatements(keys),
  ])
}

/**
 * The role's trust policy (guide, step 5): that one user may assume it, nobody else. What is found in it:
 * - Parliament MALFORMED: it reads every policy as an identity's, and a trust policy has no resource.
 */
export function multipartTrustPolicy({ userArn }: Pick<PolicyNames, 'userArn'>): PolicyDocument {
  return document([{ Effect: 'Allow', Principal: { AWS: userArn }, Action: 'sts:AssumeRole' }])
}

function document(statements: readonly object[]): PolicyDocument {
  return { Version: '2012-10-17', Statement: statements }
}

/**
 * What whoever reads and writes an SSE-KMS bucket needs of its keys, besides S3: `GenerateDataKey` to write,
 * `Decrypt` to read and to put a multipart upload together.
 */
function kmsStatements({
  kmsKeys,
  kmsDecryptKeys,
}: Pick<PolicyNames, 'kmsKeys' | 'kmsDecryptKeys'>): object[] {
  const grant = (Sid: string, Action: readonly string[], Resource: readonly string[]): object[] =>
    Resource.length === 0 ? [] : [{ Sid, Effect: 'Allow', Action, Resource }]
  return [
    ...grant(KMS_USE, ['kms:Decrypt', 'kms:GenerateDataKey'], kmsKeys),
    ...grant(KMS_READ, ['kms:Decrypt'], kmsDecryptKeys),
  ]
}

/** Sid of the statement that grants the use of KMS keys, and of the one that grants reading with earlier keys. */
const KMS_USE = 'AllowBucketKey'
const KMS_READ = 'AllowEarlierKeys'

/**
 * The KMS keys that a user's policy grants.
 *
 * @param policy the policy as Terraform's state has it, JSON; `undefined` without one
 */
export function grantedKmsKeys(policy: string | undefined): { whole: string[]; decrypt: string[] } {
  const { Statement = [] } = JSON.parse(policy === undefined || policy === '' ? '{}' : policy) as {
    Statement?: readonly { readonly Sid?: string; readonly Resource?: string | readonly string[] }[]
  }
  const resourcesOf = (sid: string): string[] =>
    Statement.filter(({ Sid }) => Sid === sid).flatMap(({ Resource = [] }) => Resource)
  return { whole: resourcesOf(KMS_USE), decrypt: resourcesOf(KMS_READ) }
}
