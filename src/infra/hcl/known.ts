/** How many labels a block has, by its type: under how many keys it lies in JSON. */
const LABELS = new Map(
  Object.entries({ locals: 0, module: 1, output: 1, provider: 1, resource: 2, terraform: 0, variable: 1 }),
)

/**
 * The keys that are nested blocks: JSON does not tell a block from a map. In a resource, any other key that
 * holds objects is refused, so a block that is missing here is never printed as a map.
 */
export const NESTED: ReadonlySet<string> = new Set(
  [
    'backend cloud workspaces required_providers lifecycle validation dynamic content versioning_configuration cors_rule rule',
    'filter abort_incomplete_multipart_upload apply_server_side_encryption_by_default',
    'noncurrent_version_expiration ignore_tags precondition',
  ].flatMap((names) => names.split(' ')),
)

/** @throws for a type of block that the printer was not tried with */
export function labelCount(type: string): number {
  const count = LABELS.get(type)
  if (count === undefined) throw new Error(`Cannot print ${type} as HCL: add it to src/infra/hcl/known.ts`)
  return count
}
