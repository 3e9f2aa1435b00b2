import { isObject, type JsonObject, type JsonValue } from '../store/json'
import type { Import } from './existing'
import type { ChangedValue } from './plan'
import { saySame } from './same'

/** Tags are added; `force_destroy` is Terraform's own word, and nothing in AWS. */
const NO_CHANGE = /^(tags|tags_all|force_destroy)$/

/** Documents that ours is added to, beside what others have. */
const ADDED_TO = [
  'aws_s3_bucket_policy.store.policy',
  'aws_s3_bucket_cors_configuration.store.cors_rule',
  'aws_s3_bucket_lifecycle_configuration.store.rule',
]

/** How to keep an attribute as it is, where there is a way. */
const KEEPING: Readonly<Record<string, string>> = {
  'aws_s3_bucket_server_side_encryption_configuration.store': 'kms-key-arn',
  'aws_s3_bucket_public_access_block.store': 'public-access-block: false',
  'aws_s3_bucket_versioning.store': 'leave versioning out',
  'aws_s3_bucket_cors_configuration.store': 'cors: false',
  'aws_s3_bucket_lifecycle_configuration.store': 'abort-multipart-days: 0',
  'aws_iam_user.store.path': 'iam-path',
  'aws_iam_role.multipart.path': 'iam-path',
  'aws_iam_user.store.permissions_boundary': 'permissions-boundary',
  'aws_iam_role.multipart.permissions_boundary': 'permissions-boundary',
  'aws_iam_user_policy.store.policy': 'give that policy another name in IAM',
  'aws_iam_role_policy.multipart.policy': 'give that policy another name in IAM',
  'aws_iam_role.multipart.assume_role_policy': "multipart-role-name, for a role of the store's own",
}

/**
 * Why an adoption must not go on: it may import and add, and changes nothing of what people made.
 *
 * @param changes what the plan changes
 */
export function refusalOfAdoption(
  changes: readonly ChangedValue[],
  imports: readonly Import[],
): string | undefined {
  const adopted = new Set(imports.filter(({ isAdopted }) => isAdopted === true).map(({ to }) => to))
  const found = changes.filter((change) => adopted.has(change.address) && takesAway(change))
  if (found.length === 0) return undefined
  return [
    'Taking these over would change what people made, so nothing is changed:',
    ...found.map(describeChange),
    'Or set `manage-bucket: false`, which leaves the bucket as it is.',
  ].join('\n')
}

function takesAway({ address, attribute, before, after }: ChangedValue): boolean {
  if (NO_CHANGE.test(attribute)) return false
  if (!ADDED_TO.includes(`${address}.${attribute}`)) return true
  // It names what is yet to be made.
  if (after === null) return false
  const left = itemsOf(after)
  return itemsOf(before).some((item) => !left.some((one) => saySame(one, item)))
}

/** Rules, or the statements of a policy. */
function itemsOf(value: JsonValue): readonly JsonValue[] {
  if (Array.isArray(value)) return value as readonly JsonValue[]
  const policy = JSON.parse(typeof value === 'string' && value !== '' ? value : '{}') as JsonObject
  const { Statement = [] } = policy
  return isObject(Statement) ? [Statement] : (Statement as readonly JsonValue[])
}

function describeChange({ address, attribute, before, after }: ChangedValue): string {
  const keeping = KEEPING[`${address}.${attribute}`] ?? KEEPING[address]
  const change = `${JSON.stringify(before)} to ${JSON.stringify(after)}`
  return `- ${address}: ${attribute}, from ${change}${keeping === undefined ? '' : ` (to keep it: ${keeping})`}`
}
