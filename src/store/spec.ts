import type { JsonObject } from './json'

/** What a run is wanted for, besides that everything be as it was asked for. */
export type Wish = 'apply' | 'rotate-key' | 'destroy'

/** Who may use a store: one project, or all of its owner's. */
export type StoreAccess = 'project' | 'organization'

/**
 * A store as it is asked for, in AWS and in Valohai. Which resources, rules and statements there are is decided
 * here; the rest becomes values of variables.
 */
export interface StoreSpec {
  /** The bucket's name, valid by S3's rules and without dots. */
  readonly bucketName: string
  /** AWS region code, e.g. `eu-west-1`. */
  readonly region: string
  /** Valohai projects as they were written, `owner/name` or a UUID, of one owner; empty where none is known. */
  readonly projects: readonly string[]
  /** Whose projects may use the store. */
  readonly storeAccess: StoreAccess
  /** Whether the bucket is ours to make and set up; else it is there, and nothing of it is touched. */
  readonly manageBucket: boolean
  /** Whether the bucket has a public access block of its own. */
  readonly publicAccessBlock: boolean
  /** Origin of Valohai's web app, e.g. `https://app.valohai.com`: allowed to POST by the CORS rules. */
  readonly valohaiOrigin: string
  /** Whether the bucket has the guide's CORS rules (step 3). */
  readonly cors: boolean
  /** Whether there is a role for outputs over 5 GB (guide, step 5). */
  readonly multipart: boolean
  /** Whether the bucket keeps old versions of its objects. */
  readonly versioning: boolean
  /** Days after which an old version expires, with `versioning`; 0 keeps it for ever. */
  readonly noncurrentDays: number
  /**
   * Days after which an unfinished multipart upload is aborted; 0 leaves the lifecycle rule out.
   *
   * @default - `ABORT_DAYS`, and none where the bucket has lifecycle rules of others
   */
  readonly abortMultipartDays: number | undefined
  /** KMS key that objects are encrypted with. @default - SSE-S3 */
  readonly kmsKeyArn: string | undefined
  /** KMS keys of objects written earlier: granted for reading. */
  readonly kmsDecryptKeyArns: readonly string[]
  /** Earlier KMS keys that keep their whole grant for now, since Valohai may still write with them. */
  readonly kmsKeptKeyArns: readonly string[]
  /** Whether the bucket's policy denies the store's user what would undo these settings, and all SSE-C uploads. */
  readonly denyReconfiguration: boolean
  /** @default - derived from the bucket's name, see `names.ts` */
  readonly iamUserName: string | undefined
  /** @default - derived from the bucket's name, see `names.ts` */
  readonly multipartRoleName: string | undefined
  /** IAM path of user and role; `/` is none. */
  readonly iamPath: string
  /** ARN of the policy that bounds what user and role may do. @default - none */
  readonly permissionsBoundary: string | undefined
  /** Days that a replaced access key stays, so that what it signed still works; 0: not at all. */
  readonly keyGraceDays: number
  /** Days after which an apply replaces the access key. @default - never */
  readonly maxKeyAgeDays: number | undefined
  /** Tags of every resource that takes tags. */
  readonly tags: Readonly<Record<string, string>>
  /** What names this state in the tag that tells ours from others'. @default - no such tag */
  readonly stateTag: string | undefined
  /** What others set beside ours, as a run has seen it; no input. */
  readonly others: Others
  /** Whether what people made under these names, and the store with their key, is taken over. */
  readonly adopt: boolean
  /** Name of the data store in Valohai. @default - derived, see `names.ts`; one that exists keeps its own */
  readonly storeName: string | undefined
  /** Whether the store becomes the project's default store. */
  readonly setDefault: boolean
}

/** Days after which an unfinished multipart upload is aborted, where nobody says. */
export const ABORT_DAYS = 7

/** What others set beside ours, and keep: each is the value of a variable. */
export interface Others {
  /** Boundary of user and role, where none is asked for. */
  readonly permissionsBoundary: string | undefined
  /** Whether the bucket has a bucket key. @default - with a KMS key */
  readonly bucketKeyEnabled: boolean | undefined
  /** Statements of the bucket's policy, as its JSON has them. */
  readonly policyStatements: readonly JsonObject[]
  /** CORS rules and lifecycle rules of the bucket, as the AWS provider has them. */
  readonly corsRules: readonly JsonObject[]
  readonly lifecycleRules: readonly JsonObject[]
  /** Whether lifecycle rules of others stand before ours: in another order each would read as changed. */
  readonly lifecycleRulesComeFirst: boolean
  /** Keys of tags of bucket, user and role. */
  readonly tagKeys: readonly string[]
}

/** A bucket, a user and a role that nobody else touched. */
export const NO_OTHERS: Others = {
  permissionsBoundary: undefined,
  bucketKeyEnabled: undefined,
  policyStatements: [],
  corsRules: [],
  lifecycleRules: [],
  lifecycleRulesComeFirst: false,
  tagKeys: [],
}
