import { IAMClient, type IAMClientConfig } from '@aws-sdk/client-iam'
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'
import { STSClient, type STSClientConfig } from '@aws-sdk/client-sts'
import { state as sdkState } from '@aws-sdk/core/client'
import { AwsHttpHandler } from './http-handler'
import { Patience } from './patience'

// Told already, for the SDK: which Node its later versions will need is eight lines in the log of every run, and
// nothing that the person who reads it can do anything about. The environment, where the SDK has a switch for it,
// is Terraform's too.
sdkState.warningEmitted = true

/** What every client of ours has: the way to AWS, and the patience with what it answers. */
interface Settings {
  readonly region: string
  /** Names of answers that, besides what always does, settle in time. @default - none */
  readonly settling?: readonly string[]
}

/**
 * A client of S3.
 *
 * @param owner account that a bucket must be of, in every request: a name alone may be somebody else's by now
 */
export function s3Client({
  owner,
  ...config
}: Omit<S3ClientConfig, keyof Settings> & Settings & { readonly owner: string }): S3Client {
  const s3 = new S3Client(common(config))
  s3.middlewareStack.add(
    (next) => (args) => next({ ...args, input: { ...args.input, ExpectedBucketOwner: owner } }),
    { name: 'expectedBucketOwner', step: 'initialize' },
  )
  return s3
}

/** A client of STS. */
export function stsClient(config: Omit<STSClientConfig, keyof Settings> & Settings): STSClient {
  return new STSClient(common(config))
}

/** A client of IAM. */
export function iamClient(config: Omit<IAMClientConfig, keyof Settings> & Settings): IAMClient {
  return new IAMClient(common(config))
}

function common<C extends Settings & { readonly profile?: string }>({ settling = [], ...config }: C) {
  const { profile } = config
  return {
    ...config,
    // As the SDK reads its credentials and endpoints there by itself.
    requestHandler: new AwsHttpHandler(process.env, profile),
    retryStrategy: new Patience(settling, profile),
  }
}
