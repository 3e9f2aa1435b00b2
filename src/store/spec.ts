/** What a run is wanted for, besides that everything be as it was asked for. */
export type Wish = 'apply' | 'rotate-key'

/**
 * A store as it is asked for, in AWS and in Valohai. Which resources there are (`cors`, `multipart`, `versioning`,
 * `abortMultipartDays`, `kmsKeyArn`) is decided here; the rest becomes variables.
 */
export interface StoreSpec {
  /** The bucket's name, valid by S3's rules and without dots. */
  readonly bucketName: string
  /** AWS region code, e.g. `eu-west-1`. */
  readonly region: string
  /** Origin of Valohai's web app, e.g. `https://app.valohai.com`: allowed to POST by the CORS rules. */
  readonly valohaiOrigin: string
  /** Whether the bucket has the guide's CORS rules (step 3). */
  readonly cors: boolean
  /** Whether there is a role for outputs over 5 GB (guide, step 5). */
  readonly multipart: boolean
  /** Whether the bucket keeps old versions of its objects. */
  readonly versioning: boolean
  /** Days after which an unfinished multipart upload is aborted; 0 leaves the lifecycle rule out. */
  readonly abortMultipartDays: number
  /** KMS key that objects are encrypted with. @default - SSE-S3 */
  readonly kmsKeyArn: string | undefined
  /** @default - derived from the bucket's name, see `names.ts` */
  readonly iamUserName: string | undefined
  /** @default - derived from the bucket's name, see `names.ts` */
  readonly multipartRoleName: string | undefined
  /** Days that a replaced access key stays, so that what it signed still works; 0: not at all. */
  readonly keyGraceDays: number
  /** Days after which an apply replaces the access key. @default - never */
  readonly maxKeyAgeDays: number | undefined
  /** Earlier KMS keys, for reading what was written with them. */
  readonly kmsDecryptKeyArns: readonly string[]
  /** Earlier KMS keys that keep their whole grant for now. Decided by the run, no input. */
  readonly kmsKeptKeyArns: readonly string[]
  /** Who may use the store: its project, or all projects of the owner. */
  readonly storeAccess: 'project' | 'organization'
  /** Tags of every resource that takes tags. */
  readonly tags: Readonly<Record<string, string>>
  /** Name of the data store in Valohai. @default - derived, see `names.ts`; one that exists keeps its own */
  readonly storeName: string | undefined
  /** Whether the store becomes the project's default store. */
  readonly setDefault: boolean
}
