import {
  GetBucketEncryptionCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  GetPublicAccessBlockCommand,
  PutBucketEncryptionCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutPublicAccessBlockCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { describe, nameOf, statusOf } from '../aws/errors'
import type { Account } from '../decide/observed'
import { PUBLIC_ACCESS_BLOCK_DENIED } from '../store/denied'
import { partitionIn } from '../store/arn'
import { tlsOnlyPolicy } from '../store/policies'
import type { StoreSpec } from '../store/spec'

/** What the state bucket has of the store's own settings. */
export type StateBucketSettings = Pick<StoreSpec, 'publicAccessBlock' | 'tags'>

/** Why a bucket is there and is not, for a person. */
export const BEING_DELETED =
  'a bucket of that name is being deleted, or made by somebody else at this moment. S3 needs up to an hour until the name is free: run it again later, or choose another name with `state-bucket`'

interface Setting {
  /** Whether the bucket has it and is to keep it. */
  readonly isThere: () => Promise<boolean>
  readonly put: () => Promise<unknown>
  /** What to do where it is denied. */
  readonly denied?: string
}

/**
 * Makes a bucket private, versioned, encrypted and TLS only. Adds what it lacks; what somebody gave it stays.
 *
 * @throws where S3 does not take a setting, naming the input that leaves it out, where there is one
 */
export async function secure(
  s3: S3Client,
  bucket: string,
  account: Account,
  settings: StateBucketSettings,
): Promise<void> {
  for (const { isThere, put, denied } of settingsOf(s3, bucket, account, settings)) {
    try {
      if (!(await isThere())) await put()
    } catch (cause) {
      const why = nameOf(cause) === 'NoSuchBucket' ? BEING_DELETED : describe(cause)
      const hint = nameOf(cause) === 'AccessDenied' && denied !== undefined ? `. ${denied}` : ''
      throw new Error(
        `The state bucket "${bucket}" exists and could not be made private, versioned, encrypted and TLS only: ${why}${hint}`,
        { cause },
      )
    }
  }
}

function settingsOf(
  s3: S3Client,
  Bucket: string,
  account: Account,
  { publicAccessBlock, tags }: StateBucketSettings,
): readonly Setting[] {
  const PublicAccessBlockConfiguration = {
    BlockPublicAcls: true,
    BlockPublicPolicy: true,
    IgnorePublicAcls: true,
    RestrictPublicBuckets: true,
  }
  const access: Setting = {
    isThere: () => answers(s3.send(new GetPublicAccessBlockCommand({ Bucket }))),
    put: () => s3.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration })),
    denied: PUBLIC_ACCESS_BLOCK_DENIED,
  }
  const versioning: Setting = {
    isThere: () => Promise.resolve(false),
    put: () =>
      s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } })),
  }
  const Rules = [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' as const } }]
  const encryption: Setting = {
    // Whoever made the bucket may have chosen a KMS key.
    isThere: () => answers(s3.send(new GetBucketEncryptionCommand({ Bucket }))),
    put: () =>
      s3.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: { Rules } })),
  }
  const policy: Setting = {
    isThere: () => answers(s3.send(new GetBucketPolicyCommand({ Bucket }))),
    put: () => s3.send(new PutBucketPolicyCommand({ Bucket, Policy: tlsOnly(Bucket, account) })),
  }
  const TagSet = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))
  const tagging: Setting = {
    isThere: () => answers(s3.send(new GetBucketTaggingCommand({ Bucket }))),
    put: () => s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet } })),
    denied: 'Grant s3:GetBucketTagging and s3:PutBucketTagging on it, or leave `tags` out.',
  }
  return [
    ...(publicAccessBlock ? [access] : []),
    versioning,
    encryption,
    policy,
    ...(TagSet.length > 0 ? [tagging] : []),
  ]
}

/** Whether S3 has what was asked for. */
async function answers(asked: Promise<unknown>): Promise<boolean> {
  try {
    await asked
    return true
  } catch (error) {
    if (statusOf(error) === 404 && nameOf(error) !== 'NoSuchBucket') return false
    throw error
  }
}

// The bucket is outside Terraform (its own state cannot describe it), so its ARN has to be built here.
function tlsOnly(name: string, account: Account): string {
  const bucketArn = `arn:${partitionIn(account.arn)}:s3:::${name}`
  return JSON.stringify(tlsOnlyPolicy({ bucketArn }))
}
