/**
 * The policies, each written once: the constructs call these functions with references, the documents beside
 * the Terraform with values.
 */
export interface PolicyDocument {
  readonly Version: '2012-10-17'
  readonly Statement: readonly object[]
}

/** What the policies name. Each is a value or a reference of Terraform's. */
export interface PolicyNames {
  readonly bucketArn: string
  /** AWS partition: `aws`, `aws-cn`, `aws-us-gov`, … */
  readonly partition: string
  readonly userArn: string
  /** ARN of the KMS key that encrypts the bucket's objects. @default - SSE-S3 */
  readonly kmsKeyArn?: string | undefined
}

/** The bucket's policy: every request over plain HTTP is refused, whoever signs it. */
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

/** The user's policy (guide, step 4), its two statements and the grant of the key where there is one. */
export function storeUserPolicy({
  bucketArn,
  partition,
  kmsKeyArn,
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
    ...kmsStatements(kmsKeyArn),
  ])
}

/** The role's policy (guide, step 5), and `s3:GetBucketLocation`, which Valohai came to need later. */
export function multipartPolicy({
  bucketArn,
  kmsKeyArn,
}: Pick<PolicyNames, 'bucketArn' | 'kmsKeyArn'>): PolicyDocument {
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
    ...kmsStatements(kmsKeyArn),
  ])
}

/** The role's trust policy (guide, step 5): that one user may assume it, nobody else. */
export function multipartTrustPolicy({ userArn }: Pick<PolicyNames, 'userArn'>): PolicyDocument {
  return document([{ Effect: 'Allow', Principal: { AWS: userArn }, Action: 'sts:AssumeRole' }])
}

function document(statements: readonly object[]): PolicyDocument {
  return { Version: '2012-10-17', Statement: statements }
}

/**
 * What whoever reads and writes an SSE-KMS bucket needs of its key, besides S3: `GenerateDataKey` to write,
 * `Decrypt` to read and to put a multipart upload together. Empty where there is no key.
 */
function kmsStatements(kmsKeyArn: string | undefined): object[] {
  if (kmsKeyArn === undefined) return []
  return [
    {
      Sid: KMS_USE,
      Effect: 'Allow',
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
      Resource: [kmsKeyArn],
    },
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
