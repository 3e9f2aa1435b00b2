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
