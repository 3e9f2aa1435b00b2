import type { HclBlock } from './blocks'
import { printBlock } from './body'
import { commentLines } from './comments'
import { labelCount, schemaOf } from './schema'

export { blocksOf, type HclBlock } from './blocks'
export type { JsonObject, JsonValue } from './json'
export { literal, quote } from './strings'

/**
 * Prints blocks of Terraform's JSON syntax as a file of idiomatic HCL that `terraform fmt` leaves alone.
 * The same blocks give the same text.
 *
 * @throws when a block cannot be printed faithfully: a resource type or nested object that `schema.ts`
 * does not know, a string that is no valid expression, a comment whose path leads nowhere
 */
export function printBlocks(blocks: readonly HclBlock[]): string {
  return blocks.map((block) => `${printTopLevel(block)}\n`).join('\n')
}

function printTopLevel(block: HclBlock): string {
  const { type, labels, body, comment, attributeComments = {} } = block
  const name = [type, ...labels].join('.')
  const schema = schemaOf(type, labels)
  if (labels.length !== labelCount(type) || !labels.every((label) => /^[A-Za-z_][\w-]*$/.test(label))) {
    throw new Error(`Cannot print ${name} as HCL: wrong labels`)
  }
  const unused = new Set(Object.keys(attributeComments))
  const lookup = (path: string): string | undefined => {
    if (!unused.delete(path)) return undefined
    return attributeComments[path]
  }
  const header = [type, ...labels.map((label) => `"${label}"`)].join(' ')
  const text = printBlock(header, body, schema, { indent: 0, path: '', name, lookup })
  if (unused.size > 0) throw new Error(`${name} has nothing to comment on at: ${[...unused].join(', ')}`)
  return [...(comment === undefined ? [] : commentLines(comment)), text].join('\n')
}
