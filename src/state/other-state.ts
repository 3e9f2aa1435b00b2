import { GetObjectCommand, HeadBucketCommand } from '@aws-sdk/client-s3'
import { s3Client } from '../aws/clients'
import { nameOf, statusOf } from '../aws/errors'
import type { OtherState } from '../decide/observed'
import { EMPTY_STATE, parseState } from './read-state'

/**
 * What another state holds by now: nothing where it is gone.
 *
 * @param tag what names it (`stateIdentity`)
 * @param from where to ask first, as the state may be kept in another region; and whose its bucket has to be
 * @returns `unknown` where it is not in S3, may not be read, or is no store's
 */
export async function readOtherState(
  tag: string,
  from: { readonly region: string; readonly owner: string },
): Promise<OtherState> {
  const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(tag) ?? []
  if (Bucket === undefined || Key === undefined) return 'unknown'
  const s3 = s3Client({ ...from, followRegionRedirects: true })
  try {
    // Asked first, since a bucket that is missing may be one that was just made, and is waited for.
    await s3.send(new HeadBucketCommand({ Bucket }))
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }))
    return parseState((await Body?.transformToString()) ?? '')
  } catch (cause) {
    return statusOf(cause) === 404 || nameOf(cause) === 'NoSuchKey' ? EMPTY_STATE : 'unknown'
  }
}
