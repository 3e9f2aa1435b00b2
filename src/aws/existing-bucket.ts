import {
  GetBucketAclCommand,
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
  type GetBucketCorsCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3'
import type { Account, ExistingBucket } from '../decide/observed'
import { partitionIn } from '../store/arn'
import type { JsonObject } from '../store/json'
import { s3Client } from './clients'
import { corsRule, lifecycleRule, statementsOf, tagsOf } from './documents'
import { describe, headerOf, statusOf, unlessMissing } from './errors'

/** A bucket by its name and the region that it is expected in. */
export interface BucketPlace {
  readonly name: string
  readonly region: string
}

/**
 * A bucket of ours by that name, with everything that somebody may have set on it.
 *
 * @returns `undefined` where the name is free
 * @throws where it belongs to another account, lies in another region, or may not be looked at
 */
export async function findBucket(place: BucketPlace, account: Account): Promise<ExistingBucket | undefined> {
  const s3 = s3Client({ region: place.region, owner: account.id })
  return (await isThere(s3, place, account)) ? read(s3, place, account) : undefined
}

/**
 * Looks whether a bucket that is managed elsewhere is there.
 *
 * @throws where there is none, or as `findBucket` does
 */
export async function findManagedElsewhere(place: BucketPlace, account: Account): Promise<void> {
  if (await isThere(s3Client({ region: place.region, owner: account.id }), place, account)) return
  throw new Error(
    `There is no bucket ${place.name}, and with \`manage-bucket: false\` none is made. Make it where it is managed, or leave manage-bucket out.`,
  )
}

/**
 * The CORS rules of a bucket, as the AWS provider has them (`s3:GetBucketCORS`).
 *
 * @throws where they may not be read
 */
export async function findCorsRules(
  { name, region }: BucketPlace,
  { id: owner }: Pick<Account, 'id'>,
): Promise<JsonObject[]> {
  const request = s3Client({ region, owner }).send(new GetBucketCorsCommand({ Bucket: name }))
  return rulesOf(await unlessMissing(request))
}

const rulesOf = (cors: GetBucketCorsCommandOutput | undefined): JsonObject[] =>
  (cors?.CORSRules ?? []).map(corsRule)

async function read(s3: S3Client, { name }: BucketPlace, account: Account): Promise<ExistingBucket> {
  const bucket = { Bucket: name }
  const [tags, policy, cors, lifecycle, encryption, ownership, publicAccess, versioning] = await Promise.all([
    unlessMissing(s3.send(new GetBucketTaggingCommand(bucket))),
    unlessMissing(s3.send(new GetBucketPolicyCommand(bucket))),
    unlessMissing(s3.send(new GetBucketCorsCommand(bucket))),
    unlessMissing(s3.send(new GetBucketLifecycleConfigurationCommand(bucket))),
    unlessMissing(s3.send(new GetBucketEncryptionCommand(bucket))),
    unlessMissing(s3.send(new GetBucketOwnershipControlsCommand(bucket))),
    unlessMissing(s3.send(new GetPublicAccessBlockCommand(bucket))),
    s3.send(new GetBucketVersioningCommand(bucket)),
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
  const [rule] = encryption?.ServerSideEncryptionConfiguration?.Rules ?? []
  const isUntouched = [tags, policy, cors, lifecycle].every((setting) => setting === undefined)
  const [isEmpty, usesAcls] = await Promise.all([
    isUntouched && hasNothing(s3, bucket),
    ownership?.OwnershipControls?.Rules?.[0]?.ObjectOwnership !== 'BucketOwnerEnforced' &&
      grantsOthers(s3, bucket),
  ])
  return {
    arn: `arn:${partitionIn(account.arn)}:s3:::${name}`,
    tags: tagsOf(tags?.TagSet),
    isEmpty,
    settings: Object.entries(settings).flatMap(([type, setting]) => (setting === undefined ? [] : [type])),
    bucketKeyEnabled: rule === undefined ? undefined : rule.BucketKeyEnabled === true,
    kmsKeyArn: rule?.ApplyServerSideEncryptionByDefault?.KMSMasterKeyID,
    policyStatements: statementsOf(policy?.Policy),
    corsRules: rulesOf(cors),
    lifecycleRules: (lifecycle?.Rules ?? []).map(lifecycleRule),
    usesAcls,
  }
}

interface Named {
  readonly Bucket: string
}

async function hasNothing(s3: S3Client, bucket: Named): Promise<boolean> {
  const [objects, uploads] = await Promise.all([
    s3.send(new ListObjectVersionsCommand({ ...bucket, MaxKeys: 1 })),
    s3.send(new ListMultipartUploadsCommand({ ...bucket, MaxUploads: 1 })),
  ])
  const found = [objects.Versions, objects.DeleteMarkers, uploads.Uploads]
  return found.every((list) => (list ?? []).length === 0)
}

async function grantsOthers(s3: S3Client, bucket: Named): Promise<boolean> {
  const { Owner, Grants = [] } = await s3.send(new GetBucketAclCommand(bucket))
  return Grants.some(({ Grantee }) => Grantee?.ID === undefined || Grantee.ID !== Owner?.ID)
}

async function isThere(s3: S3Client, place: BucketPlace, account: Account): Promise<boolean> {
  const { name } = place
  try {
    const { BucketRegion } = await s3.send(new HeadBucketCommand({ Bucket: name }))
    refuseOtherRegion(place, BucketRegion)
    return true
  } catch (cause) {
    if (statusOf(cause) === 404) return false
    if (statusOf(cause) === undefined) throw cause
    refuseOtherRegion(place, headerOf(cause, 'x-amz-bucket-region'))
    if (statusOf(cause) === 403) {
      throw new Error(
        `The bucket ${name} exists, and account ${account.id} has no access to it: it belongs to another account, or ${account.arn} lacks s3:ListBucket on it. Choose another name, or grant the permission.`,
        { cause },
      )
    }
    throw new Error(`The bucket ${name} could not be looked at: ${describe(cause)}`, { cause })
  }
}

function refuseOtherRegion({ name, region }: BucketPlace, actual: string | undefined): void {
  if (actual === undefined || actual === region) return
  throw new Error(
    `The bucket ${name} exists in ${actual}, not in ${region}. Set \`region: ${actual}\` to use it, or choose another name.`,
  )
}
