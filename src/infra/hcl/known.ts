/**
 * The resources that the printer was tried with, each with the keys that are nested blocks, at any depth:
 * JSON does not tell a block from a map.
 */
const RESOURCES: Readonly<Record<string, readonly string[]>> = {
  aws_iam_access_key: [],
  aws_iam_role: [],
  aws_iam_role_policy: [],
  aws_iam_user: [],
  aws_iam_user_policy: [],
  aws_s3_bucket: [],
  aws_s3_bucket_cors_configuration: ['cors_rule'],
  aws_s3_bucket_lifecycle_configuration: ['rule', 'filter', 'abort_incomplete_multipart_upload'],
  aws_s3_bucket_ownership_controls: ['rule'],
  aws_s3_bucket_policy: [],
  aws_s3_bucket_public_access_block: [],
  aws_s3_bucket_server_side_encryption_configuration: ['rule', 'apply_server_side_encryption_by_default'],
  aws_s3_bucket_versioning: ['versioning_configuration'],
}

/** The same of the blocks that are known by their type alone. */
const OTHERS: Readonly<Record<string, readonly string[]>> = {
  locals: [],
  output: [],
  provider: [],
  terraform: ['backend', 'required_providers'],
  variable: ['validation'],
}

/** How many labels a block of a type has: under how many keys it lies in JSON. */
export function labelCount(type: string): number {
  if (type === 'terraform' || type === 'locals') return 0
  return type === 'resource' ? 2 : 1
}

/**
 * The keys of a block that are nested blocks.
 *
 * @throws for a block or resource that is not in the tables
 */
export function nestedBlocksOf(type: string, labels: readonly string[]): ReadonlySet<string> {
  const [table, key] = type === 'resource' ? [RESOURCES, labels[0] ?? ''] : [OTHERS, type]
  const nested = Object.hasOwn(table, key) ? table[key] : undefined
  if (nested === undefined || labels.length !== labelCount(type)) {
    throw new Error(`Cannot print ${[type, ...labels].join(' ')} as HCL: add it to src/infra/hcl/known.ts`)
  }
  return new Set(type === 'resource' ? [...nested, 'lifecycle'] : nested)
}

/** Whether an attribute is a policy: JSON to AWS, an object to a reader. */
export function isPolicy(type: string, key: string): boolean {
  return type === 'resource' && (key === 'policy' || key === 'assume_role_policy')
}
