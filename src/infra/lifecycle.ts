import { Construct } from 'constructs'
import type { S3Bucket } from '@cdktf/provider-aws/lib/s3-bucket'
import { S3BucketLifecycleConfiguration } from '@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration'
import { address, comment } from './comment'

export interface AbortedUploadsProps {
  readonly bucket: S3Bucket
  /** Days after which an unfinished multipart upload is given up. */
  readonly days: number
}

/** The rule that clears away multipart uploads that never finished (guide, step 5, makes such uploads possible). */
export class AbortedUploads extends Construct {
  constructor(scope: Construct, id: string, props: AbortedUploadsProps) {
    super(scope, id)
    const lifecycle = address(
      new S3BucketLifecycleConfiguration(this, 'lifecycle', {
        bucket: props.bucket.id,
        rule: [
          {
            id: 'abort-incomplete-multipart-uploads',
            status: 'Enabled',
            filter: [{}],
            abortIncompleteMultipartUpload: [{ daysAfterInitiation: props.days }],
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
