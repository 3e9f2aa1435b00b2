import {
  CreateBucketCommand,
  HeadBucketCommand,
  ListObjectsV2Command,
  type S3Client,
  type BucketLocationConstraint,
} from '@aws-sdk/client-s3'
import type { Account } from '../decide/observed'
import { s3Client } from '../aws/clients'
import { describe, headerOf, nameOf, statusOf } from '../aws/errors'
import type { StatePlace } from './place'
import { BEING_DELETED, secure, type StateBucketSettings } from './state-bucket-settings'

type Place = Pick<StatePlace, 'bucket' | 'client'>

/**
 * Whether the state bucket is there, and whether anything is in it. One of another account, which
 * `state-bucket-owner` names, is that account's to set up: it is there, whatever is in it.
 *
 * @throws where it is not the account's that it should be, lies in another region, or may not be looked at
 */
export async function lookAtStateBucket(
  place: Place,
  account: Account,
): Promise<'missing' | 'empty' | 'used'> {
  const s3 = s3Client(place.client)
  const isThere = await exists(s3, place, account)
  if (place.client.owner !== account.id) {
    if (isThere) return 'used'
    throw new Error(
      `Account ${place.client.owner} has no bucket "${place.bucket}" for the state, and a run makes one in its own account alone. Make it there, or leave \`state-bucket-owner\` out.`,
    )
  }
  if (!isThere) return 'missing'
  return (await isEmpty(s3, place)) ? 'empty' : 'used'
}

/**
 * Makes the state bucket: private, versioned, encrypted, TLS only. An empty one may be what a run that died here
 * left half made, so what it lacks is added; one that holds anything is not to be touched.
 *
 * @param onMade told as soon as the bucket is made
 * @throws where it cannot be made
 */
export async function makeStateBucket(
  place: Place,
  account: Account,
  settings: StateBucketSettings,
  onMade: () => void,
): Promise<void> {
  const s3 = s3Client(place.client)
  if (!(await exists(s3, place, account))) await create(s3, place)
  onMade()
  await secure(s3, place.bucket, account, settings)
}

async function exists(s3: S3Client, { bucket, client }: Place, account: Account): Promise<boolean> {
  const { region, owner } = client
  try {
    const answer = await s3.send(new HeadBucketCommand({ Bucket: bucket }))
    refuseOtherRegion(bucket, region, answer.BucketRegion)
    return true
  } catch (cause) {
    if (nameOf(cause) === 'OtherRegion') throw cause
    const status = statusOf(cause)
    if (status === 404) return false
    refuseOtherRegion(bucket, region, headerOf(cause, 'x-amz-bucket-region'))
    if (status === 403) {
      const isOwn = owner === account.id
      const whose = isOwn
        ? 'it belongs to someone else'
        : `it does not belong to account ${owner}, as \`state-bucket-owner\` says, or its policy does not let this account in`
      const way = isOwn
        ? 'Choose another name with `state-bucket`, name the account that lets you in with `state-bucket-owner`, or grant the permission.'
        : 'Correct `state-bucket` or `state-bucket-owner`, or grant the permission in both accounts.'
      throw new Error(
        `The state bucket "${bucket}" exists, and account ${account.id} has no access to it: ${whose}, or ${account.arn} lacks s3:ListBucket on it. ${way}`,
        { cause },
      )
    }
    throw new Error(`The state bucket "${bucket}" could not be looked at in ${region}: ${describe(cause)}`, {
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

async function isEmpty(s3: S3Client, { bucket }: Place): Promise<boolean> {
  try {
    const { KeyCount } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, MaxKeys: 1 }))
    return KeyCount === 0
  } catch (cause) {
    const why = nameOf(cause) === 'NoSuchBucket' ? BEING_DELETED : describe(cause)
    throw new Error(`The state bucket "${bucket}" could not be looked into: ${why}`, { cause })
  }
}

async function create(s3: S3Client, { bucket, client: { region } }: Place): Promise<void> {
  try {
    await s3.send(
      new CreateBucketCommand({
        Bucket: bucket,
        ObjectOwnership: 'BucketOwnerEnforced',
        // us-east-1 is the default that must not be named.
        ...(region === 'us-east-1'
          ? {}
          : { CreateBucketConfiguration: { LocationConstraint: region as BucketLocationConstraint } }),
      }),
    )
  } catch (cause) {
    // Another run was faster, or the answer to an earlier try was lost: it is there, which is all that is wanted.
    if (nameOf(cause) === 'BucketAlreadyOwnedByYou') return
    throw new Error(`The state bucket "${bucket}" could not be made in ${region}: ${whyNotMade(cause)}`, {
      cause,
    })
  }
}

function whyNotMade(cause: unknown): string {
  switch (nameOf(cause)) {
    case 'BucketAlreadyExists':
      return 'the name is taken by another account. Choose another one with `state-bucket`'
    case 'OperationAborted':
      return BEING_DELETED
    default:
      return describe(cause)
  }
}
