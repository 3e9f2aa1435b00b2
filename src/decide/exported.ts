import type { StackState, StateKey } from './observed'

/**
 * The access key by which a state is told as that of an exported Terraform which people applied: no run made it, and
 * Terraform did. `undefined` where there is none, or none any more.
 */
export const keyOfExport = ({ keys }: StackState): StateKey | undefined =>
  keys.find(({ isImported, mayBeAnywhere }) => !isImported && mayBeAnywhere)
