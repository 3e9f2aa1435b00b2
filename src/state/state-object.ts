import { GetObjectCommand } from '@aws-sdk/client-s3'
import { s3Client } from '../aws/clients'
import { describe, nameOf } from '../aws/errors'
import type { S3Backend } from '../config'

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
 * The state's text as the S3 backend keeps it.
 *
 * @returns an empty text where there is none yet
 */
export async function readStateObject({ bucket, key, region }: S3Backend): Promise<string> {
  const s3 = s3Client({ region })
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
    return (await Body?.transformToString()) ?? ''
  } catch (cause) {
    if (nameOf(cause) === 'NoSuchKey') return ''
    throw new Error(`The Terraform state s3://${bucket}/${key} could not be read: ${describe(cause)}`, {
      cause,
    })
  } finally {
    s3.destroy()
  }
}
