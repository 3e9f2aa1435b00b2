import { DeleteObjectCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3'
import { s3Client } from './describe-aws'
import type { Emulator } from './emulator'

/** Removes every version of every object of a bucket, and every mark of deletion. */
export async function emptyBucket(emulator: Pick<Emulator, 'url'>, Bucket: string): Promise<void> {
  const s3 = s3Client(emulator)
  const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }))
  for (const { Key, VersionId } of [...Versions, ...DeleteMarkers])
    await s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId }))
}
