import type { JsonObject } from './hcl'

/**
 * The `precondition` that KMS keys are of the bucket's region: S3 encrypts with keys of its own region alone. A root
 * knows the region before anything is made, a module once the bucket is there.
 *
 * @param keys expressions of lists of ARNs
 * @param region expression of the bucket's region
 */
export function keysAreInRegion(keys: readonly string[], region: string): JsonObject[] {
  const all = keys.length === 1 ? (keys[0] ?? '') : `concat(${keys.join(', ')})`
  return [
    {
      condition: `\${alltrue([
  for arn in ${all} :
  split(":", arn)[3] == ${region}
])}`,
      error_message:
        'A KMS key is in another region than the bucket: S3 encrypts with keys of its own region alone.',
    },
  ]
}
