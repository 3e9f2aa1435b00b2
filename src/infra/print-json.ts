import type { HclBlock, JsonObject } from './hcl'
import { spreadInText } from './spread'

/**
 * Blocks as one document in Terraform's JSON syntax, comments under `//`, which Terraform ignores. Scanners
 * read no skips there.
 */
export function printJson(blocks: readonly HclBlock[], header?: string): string {
  const document: Record<string, unknown> = header === undefined ? {} : { '//': header }
  for (const { type, labels, body, comment } of blocks) {
    let at = document
    for (const key of [type, ...labels]) at = (at[key] ??= {}) as Record<string, unknown>
    Object.assign(at, comment === undefined ? {} : { '//': comment }, withText(body))
  }
  return `${JSON.stringify(document, null, 2)}\n`
}

/** JSON has a policy as text. */
function withText(body: JsonObject): JsonObject {
  return typeof body.policy === 'string' ? { ...body, policy: spreadInText(body.policy) } : body
}
