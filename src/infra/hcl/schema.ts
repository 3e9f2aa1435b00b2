import type { Mode } from './expression'

/**
 * What JSON does not say about a body: which keys are nested blocks, and how its strings are read.
 * Keys that hold scalars or lists of scalars need no entry.
 */
export interface BodySchema {
  /** Keys that are nested blocks, with the schema of each. */
  readonly blocks?: Readonly<Record<string, BodySchema>>
  /** Keys that are blocks with one label: `backend "s3" {}`. */
  readonly labelled?: Readonly<Record<string, BodySchema>>
  /** Keys whose value is a map or a list of objects; `any` where every key may be. */
  readonly maps?: readonly string[] | 'any'
  /** How the strings of a key are read; `template` where nothing is said. */
  readonly modes?: Readonly<Record<string, Mode>>
  /** The mode of the keys that `modes` does not name. */
  readonly mode?: Mode
  /** Keys that come first, in this order. */
  readonly order?: readonly string[]
  /** The same for the entries of its maps. */
  readonly mapOrder?: readonly string[]
  /** Keeps attributes in their order and without empty lines between them, as people write variables. */
  readonly compact?: boolean
}

const leaf: BodySchema = {}
const CONDITION: BodySchema = { order: ['condition', 'error_message'], compact: true }
const TAGS = ['tags']

const LIFECYCLE: BodySchema = {
  blocks: { precondition: CONDITION, postcondition: CONDITION },
  modes: { ignore_changes: 'bare', replace_triggered_by: 'bare' },
}

/** Adds what every resource and data source may have. */
function resource(schema: BodySchema = leaf): BodySchema {
  return {
    ...schema,
    blocks: { ...schema.blocks, lifecycle: LIFECYCLE },
    modes: { depends_on: 'bare', provider: 'bare' },
  }
}

const PRINCIPALS: BodySchema = { order: ['type', 'identifiers'] }
const STATEMENT: BodySchema = {
  blocks: {
    principals: PRINCIPALS,
    not_principals: PRINCIPALS,
    condition: { order: ['test', 'variable', 'values'] },
  },
  order: ['sid', 'effect', 'principals', 'actions', 'not_actions', 'resources', 'not_resources'],
}

const LIFECYCLE_RULE: BodySchema = {
  blocks: {
    abort_incomplete_multipart_upload: leaf,
    expiration: leaf,
    filter: { blocks: { and: { maps: TAGS }, tag: leaf } },
    noncurrent_version_expiration: leaf,
    noncurrent_version_transition: leaf,
    transition: leaf,
  },
  order: ['id', 'status', 'filter'],
}

const RESOURCES: Readonly<Record<string, BodySchema>> = {
  aws_iam_access_key: resource(),
  aws_iam_role: resource({ blocks: { inline_policy: leaf }, maps: TAGS }),
  aws_iam_role_policy: resource(),
  aws_iam_user: resource({ maps: TAGS }),
  aws_iam_user_policy: resource(),
  aws_s3_bucket: resource({ maps: TAGS }),
  aws_s3_bucket_cors_configuration: resource({ blocks: { cors_rule: { order: ['id'] } } }),
  aws_s3_bucket_lifecycle_configuration: resource({ blocks: { rule: LIFECYCLE_RULE } }),
  aws_s3_bucket_ownership_controls: resource({ blocks: { rule: leaf } }),
  aws_s3_bucket_policy: resource(),
  aws_s3_bucket_public_access_block: resource(),
  aws_s3_bucket_server_side_encryption_configuration: resource({
    blocks: { rule: { blocks: { apply_server_side_encryption_by_default: leaf } } },
  }),
  aws_s3_bucket_versioning: resource({ blocks: { versioning_configuration: leaf } }),
}

const DATA: Readonly<Record<string, BodySchema>> = {
  aws_caller_identity: resource(),
  aws_iam_policy_document: resource({ blocks: { statement: STATEMENT } }),
  aws_partition: resource(),
  aws_region: resource(),
}

const ASSUME_ROLE: BodySchema = { maps: TAGS, order: ['role_arn'] }

const PROVIDERS: Readonly<Record<string, BodySchema>> = {
  aws: {
    blocks: {
      assume_role: ASSUME_ROLE,
      assume_role_with_web_identity: ASSUME_ROLE,
      default_tags: { maps: TAGS },
      endpoints: leaf,
      ignore_tags: leaf,
    },
    modes: { alias: 'literal' },
    order: ['alias'],
  },
}

/** The blocks that are the same whatever their labels. Terraform evaluates nothing in a `literal` one. */
const BLOCKS: Readonly<Record<string, BodySchema>> = {
  locals: { maps: 'any' },
  module: {
    maps: 'any',
    modes: { source: 'literal', version: 'literal', depends_on: 'bare', providers: 'bare' },
  },
  output: {
    blocks: { precondition: CONDITION },
    maps: ['value'],
    modes: { description: 'literal', depends_on: 'bare' },
    order: ['description', 'value'],
    compact: true,
  },
  terraform: {
    blocks: { required_providers: { maps: 'any', mode: 'literal', mapOrder: ['source', 'version'] } },
    labelled: {
      backend: { maps: ['assume_role', 'assume_role_with_web_identity', 'endpoints'], mode: 'literal' },
    },
    mode: 'literal',
  },
  variable: {
    blocks: { validation: CONDITION },
    maps: ['default'],
    modes: { type: 'bare' },
    mode: 'literal',
    order: ['description', 'type', 'default'],
    compact: true,
  },
}

/** The block types that are known by their first label, and how many labels each block type has. */
const BY_LABEL: Readonly<Record<string, Readonly<Record<string, BodySchema>>>> = {
  data: DATA,
  provider: PROVIDERS,
  resource: RESOURCES,
}

/**
 * What is known of a top-level block.
 *
 * @throws for a block, resource, data source or provider that is not in the tables: its nested blocks
 * could not be told from its attributes
 */
export function schemaOf(type: string, labels: readonly string[]): BodySchema {
  const [label = ''] = labels
  const table = BY_LABEL[type]
  const schema = table === undefined ? own(BLOCKS, type) : own(table, label)
  if (schema === undefined) {
    throw new Error(`Cannot print ${[type, ...labels].join(' ')} as HCL: add it to src/infra/hcl/schema.ts`)
  }
  return schema
}

/** How deep the blocks of a type lie in JSON: under how many labels. */
export function labelCount(type: string): number {
  if (type === 'terraform' || type === 'locals') return 0
  return type === 'resource' || type === 'data' ? 2 : 1
}

/** A property of the table itself: `constructor` is no resource type. */
export function own<T>(table: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return table !== undefined && Object.hasOwn(table, key) ? table[key] : undefined
}
