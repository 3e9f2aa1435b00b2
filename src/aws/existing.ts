import {
  GetBucketCorsCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import {
  GetRoleCommand,
  GetRolePolicyCommand,
  GetUserCommand,
  GetUserPolicyCommand,
  type IAMClient,
  type Tag,
} from '@aws-sdk/client-iam'
import type { Account, Existing, ExistingBucket, ExistingIdentity } from '../decide/observed'
import { POLICY_NAMES, STATE_TAG } from '../store/names'
import { iamClient, s3Client } from './clients'
import { describe, headerOf, nameOf, statusOf } from './errors'

/**
 * What an account has under the names of a store; what is not named is not looked for.
 *
 * @throws where the bucket belongs to another account, lies in another region, or may not be looked at
 */
export async function findExisting(
  region: string,
  account: Account,
  { bucket, user, role }: { readonly bucket?: string; readonly user?: string; readonly role?: string },
): Promise<Existing> {
  const [foundBucket, foundUser, foundRole] = await Promise.all([
    bucket === undefined ? undefined : findBucket({ name: bucket, region }, account),
    user === undefined ? undefined : findUser(region, user),
    role === undefined ? undefined : findRole(region, role),
  ])
  return { bucket: foundBucket, user: foundUser, role: foundRole }
}

/**
 * A bucket of ours by that name, looked at before the first write.
 *
 * @returns `undefined` where the name is free
 * @throws where it belongs to another account, lies in another region, or may not be looked at
 */
async function findBucket(
  { name, region }: { readonly name: string; readonly region: string },
  account: Account,
): Promise<ExistingBucket | undefined> {
  const s3 = s3Client({ region, owner: account.id })
  try {
    const Bucket = name
    if (!(await isThere(s3, { name, region }, account))) return undefined
    const [tags, policy, cors, lifecycle, encryption, ownership, publicAccess, versioning] =
      await Promise.all([
        unlessMissing(s3.send(new GetBucketTaggingCommand({ Bucket }))),
        unlessMissing(s3.send(new GetBucketPolicyCommand({ Bucket }))),
        unlessMissing(s3.send(new GetBucketCorsCommand({ Bucket }))),
        unlessMissing(s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))),
        unlessMissing(s3.send(new GetBucketEncryptionCommand({ Bucket }))),
        unlessMissing(s3.send(new GetBucketOwnershipControlsCommand({ Bucket }))),
        unlessMissing(s3.send(new GetPublicAccessBlockCommand({ Bucket }))),
        s3.send(new GetBucketVersioningCommand({ Bucket })),
      ])
    const settings = {
      aws_s3_bucket_policy: policy,
      aws_s3_bucket_cors_configuration: cors,
      aws_s3_bucket_lifecycle_configuration: lifecycle,
      aws_s3_bucket_server_side_encryption_configuration: encryption,
      aws_s3_bucket_ownership_controls: ownership,
      aws_s3_bucket_public_access_block: publicAccess,
      aws_s3_bucket_versioning: versioning.Status === undefined ? undefined : versioning,
    }
    const untouched = [tags, policy, cors, lifecycle].every((setting) => setting === undefined)
    return {
      stateTag: tags?.TagSet?.find(({ Key }) => Key === STATE_TAG)?.Value,
      bucketKeyEnabled:
        encryption?.ServerSideEncryptionConfiguration?.Rules?.some(
          ({ BucketKeyEnabled }) => BucketKeyEnabled,
        ) === true,
      isEmpty: untouched && (await hasNothing(s3, Bucket)),
      settings: Object.entries(settings).flatMap(([type, setting]) => (setting === undefined ? [] : [type])),
    }
  } finally {
    s3.destroy()
  }
}

/** An IAM user of that name; `undefined` where there is none. */
export async function findUser(region: string, name: string): Promise<ExistingIdentity | undefined> {
  return withIam(region, `user ${name}`, async (iam) => {
    const { User } = await iam.send(new GetUserCommand({ UserName: name }))
    const policy = { UserName: name, PolicyName: POLICY_NAMES.user }
    return identity(User?.Arn, User?.Tags, await unlessMissing(iam.send(new GetUserPolicyCommand(policy))))
  })
}

/** An IAM role of that name; `undefined` where there is none. */
async function findRole(region: string, name: string): Promise<ExistingIdentity | undefined> {
  return withIam(region, `role ${name}`, async (iam) => {
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: name }))
    const policy = { RoleName: name, PolicyName: POLICY_NAMES.role }
    return identity(Role?.Arn, Role?.Tags, await unlessMissing(iam.send(new GetRolePolicyCommand(policy))))
  })
}

const identity = (arn = '', tags: readonly Tag[] = [], policy?: unknown): ExistingIdentity => ({
  arn,
  stateTag: tags.find(({ Key }) => Key === STATE_TAG)?.Value,
  hasPolicy: policy !== undefined,
})

async function isThere(
  s3: S3Client,
  { name, region }: { readonly name: string; readonly region: string },
  account: Account,
): Promise<boolean> {
  const elsewhere = (actual: string | undefined): void => {
    if (actual === undefined || actual === region) return
    throw new Error(
      `The bucket ${name} exists in ${actual}, not in ${region}. Set \`region: ${actual}\` to use it, or choose another name.`,
    )
  }
  try {
    const { BucketRegion } = await s3.send(
      new HeadBucketCommand({ Bucket: name, ExpectedBucketOwner: account.id }),
    )
    elsewhere(BucketRegion)
    return true
  } catch (cause) {
    if (statusOf(cause) === 404) return false
    if (statusOf(cause) === undefined) throw cause
    elsewhere(headerOf(cause, 'x-amz-bucket-region'))
    if (statusOf(cause) === 403) {
      throw new Error(
        `The bucket ${name} exists, and account ${account.id} has no access to it: it belongs to another account, or ${account.arn} lacks s3:ListBucket on it. Choose another name, or grant the permission.`,
        { cause },
      )
    }
    throw new Error(`The bucket ${name} could not be looked at: ${describe(cause)}`, { cause })
  }
}

async function hasNothing(s3: S3Client, Bucket: string): Promise<boolean> {
  const [objects, uploads] = await Promise.all([
    s3.send(new ListObjectVersionsCommand({ Bucket, MaxKeys: 1 })),
    s3.send(new ListMultipartUploadsCommand({ Bucket, MaxUploads: 1 })),
  ])
  const found = [objects.Versions, objects.DeleteMarkers, uploads.Uploads]
  return found.every((list) => (list ?? []).length === 0)
}

async function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (statusOf(error) === 404) return undefined
    throw error
  }
}

async function withIam<T>(
  region: string,
  what: string,
  work: (iam: IAMClient) => Promise<T>,
): Promise<T | undefined> {
  const iam = iamClient({ region })
  try {
    return await work(iam)
  } catch (cause) {
    if (nameOf(cause) === 'NoSuchEntityException') return undefined
    throw new Error(`The IAM ${what} could not be looked at: ${describe(cause)}`, { cause })
  } finally {
    iam.destroy()
  }
}
