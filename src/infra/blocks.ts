import { isJsonObject, type Json, type JsonObject } from './json'

/** One top-level block of a Terraform configuration, in Terraform's JSON syntax. */
export interface Block {
  /** `resource`, `variable`, `terraform`, … */
  readonly type: string
  /** Labels between the type and the body, e.g. `['aws_s3_bucket', 'store']`. */
  readonly labels: readonly string[]
  readonly body: JsonObject
  /** Printed above the block: where it comes from and why. */
  readonly comment?: string
}

/** How many labels the blocks of a type have; `terraform` and `locals` have none. */
const LABELS: Readonly<Record<string, number>> = { variable: 1, output: 1, provider: 1, data: 2, resource: 2 }

/**
 * The blocks of a synthesized stack, in the order of the JSON, without CDKTF's metadata.
 *
 * @param synthesized what `toTerraform()` of a stack returns
 */
export function blocksOf(synthesized: JsonObject): Block[] {
  return Object.entries(synthesized)
    .filter(([type]) => type !== '//')
    .flatMap(([type, value]) => labelled(type, [], value, LABELS[type] ?? 0))
}

function labelled(type: string, labels: readonly string[], value: Json, missing: number): Block[] {
  if (!isJsonObject(value)) throw new Error(`The block ${[type, ...labels].join('.')} is not an object.`)
  if (missing > 0) {
    return Object.entries(value).flatMap(([label, inner]) =>
      labelled(type, [...labels, label], inner, missing - 1),
    )
  }
  const { '//': notes, ...body } = value
  const comment = isJsonObject(notes) && typeof notes.comment === 'string' ? notes.comment : undefined
  return [{ type, labels, body, ...(comment === undefined ? {} : { comment }) }]
}

/** Blocks as one document in Terraform's JSON syntax, comments under `//`, which Terraform ignores. */
export function printJson(blocks: readonly Block[]): string {
  const document: Record<string, unknown> = {}
  for (const { type, labels, body, comment } of blocks) {
    let at = document
    for (const key of [type, ...labels]) at = (at[key] ??= {}) as Record<string, unknown>
    Object.assign(at, comment === undefined ? {} : { '//': comment }, body)
  }
  return `${JSON.stringify(document, null, 2)}\n`
}
