import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { describe, nameOf } from './errors'

const PREFIX = '.valohai-s3-action/credential-check-'
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Key of the object that a proof writes. */
export const proofKey = (uuid: string): string => `${PREFIX}${uuid}`

/** The object of a proof under way. */
export interface OwnObject {
  readonly bucket: string
  readonly key: string
  /** When it was written, by S3's clock; `undefined` where it was not read. */
  readonly written: Date | undefined
}

/**
 * Removes what proofs of runs that died left in the bucket: objects, by version, and unfinished uploads, of their
 * names alone and older than this run's own. Of its own, too: what was written and never answered.
 *
 * Does not throw: the proof is done, and what cannot be removed now the next one tries again.
 *
 * @param info told what was removed, or why nothing could be
 */
export async function removeLeftovers(
  s3: S3Client,
  { bucket: Bucket, key: own, written }: OwnObject,
  info: (message: string) => void,
): Promise<void> {
  const isLeftover = (Key = '', since?: Date): boolean =>
    Key === own ||
    (Key.startsWith(PREFIX) &&
      UUID.test(Key.slice(PREFIX.length)) &&
      written !== undefined &&
      since !== undefined &&
      since <= written)
  try {
    const place = { Bucket, Prefix: PREFIX }
    const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand(place))
    const objects = [...Versions, ...DeleteMarkers].filter(({ Key, LastModified }) =>
      isLeftover(Key, LastModified),
    )
    for (const { Key, VersionId } of objects)
      await s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId }))
    const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand(place))
    const uploads = Uploads.filter(({ Key, Initiated }) => isLeftover(Key, Initiated))
    for (const { Key, UploadId } of uploads) await abortUpload(s3, { Bucket, Key, UploadId })
    const count = objects.length + uploads.length
    if (count > 0) info(`Removed ${count} of what earlier proofs left under ${PREFIX}`)
  } catch (cause) {
    info(`What earlier proofs may have left under ${PREFIX} could not be removed: ${describe(cause)}`)
  }
}

/** Aborts an unfinished upload; it is no error where it is gone: an earlier answer may have been lost. */
export async function abortUpload(
  s3: S3Client,
  upload: { Bucket: string | undefined; Key: string | undefined; UploadId: string | undefined },
): Promise<void> {
  try {
    await s3.send(new AbortMultipartUploadCommand(upload))
  } catch (cause) {
    if (nameOf(cause) !== 'NoSuchUpload') throw cause
  }
}
