import { Construct } from 'constructs'
import type { S3Bucket } from '@cdktf/provider-aws/lib/s3-bucket'
import { S3BucketCorsConfiguration } from '@cdktf/provider-aws/lib/s3-bucket-cors-configuration'
import { address, comment } from './comment'

export interface WebUploadsProps {
  readonly bucket: S3Bucket
  /** Origin of Valohai's web app: scheme, host and port, no path. */
  readonly valohaiOrigin: string
}

/** The CORS rules for uploads from Valohai's web app (guide, step 3), rule for rule. */
export class WebUploads extends Construct {
  constructor(scope: Construct, id: string, props: WebUploadsProps) {
    super(scope, id)
    const cors = address(
      new S3BucketCorsConfiguration(this, 'cors', {
        bucket: props.bucket.id,
        corsRule: [
          {
            allowedOrigins: ['*'],
            allowedMethods: ['GET'],
            allowedHeaders: ['Authorization'],
            maxAgeSeconds: 3000,
          },
          {
            allowedOrigins: [props.valohaiOrigin],
            allowedMethods: ['POST'],
            allowedHeaders: ['Authorization'],
            maxAgeSeconds: 3000,
          },
        ],
      }),
      'store',
    )
    comment(
      cors,
      "Guide, step 3: lets the browser upload from Valohai's web app. CORS grants nobody access: each request still needs a valid signature.",
    )
  }
}
