import type { StoreSpec } from '../store/spec'
import type { Import } from './existing'
import type { Keyring } from './keys'
import type { Project, Store, TerraformLock } from './observed'
import type { InlinePolicy } from './ties'
import type { StoreField } from './store'

/** One thing that a run does. Each proves itself by reading back. */
export type Step =
  /** Removes keys of ours that Terraform's state never knew: the answer to their creation was lost. */
  | { readonly kind: 'remove-lost-keys'; readonly ids: readonly string[] }
  /**
   * Lets Terraform work: `make-room` removes the keys of these generations alone, `make` does all that the plan
   * makes or changes and takes nothing away, `all` is the plan as it is.
   */
  | { readonly kind: 'terraform'; readonly part: 'make-room'; readonly generations: readonly string[] }
  | { readonly kind: 'terraform'; readonly part: 'make' | 'all' }
  /** Proves the newest key and gives it to the store, which is created where it is missing. */
  | { readonly kind: 'hand-over'; readonly generation: string }
  /** Changes what needs no secret: the store's name, and who may use it. */
  | { readonly kind: 'change-store'; readonly fields: readonly StoreField[] }
  | { readonly kind: 'set-default'; readonly project: Project }
  | { readonly kind: 'clear-default'; readonly project: Project }
  | { readonly kind: 'delete-store'; readonly store: Store }
  /** Removes inline policies, which keep IAM from deleting user and role. */
  | { readonly kind: 'remove-policies'; readonly policies: readonly (InlinePolicy & { on: string })[] }
  /** Removes what is this state's by its tag, and the state lacks. */
  | { readonly kind: 'remove-leftovers'; readonly leftovers: readonly Leftover[] }

/** Something that a run made and the state lacks. */
export interface Leftover {
  readonly kind: 'bucket' | 'user' | 'role'
  readonly name: string
}

/** Something that was asked for and needs a new key, which cannot be made by now. */
export interface Wait {
  /** What waits, a clause: "the store is created". */
  readonly what: string
  /** Id of the key that has to go first, or to be replaced. */
  readonly key: string
  /** From when that is; `undefined` where it is for a person to decide. */
  readonly until: Date | undefined
  /** Whether there is room, and the key that people made is only replaced when somebody asks for it. */
  readonly isForRotation?: boolean
}

/** What becomes of the store in Valohai. */
export interface StoreChange {
  readonly action: 'created' | 'updated' | 'unchanged' | 'deleted'
  /** Fields of an existing store that change; the access key is not among them. */
  readonly fields: readonly StoreField[]
  /** Whether it gets a new access key. */
  readonly newKey: boolean
}

/** All that a run does, or would do. */
export interface Decision {
  readonly steps: readonly Step[]
  /** The store as it can be by now: as asked for, besides what waits. */
  readonly spec: StoreSpec
  /** Generations of the access key in the end state of Terraform. */
  readonly generations: readonly string[]
  /** Generations that the state has and the end state has not. */
  readonly going: readonly string[]
  /** The generation that this run makes. */
  readonly newGeneration: string | undefined
  readonly keyring: Keyring
  /** The lock that Terraform left on the state when a run was killed: released before it plans. */
  readonly staleLock: TerraformLock | undefined
  /** What is in the account and is ours, and the state lacks. */
  readonly imports: readonly Import[]
  /** `undefined` where Valohai is not asked. */
  readonly store: StoreChange | undefined
  readonly waits: readonly Wait[]
  /** What a person should know, in sentences. */
  readonly warnings: readonly string[]
  /** What is worth a line in the log, in sentences. */
  readonly notes: readonly string[]
  /** Whether everything is taken down, and the bucket with it; `undefined` where the store is to stand. */
  readonly takesDown?: { readonly deletesBucket: boolean }
}
