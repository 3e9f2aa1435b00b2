import { isObject, type JsonObject, type JsonValue } from './json'
import { labelCount, schemaOf } from './schema'

/** A top-level block of a configuration, and the comments to print with it. */
export interface HclBlock {
  /** `resource`, `data`, `provider`, `variable`, `locals`, `output`, `module` or `terraform`. */
  readonly type: string
  /** E.g. `['aws_s3_bucket', 'store']`. */
  readonly labels: readonly string[]
  /** In Terraform's JSON syntax. */
  readonly body: JsonObject
  /** Printed above the block; wrapped. */
  readonly comment?: string
  /**
   * Comments on what is inside, by path: `pgp_key`, `lifecycle.prevent_destroy`, `rule.filter`,
   * `policy.Statement[0]`. Of several blocks of a name the first has no index: `cors_rule`, `cors_rule[1]`.
   */
  readonly attributeComments?: Readonly<Record<string, string>>
}

/**
 * Splits a configuration in Terraform's JSON syntax, such as `stack.toTerraform()` gives, into its blocks
 * in the order of the document.
 *
 * @throws for a block type or resource type the printer does not know
 */
export function blocksOf(configuration: JsonObject): HclBlock[] {
  return Object.entries(configuration)
    .filter(([type]) => type !== '//')
    .flatMap(([type, value]) => collect(type, [], value, labelCount(type)))
}

function collect(type: string, labels: readonly string[], value: JsonValue, depth: number): HclBlock[] {
  // Several provider configurations of one name are a list; CDKTF writes one as a list, too.
  const bodies: readonly JsonValue[] =
    depth === 0 && Array.isArray(value) ? (value as readonly JsonValue[]) : [value]
  return bodies.flatMap((body) => {
    if (!isObject(body)) throw new Error(`Cannot read ${[type, ...labels].join(' ')}: expected an object`)
    if (depth > 0) {
      return Object.entries(body)
        .filter(([label]) => label !== '//')
        .flatMap(([label, inner]) => collect(type, [...labels, label], inner, depth - 1))
    }
    schemaOf(type, labels)
    const { '//': notes, ...rest } = body
    return [{ type, labels, body: rest, ...commentsOf(notes) }]
  })
}

/** The comments that a construct left under `//`, beside CDKTF's metadata: `comment` and `attributeComments`. */
function commentsOf(notes: JsonValue | undefined): Pick<HclBlock, 'comment' | 'attributeComments'> {
  if (!isObject(notes)) return {}
  const { comment, attributeComments } = notes
  return {
    ...(typeof comment === 'string' ? { comment } : {}),
    ...(isObject(attributeComments)
      ? { attributeComments: attributeComments as Record<string, string> }
      : {}),
  }
}
