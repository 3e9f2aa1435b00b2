import { randomUUID } from 'node:crypto'
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'

/**
 * Does what Valohai does with new credentials (guide, step 6): writes a small test file to the bucket and
 * removes it. Returns the name of what went wrong, never the secret; `undefined` where it worked.
 */
export async function checkCredentials(
  endpoint: string,
  configuration: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  const client = new S3Client({
    endpoint,
    forcePathStyle: true,
    region: configuration.region ?? 'us-east-1',
    maxAttempts: 1,
    credentials: {
      accessKeyId: configuration.access_key_id ?? '',
      secretAccessKey: configuration.secret_access_key ?? '',
    },
  })
  const file = { Bucket: configuration.bucket ?? '', Key: `.valohai-test-${randomUUID()}` }
  try {
    await client.send(new PutObjectCommand({ ...file, Body: 'test' }))
    await client.send(new DeleteObjectCommand(file))
    return undefined
  } catch (error) {
    return error instanceof Error ? error.name : 'unknown error'
  } finally {
    client.destroy()
  }
}
