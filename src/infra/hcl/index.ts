import type { HclBlock } from './blocks'
import { printBlock } from './body'
import { commentLines } from './comments'

export { blocksOf, type HclBlock, type Skip } from './blocks'
export type { JsonObject, JsonValue } from '../../store/json'

/**
 * Prints blocks of Terraform's JSON syntax as a file of idiomatic HCL that `terraform fmt` leaves alone.
 * The same blocks give the same text.
 *
 * @param header comment at the top of the file; wrapped
 * @throws for what `known.ts` does not know, and for a comment whose path leads nowhere
 */
export function printBlocks(blocks: readonly HclBlock[], header?: string): string {
  const top = header === undefined ? [] : [`${commentLines(header).join('\n')}\n`]
  return [...top, ...blocks.map((block) => `${printTopLevel(block)}\n`)].join('\n')
}

function printTopLevel({
  type,
  labels,
  body,
  comment,
  attributeComments = {},
  skips = [],
}: HclBlock): string {
  const name = [type, ...labels].join('.')
  const unused = new Set(Object.keys(attributeComments))
  const lookup = (path: string): string | undefined =>
    unused.delete(path) ? attributeComments[path] : undefined
  const header = [type, ...labels.map((label) => `"${label}"`)].join(' ')
  const inside = skips.flatMap(({ checkov, reason }) =>
    checkov === undefined ? [] : [`  #checkov:skip=${checkov}:${reason}`],
  )
  const above = skips.flatMap(({ trivy, reason }) =>
    trivy === undefined ? [] : [`#trivy:ignore:${trivy} ${reason}`],
  )
  const text = printBlock(header, body, { indent: 0, type, path: '', name, lookup }, inside)
  if (unused.size > 0) throw new Error(`${name} has nothing to comment on at: ${[...unused].join(', ')}`)
  return [...(comment === undefined ? [] : commentLines(comment)), ...above, text].join('\n')
}
