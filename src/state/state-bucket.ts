import {
  CreateBucketCommand,
  GetBucketEncryptionCommand,
  GetBucketPolicyCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  ListObjectsV2Command,
  PutBucketEncryptionCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutPublicAccessBlockCommand,
  type S3Client,
  waitUntilBucketExists,
  type BucketLocationConstraint,
} from '@aws-sdk/client-s3'
import { tlsOnlyPolicy } from '../store/policies'
import type { Account } from '../decide/observed'
import { s3Client } from '../aws/clients'
import { describe, headerOf, nameOf, statusOf } from '../aws/errors'

/** The bucket that Terraform's state is kept in. */
export interface StateBucketPlace {
  readonly name: string
  readonly region: string
}

/** Seconds to wait until a new bucket can be found. */
const CREATION_LIMIT = 60

/**
 * Whether the state bucket is there and ours, and whether anything is in it.
 *
 * @throws where it belongs to another account, lies in another region, or may not be looked at
 */
export async function lookAtStateBucket(
  bucket: StateBucketPlace,
  account: Account,
): Promise<'missing' | 'empty' | 'used'> {
  return withClient(bucket, async (s3) => {
    if (!(await exists(s3, bucket, account))) return 'missing'
    return (await isEmpty(s3, bucket)) ? 'empty' : 'used'
  })
}

/**
 * Makes the state bucket: private, versioned, encrypted, TLS only. An empty one may be what a run that died here
 * left half made, so what it lacks is added; one that holds anything is not to be touched.
 *
 * @param onMade told as soon as the bucket is made
 * @throws where it cannot be made
 */
export async function makeStateBucket(
  bucket: StateBucketPlace,
  account: Account,
  onMade: () => void,
): Promise<void> {
  return withClient(bucket, async (s3) => {
    if (!(await exists(s3, bucket, account))) await create(s3, bucket)
    onMade()
    await secure(s3, bucket, account)
  })
}

async function withClient<T>(bucket: StateBucketPlace, work: (s3: S3Client) => Promise<T>): Promise<T> {
  const s3 = s3Client({ region: bucket.region })
  try {
    return await work(s3)
  } finally {
    s3.destroy()
  }
}

async function exists(s3: S3Client, { name, region }: StateBucketPlace, account: Account): Promise<boolean> {
  try {
    const answer = await s3.send(new HeadBucketCommand({ Bucket: name, ExpectedBucketOwner: account.id }))
    refuseOtherRegion(name, region, answer.BucketRegion)
    return true
  } catch (cause) {
    if (nameOf(cause) === 'OtherRegion') throw cause
    const status = statusOf(cause)
    if (status === 404) return false
    refuseOtherRegion(name, region, headerOf(cause, 'x-amz-bucket-region'))
    if (status === 403) {
      throw new Error(
        `The state bucket "${name}" exists, and account ${account.id} has no access to it: it belongs to someone else, or ${account.arn} lacks s3:ListBucket on it. Choose another name with \`state-bucket\`, or grant the permission.`,
        { cause },
      )
    }
    throw new Error(`The state bucket "${name}" could not be looked at in ${region}: ${describe(cause)}`, {
      cause,
    })
  }
}

function refuseOtherRegion(name: string, expected: string, actual: string | undefined): void {
  if (actual === undefined || actual === expected) return
  const error = new Error(
    `The state bucket "${name}" lies in ${actual}, not in ${expected}. Set \`state-region: ${actual}\` to use it, or choose another name with \`state-bucket\`.`,
  )
  error.name = 'OtherRegion'
  throw error
}

async function isEmpty(s3: S3Client, { name }: StateBucketPlace): Promise<boolean> {
  const { KeyCount } = await s3.send(new ListObjectsV2Command({ Bucket: name, MaxKeys: 1 }))
  return KeyCount === 0
}

async function create(s3: S3Client, { name, region }: StateBucketPlace): Promise<void> {
  try {
    await s3.send(
      new CreateBucketCommand({
        Bucket: name,
        ObjectOwnership: 'BucketOwnerEnforced',
        // us-east-1 is the default that must not be named.
        ...(region === 'us-east-1'
          ? {}
          : { CreateBucketConfiguration: { LocationConstraint: region as BucketLocationConstraint } }),
      }),
    )
    await waitUntilBucketExists({ client: s3, maxWaitTime: CREATION_LIMIT }, { Bucket: name })
  } catch (cause) {
    // Another run was faster, or is at it: then it is there in a moment, which is all that is wanted.
    if (['BucketAlreadyOwnedByYou', 'OperationAborted'].includes(nameOf(cause))) {
      await waitUntilBucketExists({ client: s3, maxWaitTime: CREATION_LIMIT }, { Bucket: name })
      return
    }
    const why =
      nameOf(cause) === 'BucketAlreadyExists'
        ? 'the name is taken by another account. Choose another one with `state-bucket`'
        : describe(cause)
    throw new Error(`The state bucket "${name}" could not be made in ${region}: ${why}`, { cause })
  }
}

async function secure(s3: S3Client, { name }: StateBucketPlace, account: Account): Promise<void> {
  const target = { Bucket: name, ExpectedBucketOwner: account.id }
  try {
    if (await isMissing(() => s3.send(new GetPublicAccessBlockCommand(target)))) {
      await s3.send(
        new PutPublicAccessBlockCommand({
          ...target,
          PublicAccessBlockConfiguration: {
            BlockPublicAcls: true,
            BlockPublicPolicy: true,
            IgnorePublicAcls: true,
            RestrictPublicBuckets: true,
          },
        }),
      )
    }
    await s3.send(
      new PutBucketVersioningCommand({ ...target, VersioningConfiguration: { Status: 'Enabled' } }),
    )
    // Whoever made the bucket may have chosen a KMS key.
    if (await isMissing(() => s3.send(new GetBucketEncryptionCommand(target)))) {
      await s3.send(
        new PutBucketEncryptionCommand({
          ...target,
          ServerSideEncryptionConfiguration: {
            Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
          },
        }),
      )
    }
    if (await isMissing(() => s3.send(new GetBucketPolicyCommand(target)))) {
      await s3.send(new PutBucketPolicyCommand({ ...target, Policy: tlsOnly(name, account) }))
    }
  } catch (cause) {
    throw new Error(
      `The state bucket "${name}" exists and could not be made private, versioned, encrypted and TLS only: ${describe(cause)}`,
      { cause },
    )
  }
}

async function isMissing(get: () => Promise<unknown>): Promise<boolean> {
  try {
    await get()
    return false
  } catch (error) {
    if (statusOf(error) === 404) return true
    throw error
  }
}

// The bucket is outside Terraform (its own state cannot describe it), so its ARN has to be built here.
function tlsOnly(name: string, account: Account): string {
  const bucketArn = `arn:${account.arn.split(':')[1] ?? 'aws'}:s3:::${name}`
  return JSON.stringify(tlsOnlyPolicy({ bucketArn }))
}
