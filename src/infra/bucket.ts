import { Construct } from 'constructs'
import { S3Bucket } from '@cdktf/provider-aws/lib/s3-bucket'
import { S3BucketCorsConfiguration } from '@cdktf/provider-aws/lib/s3-bucket-cors-configuration'
import { S3BucketLifecycleConfiguration } from '@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration'
import { S3BucketOwnershipControls } from '@cdktf/provider-aws/lib/s3-bucket-ownership-controls'
import { S3BucketPolicy } from '@cdktf/provider-aws/lib/s3-bucket-policy'
import { S3BucketPublicAccessBlock } from '@cdktf/provider-aws/lib/s3-bucket-public-access-block'
import { S3BucketServerSideEncryptionConfigurationA } from '@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration'
import { S3BucketVersioningA } from '@cdktf/provider-aws/lib/s3-bucket-versioning'
import { address, comment, skip } from './comment'
import { tlsOnlyPolicy } from '../store/policies'
import type { Variables } from './variables'

const SSE_S3 = 'S3 encrypts with its own keys unless the option kms-key-arn names one.'

export interface StoreBucketProps {
  readonly variables: Variables
  /** Whether old versions of objects are kept. */
  readonly versioning: boolean
}

/** The private bucket (guide, steps 2, 3 and 5): closed to the public, encrypted, reached over TLS alone. */
export class StoreBucket extends Construct {
  public readonly bucket: S3Bucket

  constructor(scope: Construct, id: string, { variables, versioning }: StoreBucketProps) {
    super(scope, id)

    this.bucket = address(
      new S3Bucket(this, 'bucket', {
        bucket: variables.bucketName,
        forceDestroy: false,
        tags: variables.tags,
        lifecycle: { preventDestroy: true },
      }),
      'store',
    )
    comment(
      this.bucket,
      'Guide, step 2: the bucket that the outputs land in. It holds data, so Terraform refuses any plan that would delete or replace it.',
    )

    skip(
      this.bucket,
      {
        checkov: 'CKV_AWS_18',
        trivy: 'AWS-0089',
        reason: 'The guide asks for no access log, which would need a second bucket.',
      },
      { checkov: 'CKV_AWS_144', reason: 'The guide asks for no copy in another region.' },
      { checkov: 'CKV2_AWS_62', reason: 'Valohai listens to no events of the bucket.' },
      ...(versioning
        ? []
        : [
            {
              checkov: 'CKV_AWS_21',
              trivy: 'AWS-0090',
              reason: 'Old versions are kept only where the option versioning asks for it.',
            },
          ]),
      ...(variables.kmsKeyArn === undefined
        ? [
            {
              checkov: 'CKV_AWS_145',
              reason: SSE_S3,
            },
          ]
        : []),
      ...(variables.abortMultipartDays === undefined
        ? [
            {
              checkov: 'CKV2_AWS_61',
              reason: 'The option abort-multipart-days leaves the lifecycle rule out.',
            },
          ]
        : []),
    )

    const publicAccessBlock = this.closeToThePublic()
    this.encrypt(variables.kmsKeyArn)
    if (versioning) this.keepVersions()
    this.refusePlainHttp(publicAccessBlock)
    if (variables.valohaiOrigin !== undefined) this.allowWebUploads(variables.valohaiOrigin)
    if (variables.abortMultipartDays !== undefined) this.abortUploads(variables.abortMultipartDays)
  }

  private closeToThePublic(): S3BucketPublicAccessBlock {
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
    return publicAccessBlock
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
    if (kmsKeyArn === undefined) skip(encryption, { trivy: 'AWS-0132', reason: SSE_S3 })
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

  /** The CORS rules for uploads from Valohai's web app, the guide's rule for rule. */
  private allowWebUploads(valohaiOrigin: string): void {
    const rule = { allowedHeaders: ['Authorization'], maxAgeSeconds: 3000 }
    const cors = address(
      new S3BucketCorsConfiguration(this, 'cors', {
        bucket: this.bucket.id,
        corsRule: [
          { ...rule, allowedOrigins: ['*'], allowedMethods: ['GET'] },
          { ...rule, allowedOrigins: [valohaiOrigin], allowedMethods: ['POST'] },
        ],
      }),
      'store',
    )
    comment(
      cors,
      "Guide, step 3: lets the browser upload from Valohai's web app. CORS grants nobody access: each request still needs a valid signature.",
    )
  }

  /** The guide's step 5 makes multipart uploads possible, and so those that never finish. */
  private abortUploads(days: number): void {
    const lifecycle = address(
      new S3BucketLifecycleConfiguration(this, 'lifecycle', {
        bucket: this.bucket.id,
        rule: [
          {
            id: 'abort-incomplete-multipart-uploads',
            status: 'Enabled',
            filter: [{}],
            abortIncompleteMultipartUpload: [{ daysAfterInitiation: days }],
          },
        ],
      }),
      'store',
    )
    comment(
      lifecycle,
      'Guide, step 5: parts of an upload that never finished are invisible and still cost money. No finished object is ever expired.',
    )
  }
}
