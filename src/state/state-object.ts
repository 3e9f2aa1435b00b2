import { GetObjectCommand } from '@aws-sdk/client-s3'
import { s3Client } from '../aws/clients'
import { describe, nameOf } from '../aws/errors'
import type { TerraformLock } from '../decide/observed'
import { LOCK_SUFFIXES } from '../store/names'
import type { StatePlace } from './place'

/**
 * The lock that Terraform itself has on the state (`use_lockfile`), held or left behind.
 *
 * @returns `undefined` where there is none
 */
export async function readTerraformLock(place: StatePlace): Promise<TerraformLock | undefined> {
  const text = await readObject({ ...place, key: place.key + LOCK_SUFFIXES.terraform })
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
export async function readStateObject(place: StatePlace): Promise<string> {
  return (await readObject(place)) ?? ''
}

async function readObject({ bucket, key, client, reading }: StatePlace): Promise<string | undefined> {
  try {
    const { Body } = await s3Client(client).send(
      new GetObjectCommand({ Bucket: bucket, Key: key, ...reading }),
    )
    return await Body?.transformToString()
  } catch (cause) {
    if (nameOf(cause) === 'NoSuchKey') return undefined
    throw new Error(`The Terraform state s3://${bucket}/${key} could not be read: ${describe(cause)}`, {
      cause,
    })
  }
}
