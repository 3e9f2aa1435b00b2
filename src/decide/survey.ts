import type { JsonObject } from '../store/json'
import type { KeyOwner, Preflight, Store, TerraformLock } from './observed'

/** What was seen, or why it could not be looked at. */
export type Seen<T> = { readonly is: T } | { readonly why: string }

/** What no plan shows, as `check` found it; `undefined` is what was not to be looked at. */
export interface Survey {
  /** How the bucket answers browsers. */
  readonly cors: Seen<Preflight> | undefined
  /** CORS rules of a bucket that is managed elsewhere, where it answers no; `undefined` where they are not seen. */
  readonly corsRules: readonly JsonObject[] | undefined
  /** Whether the bucket's policy makes it public, as AWS judges it. */
  readonly isPublic: Seen<boolean> | undefined
  /** The lock that Terraform has on the state. */
  readonly terraformLock: Seen<TerraformLock | undefined> | undefined
  /** Whose the keys of the bucket's other stores are, by the key's id. */
  readonly owners: ReadonlyMap<string, Seen<KeyOwner>>
}

/** The stores of a bucket, of whatever project. */
export const storesOfBucket = (stores: readonly Store[], bucketName: string): Store[] =>
  stores.filter(({ type, bucket }) => type === 's3' && bucket === bucketName)
