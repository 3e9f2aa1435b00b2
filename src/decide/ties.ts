import type { Project } from './observed'

/** An inline policy of the store's user or role. */
export interface InlinePolicy {
  readonly of: 'user' | 'role'
  readonly name: string
}

/** Something that hangs on the store's user or role, and keeps IAM from deleting it. */
export interface Attachment {
  readonly of: 'user' | 'role'
  readonly kind:
    | 'inline policy'
    | 'attached policy'
    | 'group'
    | 'login profile'
    | 'MFA device'
    | 'SSH key'
    | 'service credential'
    | 'signing certificate'
    | 'instance profile'
  readonly name: string
}

/** How much there is in a bucket. */
export interface BucketContents {
  readonly objects: number
  /** Older versions, and marks of deletion. */
  readonly versions: number
  readonly uploads: number
  /** Whether there is more than was counted. */
  readonly isMore: boolean
}

/** What is looked at where a store is to be taken down. */
export interface Ties {
  readonly attachments: readonly Attachment[]
  /** `undefined` where the bucket stays, or is not there. */
  readonly contents: BucketContents | undefined
  /** Every project that has the store as its default, and that the token sees. */
  readonly defaultOf: readonly Project[]
}
