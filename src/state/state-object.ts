import { GetObjectCommand } from '@aws-sdk/client-s3'
import { s3Client } from '../aws/clients'
import { describe, nameOf } from '../aws/errors'
import type { S3Backend } from '../config'
import type { TerraformLock } from '../decide/observed'

/** Settings of the S3 backend that say how the state is written, and leave reading as it is. */
const OF_WRITING = ['acl', 'encrypt', 'kms_key_id', 'use_lockfile']

/**
 * Whether the state can be read plainly with the AWS SDK; otherwise only Terraform knows how: with other
 * credentials, another endpoint, a key of a customer's own, or in a workspace.
 */
export function isPlain(
  { extra }: S3Backend,
  environment: Readonly<Record<string, string | undefined>>,
): boolean {
  return (
    Object.keys(extra).every((name) => OF_WRITING.includes(name)) && (environment.TF_WORKSPACE ?? '') === ''
  )
}

/**
 * The lock that Terraform itself has on the state (`use_lockfile`), held or left behind.
 *
 * @returns `undefined` where there is none
 */
export async function readTerraformLock({
  bucket,
  key,
  region,
}: S3Backend): Promise<TerraformLock | undefined> {
  const text = await readObject({ bucket, key: `${key}.tflock`, region })
  if (text === undefined) return undefined
  try {
    const { ID: id, Who: who, Created } = JSON.parse(text) as Readonly<Record<string, unknown>>
    return typeof id === 'string' && typeof who === 'string'
      ? { id, who, created: new Date(String(Created)) }
      : undefined
  } catch {
    // Somebody else's: Terraform will say what it makes of it.
    return undefined
  }
}

/**
 * The state's text as the S3 backend keeps it.
 *
 * @returns an empty text where there is none yet
 */
export async function readStateObject(place: S3Backend): Promise<string> {
  return (await readObject(place)) ?? ''
}

async function readObject({
  bucket,
  key,
  region,
}: Pick<S3Backend, 'bucket' | 'key' | 'region'>): Promise<string | undefined> {
  const s3 = s3Client({ region })
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
    return await Body?.transformToString()
  } catch (cause) {
    if (nameOf(cause) === 'NoSuchKey') return undefined
    throw new Error(`The Terraform state s3://${bucket}/${key} could not be read: ${describe(cause)}`, {
      cause,
    })
  } finally {
    s3.destroy()
  }
}
