import { ListMultipartUploadsCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3'
import type { Account } from '../decide/observed'
import type { BucketContents } from '../decide/ties'
import { s3Client } from './clients'
import { describe } from './errors'

/** Counts what is in a bucket of the account, as far as S3 tells at once: a thousand versions, a thousand uploads. */
export async function countContents(
  bucket: string,
  region: string,
  account: Account,
): Promise<BucketContents> {
  const s3 = s3Client({ region, owner: account.id })
  try {
    const [found, { Uploads = [], IsTruncated: hasMoreUploads = false }] = await Promise.all([
      s3.send(new ListObjectVersionsCommand({ Bucket: bucket })),
      s3.send(new ListMultipartUploadsCommand({ Bucket: bucket })),
    ])
    const { Versions = [], DeleteMarkers = [], IsTruncated: hasMore = false } = found
    const objects = Versions.filter(({ IsLatest }) => IsLatest === true).length
    return {
      objects,
      versions: Versions.length - objects + DeleteMarkers.length,
      uploads: Uploads.length,
      isMore: hasMore || hasMoreUploads,
    }
  } catch (cause) {
    throw new Error(`The bucket ${bucket} could not be looked into: ${describe(cause)}`, { cause })
  }
}
