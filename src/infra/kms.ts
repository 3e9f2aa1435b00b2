/** One statement of an IAM policy. */
export interface PolicyStatement {
  readonly Sid: string
  readonly Effect: 'Allow'
  readonly Action: readonly string[]
  readonly Resource: readonly string[]
}

/**
 * What whoever reads and writes an SSE-KMS bucket needs of its key, besides S3: `GenerateDataKey` to write,
 * `Decrypt` to read and to put a multipart upload together. Empty where there is no key.
 */
export function kmsStatements(kmsKeyArn: string | undefined): PolicyStatement[] {
  if (kmsKeyArn === undefined) return []
  return [
    {
      Sid: 'AllowBucketKey',
      Effect: 'Allow',
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
      Resource: [kmsKeyArn],
    },
  ]
}
