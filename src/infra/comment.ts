import type { TerraformElement } from 'cdktf'
import type { Skip } from './hcl'

/** Elements that take overrides: resources, data sources, variables, outputs. */
interface Overridable extends TerraformElement {
  addOverride(path: string, value: unknown): void
}

/**
 * Gives an element the comment that is printed above its block: the guide's step it comes from and why it
 * is set as it is. Terraform's JSON syntax ignores the key `//`, so the comment travels with the block.
 *
 * @param attributeComments comments inside the block, by path, e.g. `lifecycle.ignore_changes`
 */
export function comment(
  element: Overridable,
  text: string,
  attributeComments: Record<string, string> = {},
): void {
  element.addOverride('//', { comment: text, attributeComments })
}

/**
 * Has the scanners skip findings on this resource that are accepted. A skip stands only where the finding
 * fires, so each is decided with the option that makes it.
 */
export function skip(element: Overridable, ...skips: readonly Skip[]): void {
  element.addOverride('//.skips', skips)
}

/** Makes the element's address exactly `<type>.<name>`: addresses are public API (CDKTF would add a hash). */
export function address<T extends TerraformElement>(element: T, name: string): T {
  element.overrideLogicalId(name)
  return element
}

/** ARN of the store's user, where the user itself is made later. */
export const USER_ARN = '${aws_iam_user.store.arn}'
