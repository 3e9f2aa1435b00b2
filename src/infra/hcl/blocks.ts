import { isObject, type JsonObject, type JsonValue } from '../../store/json'
import { labelCount } from './known'

/** A top-level block of a configuration, and what is printed with it. */
export interface HclBlock extends Notes {
  /** `resource`, `provider`, `variable`, `locals`, `output` or `terraform`. */
  readonly type: string
  /** E.g. `['aws_s3_bucket', 'store']`. */
  readonly labels: readonly string[]
  /** In Terraform's JSON syntax, policies as JSON text. */
  readonly body: JsonObject
}

/** What a construct leaves for people under the key `//`, which Terraform's JSON syntax ignores. */
export interface Notes {
  /** Printed above the block; wrapped. */
  readonly comment?: string | undefined
  /** Comments on what is inside, by path: `pgp_key`, `lifecycle.prevent_destroy`. */
  readonly attributeComments?: Readonly<Record<string, string>> | undefined
  readonly skips?: readonly Skip[] | undefined
}

/** A scanner's finding that is accepted: its id in Checkov and in Trivy, and one sentence why. */
export interface Skip {
  readonly checkov?: string
  readonly trivy?: string
  readonly reason: string
}

/**
 * Splits a configuration in Terraform's JSON syntax, such as `stack.toTerraform()` gives, into its blocks
 * in the order of the document.
 *
 * @throws for a block type that the printer does not know
 */
export function blocksOf(configuration: JsonObject): HclBlock[] {
  return entriesOf(configuration).flatMap(([type, value]) => collect(type, [], value))
}

function collect(type: string, labels: readonly string[], value: JsonValue): HclBlock[] {
  if (!isObject(value)) throw new Error(`Cannot read ${[type, ...labels].join(' ')}: expected an object`)
  if (labels.length < labelCount(type)) {
    return entriesOf(value).flatMap(([label, inner]) => collect(type, [...labels, label], inner))
  }
  const { '//': notes = {}, ...body } = value
  // CDKTF keeps its metadata at the same place.
  const { comment, attributeComments, skips } = notes as Notes
  return [{ type, labels, body, comment, attributeComments, skips }]
}

function entriesOf(value: JsonObject): [key: string, value: JsonValue][] {
  return Object.entries(value).filter(([key]) => key !== '//')
}
