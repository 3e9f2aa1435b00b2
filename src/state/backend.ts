import { createHash } from 'node:crypto'
import type { Backend } from '../config'
import type { BackendBlock } from '../infra/synthesize'

/**
 * The `backend` block of a configuration. State in S3 is encrypted and locked by S3 itself
 * (`use_lockfile`), without a DynamoDB table.
 */
export function backendBlock(backend: Backend): BackendBlock {
  if (backend.type !== 's3') return { type: backend.type, settings: backend.settings }
  const { bucket, key, region, extra } = backend
  return {
    type: 's3',
    // Terraform refuses regions that it has not heard of; the input's parser has looked at the region.
    settings: {
      bucket,
      key,
      region,
      skip_region_validation: true,
      encrypt: true,
      use_lockfile: true,
      ...extra,
    },
  }
}

// AWS's rules for the values of tags, the stricter of S3's and IAM's.
const TAG_VALUE = /^[\p{L}\p{N}\p{Zs}_.:/=+\-@]{1,256}$/u

/**
 * What names a state among all others: the value of the tag on what it made. Holds no secret of a backend's.
 * Where AWS would not take it as a tag, a hash stands for it.
 */
export function stateIdentity(backend: Backend): string {
  const identity =
    backend.type === 's3'
      ? `s3://${backend.bucket}/${backend.key}`
      : `${backend.type}:${hash(JSON.stringify(Object.entries(backend.settings).sort()))}`
  return TAG_VALUE.test(identity) ? identity : `${backend.type}:${hash(identity)}`
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16)
