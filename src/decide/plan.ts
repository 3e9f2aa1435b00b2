import type { JsonValue } from '../store/json'

/** What Terraform does to a resource; `forget`: it leaves it as it is, and its state. */
export type Action =
  'create' | 'update' | 'delete' | 'replace' | 'read' | 'move' | 'import' | 'noop' | 'forget'

/** One resource that a plan changes. */
export interface PlannedChange {
  readonly address: string
  readonly type: string
  readonly action: Action
  /** Whether it was left half made, so that nothing works with it. */
  readonly isTainted?: boolean
}

/** An attribute of a resource that a plan changes. */
export interface ChangedValue {
  readonly address: string
  readonly attribute: string
  /** `null` where it is not set, and where it is known only afterwards. */
  readonly before: JsonValue
  readonly after: JsonValue
  /** Whether it is known only afterwards, as the ARN of what is yet to be made. @default false */
  readonly isKnownLater?: true
}

/** What a saved plan would do. */
export interface Plan {
  /** Whether applying it changes anything, outputs included. */
  readonly hasChanges: boolean
  /** Resources to add, to change in place, and to destroy; a replacement counts as an add and a destroy. */
  readonly toAdd: number
  readonly toChange: number
  readonly toDestroy: number
  readonly changes: readonly PlannedChange[]
}

/** The addresses of what a plan makes or changes, and does not take away. */
export function madeOrChanged({ changes }: Plan): string[] {
  return changes
    .filter(({ action }) => !['delete', 'forget', 'read', 'noop'].includes(action))
    .map(({ address }) => address)
}
