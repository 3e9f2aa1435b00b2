import type { HclBlock } from './blocks'
import { printBlock } from './body'
import { commentLines } from './comments'
import { nestedBlocksOf } from './known'

export { blocksOf, type HclBlock } from './blocks'
export { isObject, type JsonObject, type JsonValue } from './json'
export { quote } from './strings'

/**
 * Prints blocks of Terraform's JSON syntax as a file of idiomatic HCL that `terraform fmt` leaves alone.
 * The same blocks give the same text.
 *
 * @throws for what `known.ts` does not know, and for a comment whose path leads nowhere
 */
export function printBlocks(blocks: readonly HclBlock[]): string {
  return blocks.map((block) => `${printTopLevel(block)}\n`).join('\n')
}

function printTopLevel({ type, labels, body, comment, attributeComments = {} }: HclBlock): string {
  const name = [type, ...labels].join('.')
  const unused = new Set(Object.keys(attributeComments))
  const lookup = (path: string): string | undefined =>
    unused.delete(path) ? attributeComments[path] : undefined
  const nested = nestedBlocksOf(type, labels)
  const header = [type, ...labels.map((label) => `"${label}"`)].join(' ')
  const text = printBlock(header, body, { indent: 0, type, nested, path: '', name, lookup })
  if (unused.size > 0) throw new Error(`${name} has nothing to comment on at: ${[...unused].join(', ')}`)
  return [...(comment === undefined ? [] : commentLines(comment)), text].join('\n')
}
