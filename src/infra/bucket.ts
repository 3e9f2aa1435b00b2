import { Construct } from 'constructs'
import { S3Bucket } from '@cdktf/provider-aws/lib/s3-bucket'
import { S3BucketOwnershipControls } from '@cdktf/provider-aws/lib/s3-bucket-ownership-controls'
import { S3BucketPolicy } from '@cdktf/provider-aws/lib/s3-bucket-policy'
import { S3BucketPublicAccessBlock } from '@cdktf/provider-aws/lib/s3-bucket-public-access-block'
import { S3BucketServerSideEncryptionConfigurationA } from '@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration'
import { S3BucketVersioningA } from '@cdktf/provider-aws/lib/s3-bucket-versioning'
import { address, comment } from './comment'
import { tlsOnlyPolicy } from '../store/policies'

export interface StoreBucketProps {
  /** Name of the bucket. */
  readonly bucketName: string
  /** ARN of the KMS key that encrypts the objects. @default - SSE-S3 */
  readonly kmsKeyArn?: string | undefined
  /** Whether old versions of objects are kept. */
  readonly versioning: boolean
  readonly tags: Record<string, string>
}

/** The private bucket (guide, step 2): closed to the public, encrypted, reached over TLS alone. */
export class StoreBucket extends Construct {
  public readonly bucket: S3Bucket

  constructor(scope: Construct, id: string, props: StoreBucketProps) {
    super(scope, id)

    this.bucket = address(
      new S3Bucket(this, 'bucket', {
        bucket: props.bucketName,
        forceDestroy: false,
        tags: props.tags,
        lifecycle: { preventDestroy: true },
      }),
      'store',
    )
    comment(
      this.bucket,
      'Guide, step 2: the bucket that the outputs land in. It holds data, so Terraform refuses any plan that would delete or replace it.',
    )

    const publicAccessBlock = address(
      new S3BucketPublicAccessBlock(this, 'public-access-block', {
        bucket: this.bucket.id,
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      }),
      'store',
    )
    comment(publicAccessBlock, 'Guide, step 2: private, whatever an ACL or a bucket policy says later.')

    const ownership = address(
      new S3BucketOwnershipControls(this, 'ownership-controls', {
        bucket: this.bucket.id,
        rule: { objectOwnership: 'BucketOwnerEnforced' },
      }),
      'store',
    )
    comment(ownership, 'Guide, step 2: ACLs are off. The account owns every object, whoever wrote it.')

    this.encrypt(props.kmsKeyArn)
    if (props.versioning) this.keepVersions()
    this.refusePlainHttp(publicAccessBlock)
  }

  private encrypt(kmsKeyArn: string | undefined): void {
    const encryption = address(
      new S3BucketServerSideEncryptionConfigurationA(this, 'encryption', {
        bucket: this.bucket.id,
        rule: [
          kmsKeyArn === undefined
            ? { applyServerSideEncryptionByDefault: { sseAlgorithm: 'AES256' } }
            : {
                applyServerSideEncryptionByDefault: { sseAlgorithm: 'aws:kms', kmsMasterKeyId: kmsKeyArn },
                bucketKeyEnabled: true,
              },
        ],
      }),
      'store',
    )
    comment(
      encryption,
      kmsKeyArn === undefined
        ? "Guide, step 2: objects are encrypted at rest with S3's own keys (SSE-S3)."
        : 'Guide, step 2: objects are encrypted at rest with your KMS key; the bucket key keeps the number of calls to KMS, and their price, low.',
    )
  }

  private keepVersions(): void {
    const versioning = address(
      new S3BucketVersioningA(this, 'versioning', {
        bucket: this.bucket.id,
        versioningConfiguration: { status: 'Enabled' },
      }),
      'store',
    )
    comment(
      versioning,
      'Guide, step 2: an overwritten or deleted object can be brought back from its older version.',
    )
  }

  private refusePlainHttp(publicAccessBlock: S3BucketPublicAccessBlock): void {
    const policy = address(
      new S3BucketPolicy(this, 'policy', {
        bucket: this.bucket.id,
        policy: JSON.stringify(tlsOnlyPolicy({ bucketArn: this.bucket.arn })),
        dependsOn: [publicAccessBlock],
      }),
      'store',
    )
    comment(policy, 'Guide, step 2: every request over plain HTTP is refused, whoever signs it.', {
      depends_on: "S3 refuses two changes of a bucket's access settings at the same moment.",
    })
  }
}
