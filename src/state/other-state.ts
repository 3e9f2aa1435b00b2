import { GetObjectCommand } from '@aws-sdk/client-s3'
import { s3Client } from '../aws/clients'
import { nameOf } from '../aws/errors'
import type { OtherState } from '../decide/observed'
import { EMPTY_STATE, parseState } from './read-state'

/**
 * What another state holds by now: nothing where it is gone.
 *
 * @param tag what names it (`stateIdentity`)
 * @param region where to ask first; the state may be kept in another one
 * @returns `unknown` where it is not in S3, may not be read, or is no store's
 */
export async function readOtherState(tag: string, region: string): Promise<OtherState> {
  const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(tag) ?? []
  if (Bucket === undefined || Key === undefined) return 'unknown'
  const s3 = s3Client({ region, followRegionRedirects: true })
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }))
    return parseState((await Body?.transformToString()) ?? '')
  } catch (cause) {
    return ['NoSuchKey', 'NoSuchBucket'].includes(nameOf(cause)) ? EMPTY_STATE : 'unknown'
  } finally {
    s3.destroy()
  }
}
