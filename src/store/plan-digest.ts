/** The digest of a plan without changes: an empty text would be no `approved-plan` at all. */
const NO_CHANGES = 'none'

/** Hexadecimal digits of the digest of one change: 64 bits. */
export const DIGEST_LENGTH = 16

const DIGEST = new RegExp(`^[0-9a-f]{${DIGEST_LENGTH}}$`)

/** The output `plan-digest`: the digests of all changes of a plan, in one order and none of them twice. */
export function writePlanDigest(digests: readonly string[]): string {
  return digests.length === 0 ? NO_CHANGES : [...new Set(digests)].sort().join(',')
}

/**
 * Reads a `plan-digest`.
 *
 * @returns the digests of its changes, or the first part that is none
 */
export function readPlanDigest(text: string): readonly string[] | { readonly wrong: string } {
  const parts = text.split(/[\s,]+/).filter((part) => part !== '')
  if (parts.length === 1 && parts[0] === NO_CHANGES) return []
  const wrong = parts.find((part) => !DIGEST.test(part))
  return wrong === undefined ? parts : { wrong }
}
