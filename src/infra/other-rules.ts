import type { JsonObject } from './hcl'

/** Blocks of a lifecycle rule, each with its attributes and the blocks in it. */
interface Shape {
  readonly attributes: readonly string[]
  readonly blocks?: Readonly<Record<string, Shape>>
}

const SIZES = ['object_size_greater_than', 'object_size_less_than']

/** Everything that the AWS provider knows of a lifecycle rule. */
const RULE: Shape = {
  attributes: ['id', 'status', 'prefix'],
  blocks: {
    filter: {
      attributes: ['prefix', ...SIZES],
      blocks: { tag: { attributes: ['key', 'value'] }, and: { attributes: ['prefix', 'tags', ...SIZES] } },
    },
    expiration: { attributes: ['date', 'days', 'expired_object_delete_marker'] },
    transition: { attributes: ['date', 'days', 'storage_class'] },
    noncurrent_version_expiration: { attributes: ['newer_noncurrent_versions', 'noncurrent_days'] },
    noncurrent_version_transition: {
      attributes: ['newer_noncurrent_versions', 'noncurrent_days', 'storage_class'],
    },
    abort_incomplete_multipart_upload: { attributes: ['days_after_initiation'] },
  },
}

const CORS_RULE: Shape = {
  attributes: [
    'id',
    'allowed_headers',
    'allowed_methods',
    'allowed_origins',
    'expose_headers',
    'max_age_seconds',
  ],
}

/** The `dynamic` blocks that make one block of each of others' rules, whatever of it they set. */
export const otherCorsRules = (): JsonObject => ({
  cors_rule: { for_each: '${var.other_cors_rules}', content: contentOf('cors_rule', CORS_RULE) },
})

export const otherLifecycleRules = (): JsonObject => ({
  rule: { for_each: '${var.other_lifecycle_rules}', content: contentOf('rule', RULE) },
})

function contentOf(name: string, { attributes, blocks = {} }: Shape): JsonObject {
  const set = attributes.map((key): [string, string] => [key, `\${try(${name}.value.${key}, null)}`])
  const nested = Object.entries(blocks).map(([block, shape]): [string, JsonObject] => [
    block,
    // One block or a list of them.
    { for_each: `\${flatten([try(${name}.value.${block}, [])])}`, content: contentOf(block, shape) },
  ])
  return {
    ...Object.fromEntries(set),
    ...(nested.length > 0 && { dynamic: Object.fromEntries(nested) }),
  }
}
