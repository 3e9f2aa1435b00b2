import { Construct } from 'constructs'
import { S3Bucket } from '@cdktf/provider-aws/lib/s3-bucket'
import { S3BucketCorsConfiguration } from '@cdktf/provider-aws/lib/s3-bucket-cors-configuration'
import { S3BucketLifecycleConfiguration } from '@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration'
import { S3BucketOwnershipControls } from '@cdktf/provider-aws/lib/s3-bucket-ownership-controls'
import { S3BucketPolicy } from '@cdktf/provider-aws/lib/s3-bucket-policy'
import { S3BucketPublicAccessBlock } from '@cdktf/provider-aws/lib/s3-bucket-public-access-block'
import { S3BucketServerSideEncryptionConfigurationA } from '@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration'
import { S3BucketVersioningA } from '@cdktf/provider-aws/lib/s3-bucket-versioning'
import { isAccountRegional, LIFECYCLE_RULES } from '../store/names'
import { bucketPolicy } from '../store/policies'
import type { StoreSpec } from '../store/spec'
import { address, comment, skip, USER_ARN } from './comment'
import type { Skip } from './hcl'
import { keysAreInRegion } from './region-of-keys'
import { otherCorsRules, otherLifecycleRules } from './other-rules'
import { spread } from './spread'
import { partsOf } from '../store/parts'

const SSE_S3 = 'S3 encrypts with its own keys unless the option kms-key-arn names one.'

/** The private bucket (guide, steps 2, 3 and 5): closed to the public, encrypted, reached over TLS alone. */
export class StoreBucket extends Construct {
  public readonly bucket: S3Bucket

  /** @param region expression of its region */
  constructor(
    scope: Construct,
    id: string,
    spec: StoreSpec,
    private readonly region: string,
  ) {
    super(scope, id)

    this.bucket = address(
      new S3Bucket(this, 'bucket', {
        bucket: '${var.bucket_name}',
        forceDestroy: false,
        lifecycle: { preventDestroy: true },
      }),
      'store',
    )
    this.bucket.addOverride('tags', '${var.tags}')
    if (isAccountRegional(spec.bucketName)) {
      this.bucket.addOverride('bucket_namespace', 'account-regional')
    }
    comment(
      this.bucket,
      'Guide, step 2: the bucket that the outputs land in. It holds data: as long as this block is in the configuration, Terraform refuses any plan that would delete or replace it.',
    )
    skip(this.bucket, ...acceptedFindings(spec))

    const { cors, lifecycle, bucketKey } = partsOf(spec)
    const publicAccessBlock = spec.publicAccessBlock ? this.closeToThePublic() : undefined
    this.disableAcls()
    this.encrypt(spec.kmsKeyArn !== undefined, bucketKey)
    if (spec.versioning) this.keepVersions()
    this.refuse(spec.denyReconfiguration, publicAccessBlock)
    if (cors) this.allowWebUploads()
    if (lifecycle) this.setRules(spec)
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
    return publicAccessBlock
  }

  private disableAcls(): void {
    const ownership = address(
      new S3BucketOwnershipControls(this, 'ownership-controls', {
        bucket: this.bucket.id,
        rule: { objectOwnership: 'BucketOwnerEnforced' },
      }),
      'store',
    )
    comment(ownership, 'Guide, step 2: ACLs are off. The account owns every object, whoever wrote it.')
  }

  private encrypt(withKms: boolean, bucketKey: boolean): void {
    const encryption = address(
      new S3BucketServerSideEncryptionConfigurationA(this, 'encryption', {
        bucket: this.bucket.id,
        rule: [
          {
            applyServerSideEncryptionByDefault: withKms
              ? { sseAlgorithm: 'aws:kms', kmsMasterKeyId: '${var.kms_key_arn}' }
              : { sseAlgorithm: 'AES256' },
          },
        ],
      }),
      'store',
    )
    if (withKms)
      encryption.addOverride('lifecycle.precondition', keysAreInRegion(['[var.kms_key_arn]'], this.region))
    if (bucketKey) encryption.addOverride('rule.0.bucket_key_enabled', '${var.bucket_key_enabled}')
    comment(
      encryption,
      withKms
        ? 'Guide, step 2: objects are encrypted at rest with your KMS key; the bucket key keeps the number of calls to KMS, and their price, low.'
        : "Guide, step 2: objects are encrypted at rest with S3's own keys (SSE-S3).",
    )
    if (!withKms) skip(encryption, { trivy: 'AWS-0132', reason: SSE_S3 })
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

  private refuse(
    denyReconfiguration: boolean,
    publicAccessBlock: S3BucketPublicAccessBlock | undefined,
  ): void {
    const bucketArn = this.bucket.arn
    const { Statement, ...document } = bucketPolicy({ bucketArn, userArn: USER_ARN, denyReconfiguration })
    const policy = address(
      new S3BucketPolicy(this, 'policy', {
        bucket: this.bucket.id,
        policy: JSON.stringify({
          ...document,
          Statement: [...Statement, spread('var.other_policy_statements')],
        }),
        ...(publicAccessBlock && { dependsOn: [publicAccessBlock] }),
      }),
      'store',
    )
    comment(
      policy,
      denyReconfiguration
        ? "Guide, step 2: every request over plain HTTP is refused, whoever signs it. Valohai's user is refused what would undo the settings, and everybody an upload encrypted with a key of their own."
        : 'Guide, step 2: every request over plain HTTP is refused, whoever signs it.',
      publicAccessBlock && {
        depends_on: "S3 refuses two changes of a bucket's access settings at the same moment.",
      },
    )
  }

  /** The CORS rules for uploads from Valohai's web app, the guide's rule for rule. */
  private allowWebUploads(): void {
    const rule = { allowedHeaders: ['Authorization'], maxAgeSeconds: 3000 }
    const cors = address(
      new S3BucketCorsConfiguration(this, 'cors', {
        bucket: this.bucket.id,
        corsRule: [
          { ...rule, allowedOrigins: ['*'], allowedMethods: ['GET'] },
          { ...rule, allowedOrigins: ['${var.valohai_origin}'], allowedMethods: ['POST'] },
        ],
      }),
      'store',
    )
    cors.addOverride('dynamic', otherCorsRules())
    comment(
      cors,
      "Guide, step 3: lets the browser upload from Valohai's web app. CORS grants nobody access: each request still needs a valid signature.",
      { 'dynamic.for_each': 'Rules of others, as they made them.' },
    )
  }

  /** The guide's step 5 makes multipart uploads possible, and so those that never finish. */
  private setRules(spec: StoreSpec): void {
    const { aborts, expires } = partsOf(spec)
    const rule = (id: string, effect: object) => ({ id, status: 'Enabled', filter: [{}], ...effect })
    const lifecycle = address(
      new S3BucketLifecycleConfiguration(this, 'lifecycle', {
        bucket: this.bucket.id,
        rule: [
          ...when(
            aborts,
            rule(LIFECYCLE_RULES.abort, {
              abortIncompleteMultipartUpload: [{ daysAfterInitiation: '${var.abort_multipart_days}' }],
            }),
          ),
          ...when(
            expires,
            rule(LIFECYCLE_RULES.expire, {
              noncurrentVersionExpiration: [{ noncurrentDays: '${var.noncurrent_days}' }],
            }),
          ),
        ],
      }),
      'store',
    )
    lifecycle.addOverride('dynamic', otherLifecycleRules())
    const reasons = [
      ...when(
        aborts,
        'Guide, step 5: parts of an upload that never finished are invisible and still cost money.',
      ),
      ...when(expires, 'Guide, step 2: old versions cost money too, so they expire after a time.'),
      aborts || expires ? 'These rules expire no object that is current.' : 'There is none of ours.',
    ]
    comment(lifecycle, reasons.join(' '), { 'dynamic.for_each': 'Rules of others, as they made them.' })
  }
}

/** What Checkov and Trivy say of the bucket with these settings, and why it is accepted. */
function acceptedFindings(spec: StoreSpec): Skip[] {
  return [
    {
      checkov: 'CKV_AWS_18',
      trivy: 'AWS-0089',
      reason: 'The guide asks for no access log, which would need a second bucket.',
    },
    { checkov: 'CKV_AWS_144', reason: 'The guide asks for no copy in another region.' },
    { checkov: 'CKV2_AWS_62', reason: 'Valohai listens to no events of the bucket.' },
    ...when(!spec.versioning, {
      checkov: 'CKV_AWS_21',
      trivy: 'AWS-0090',
      reason: 'Old versions are kept only where the option versioning asks for it.',
    }),
    ...when(spec.kmsKeyArn === undefined, { checkov: 'CKV_AWS_145', reason: SSE_S3 }),
    ...when(!partsOf(spec).lifecycle, {
      checkov: 'CKV2_AWS_61',
      reason: 'The option abort-multipart-days leaves the lifecycle rule out.',
    }),
  ]
}

function when<T>(condition: boolean, item: T): T[] {
  return condition ? [item] : []
}
