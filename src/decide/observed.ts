import type { JsonObject } from '../store/json'
import type { InlinePolicy, Ties } from './ties'

/** Who a run works as in AWS. */
export interface Account {
  /** Twelve digits. */
  readonly id: string
  /** ARN of the user or the assumed role. */
  readonly arn: string
}

/** What the explicit default store is: a store's id, `null` for none, or not told by this API. */
export type DefaultStore = { readonly known: true; readonly id: string | null } | { readonly known: false }

/** A Valohai project, as read from the API. */
export interface Project {
  /** UUID. */
  readonly id: string
  readonly name: string
  readonly description: string
  /** A user or an organization. */
  readonly owner: { readonly id: number; readonly username: string }
  /** The project's page in the web UI. */
  readonly displayUrl?: string
  /** The project's own setting. */
  readonly defaultStore: DefaultStore
  /** The store in effect: the setting, or what is inherited from the organization or Valohai. */
  readonly uploadStoreId?: string
}

/**
 * A data store, as read from the API. A field that the API leaves out, sends as null or masks is
 * `undefined`: unknown, not empty. An empty string is what the API said.
 */
export interface Store {
  /** UUID. */
  readonly id: string
  readonly name: string
  /** `s3`, `swift`, `azure` or `google`. */
  readonly type: string
  readonly deleted: boolean
  /** The one project it belongs to; none for a store of a whole organization. */
  readonly projectId?: string
  readonly ownerId?: string
  readonly bucket?: string
  readonly region?: string
  /** Never empty. */
  readonly accessKeyId?: string
  /** Empty where the API says that there is none. */
  readonly multipartRoleArn?: string
  /** Empty where the API says that there is none. */
  readonly kmsKeyArn?: string
  /** When it was last written. */
  readonly mtime?: Date
  readonly displayUrl?: string
  /** Who may use it and how (`access_mode`, `teams`, …), which a PUT would otherwise reset. */
  readonly access: Readonly<Record<string, unknown>>
  /** Options of the configuration that are theirs, and no secret: sent along with every write. */
  readonly options: Readonly<Record<string, unknown>>
}

/** Valohai as it was found. */
export interface ObservedValohai {
  /** The projects asked for, in the order they were given; the first is the one that the store belongs to. */
  readonly projects: readonly [Project, ...Project[]]
  /** The store of the project for this bucket; `undefined` where none is seen. */
  readonly store: Store | undefined
  /** Every other live store that the token sees. */
  readonly others: readonly Store[]
  /** Stores that the record names, by id, and that Valohai shows as deleted. */
  readonly deleted: ReadonlySet<string>
}

/** One access key in Terraform's state. */
export interface StateKey {
  /** `"1"`, `"2"`, … */
  readonly generation: string
  readonly id: string
  /** When IAM made it; `undefined` where Terraform does not know. */
  readonly created: Date | undefined
  /** The secret as an OpenPGP message in base64, sealed for the public key of the run that made it. */
  readonly sealedSecret: string | undefined
  /** The public key that the secret is sealed for, in base64. */
  readonly sealedFor: string | undefined
  /** Whether it was there before Terraform: its secret is not known, in no form. */
  readonly isImported: boolean
  /**
   * Whether people may have the secret as well: it is in plain in the state, or sealed for a public key that
   * no run made. Such a key may be anywhere.
   */
  readonly mayBeAnywhere: boolean
}

/** What Terraform's state holds of the store, by its resources. */
export interface StackState {
  readonly bucket: { readonly name: string; readonly arn: string; readonly region: string } | undefined
  readonly user: { readonly name: string; readonly arn: string } | undefined
  readonly role: { readonly name: string; readonly arn: string } | undefined
  /** Terraform's types of the bucket's settings that it holds. */
  readonly settings: readonly string[]
  /** Tags that it holds, by kind of resource. */
  readonly tags: { readonly bucket?: Tags; readonly user?: Tags; readonly role?: Tags }
  /** Name of the bucket that it was applied for, ours or managed elsewhere; `undefined` where none is noted. */
  readonly bucketName: string | undefined
  /** Origin that the CORS rules let upload; `undefined` where none is noted. */
  readonly origin: string | undefined
  /** Ids of the lifecycle rules. */
  readonly lifecycleRuleIds: readonly string[]
  /** Oldest generation first. */
  readonly keys: readonly StateKey[]
  /** KMS keys that the user is granted: whole, and for reading alone. */
  readonly kms: { readonly whole: readonly string[]; readonly decrypt: readonly string[] }
  /** Secrets that stand in it in plain, to be masked. They are handed to nobody. */
  readonly plainSecrets: readonly string[]
}

/** One access key of the store's user, by IAM. */
export interface IamKey {
  readonly id: string
  readonly isActive: boolean
  readonly created: Date
  /** When it was last used; `undefined` where IAM has seen no use. */
  readonly lastUsed: Date | undefined
}

/**
 * How far a key came on its way to Valohai, each written down before it happens: `asked` for of IAM, `made`,
 * `offered` to a store, `taken` by it (read back), or not (`refused`).
 */
export type KeyProgress = 'asked' | 'made' | 'offered' | 'taken' | 'refused'

/** What the record says of one key. */
export interface RecordedKey {
  readonly generation: string
  /** `undefined` until IAM's answer is known. */
  readonly id?: string
  /** Id of the store that it was made for; `undefined` until there is one. */
  readonly store?: string
  readonly progress: KeyProgress
  /** Ids that IAM had when the key was asked for: none of these is the answer. */
  readonly before?: readonly string[]
  /** Name that a new store was offered it under. */
  readonly offeredAs?: string
  /** When this progress was noted, ISO 8601: of a taken key, the time from which its predecessor's grace runs. */
  readonly since: string
}

/** What runs of one state know of the keys they made. Kept in the run lock's object, which is never deleted. */
export interface RunRecord {
  readonly keys: readonly RecordedKey[]
  /** Which runs held the lock, and when, oldest first: a lock that Terraform left behind is told by it. */
  readonly tenures?: readonly Tenure[]
  /** Ids of stores that a run deleted, or set out to: one of these that is not seen is gone. */
  readonly deletedStores?: readonly string[]
  /** Inline policies that users and roles had when they were adopted. */
  readonly adopted?: readonly InlinePolicy[]
}

/** A lock on the state that Terraform itself holds, or left behind. */
export interface TerraformLock {
  readonly id: string
  /** `user@host`. */
  readonly who: string
  /** By the clock of that host. */
  readonly created: Date
}

/** A time in which a run held the lock of this state's runs. */
export interface Tenure {
  /** As Terraform writes it into its own lock: `user@host`. */
  readonly who: string
  /** ISO 8601, by the clock of that host. */
  readonly since: string
  /** `undefined` while it goes on. */
  readonly until?: string
}

/** Tags, by key. */
export type Tags = Readonly<Record<string, string>>

/** The bucket as AWS has it. */
export interface ExistingBucket {
  readonly arn: string
  readonly tags: Tags
  /** Whether it has no object, version, upload, policy, rule or tag: then it is what was asked for. */
  readonly isEmpty: boolean
  /** Terraform's types of the settings that it has. */
  readonly settings: readonly string[]
  /** Whether it has a bucket key; `undefined` where its encryption is not set. */
  readonly bucketKeyEnabled: boolean | undefined
  /** The KMS key that it encrypts with; `undefined` with keys of S3's own. */
  readonly kmsKeyArn: string | undefined
  /** Statements of its policy. */
  readonly policyStatements: readonly JsonObject[]
  /** Its CORS rules and lifecycle rules, as the AWS provider has them. */
  readonly corsRules: readonly JsonObject[]
  readonly lifecycleRules: readonly JsonObject[]
  /** Whether ACLs are in use: on, and granting somebody else than the owner. */
  readonly usesAcls: boolean
}

/** A user or a role as IAM has it. */
export interface ExistingIdentity {
  readonly arn: string
  readonly tags: Tags
  /** Whether it has an inline policy of the name that ours has. */
  readonly hasPolicy: boolean
  readonly permissionsBoundary: string | undefined
  /** Statements of a role's trust policy; a user has none. */
  readonly trust: readonly JsonObject[]
}

/** What the account has under our names. */
export interface Existing {
  readonly bucket?: ExistingBucket | undefined
  readonly user?: ExistingIdentity | undefined
  readonly role?: ExistingIdentity | undefined
}

/** What another state holds by now: nothing where it is gone, and unknown where it cannot be read from here. */
export type OtherState = StackState | 'unknown'

/** How the bucket answers a browser that asks before it uploads or reads; `undefined`: it could not be asked. */
export interface Preflight {
  /** Whether the installation's origin may POST. */
  readonly uploads: boolean
  /** Whether any origin may GET. */
  readonly downloads: boolean
}

/** Whose an access key is that a store shows and no run of this state has made. */
export interface KeyOwner {
  /** Name of the IAM user; `undefined` where the account has no such key. */
  readonly userName: string | undefined
  /** The state that made that user; `undefined` where no run did. */
  readonly stateTag: string | undefined
}

/** Everything that a decision looks at. */
export interface Observed {
  readonly now: Date
  readonly state: StackState
  readonly existing: Existing
  /** Other states that made what is under our names, by what names them. */
  readonly otherStates: ReadonlyMap<string, OtherState>
  /** How a bucket that is managed elsewhere answers browsers; `undefined` where it was not asked. */
  readonly preflight: Preflight | undefined
  /** All access keys of the store's user, whoever made them. */
  readonly keys: readonly IamKey[]
  /** Whose key the store shows, where it is none of ours. */
  readonly keyOwner: KeyOwner | undefined
  /** Terraform's own lock on the state, where there is one and the run holds its own. */
  readonly terraformLock: TerraformLock | undefined
  /** `undefined` with a backend other than S3, where none is kept. */
  readonly record: RunRecord | undefined
  /** `undefined` where Valohai is not asked: a plan without token and project. */
  readonly valohai: ObservedValohai | undefined
  /** `undefined` where nothing is to be taken down. */
  readonly ties: Ties | undefined
}
