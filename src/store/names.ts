import { createHash } from 'node:crypto'
import type { StoreSpec } from './spec'

/** S3's limit for the name of a bucket, in characters. */
export const LONGEST_BUCKET_NAME = 63

/** Beginnings and ends of bucket names that S3 keeps for itself. */
export const RESERVED_PREFIXES = ['xn--', 'sthree-', 'amzn-s3-demo-'] as const
export const RESERVED_SUFFIXES = ['-s3alias', '--ol-s3', '--x-s3', '--table-s3', '.mrap'] as const

/** IAM's limit for the names of users and roles, in characters. */
export const LONGEST_IAM_NAME = 64

/** IAM's rule for the names of users and roles, as a regular expression of JavaScript's and of Terraform's. */
export const IAM_NAME = `^[A-Za-z0-9_+=,.@-]{1,${LONGEST_IAM_NAME}}$`

/** The ARN of a KMS key (of no alias), as a regular expression of JavaScript's and of Terraform's. */
export const KMS_KEY_ARN =
  '^arn:(aws[a-z-]*):kms:([a-z0-9-]+):[0-9]{12}:key/([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32})$'

/** Valohai's limit for the name of a store, in characters. */
export const LONGEST_STORE_NAME = 64

/** ARN of a policy that can be a permissions boundary, as a regular expression of JavaScript's and of Terraform's. */
export const POLICY_ARN = '^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/.+$'

/** Path of an IAM user or role, as a regular expression of JavaScript's and of Terraform's. */
export const IAM_PATH = '^/([!-.0-~][!-~]*/)?$'

/** Names of the inline policies of the user and of the role. */
export const POLICY_NAMES = { user: 'valohai-store', role: 'valohai-multipart' } as const

/** Ids of the bucket's lifecycle rules. */
export const LIFECYCLE_RULES = {
  abort: 'abort-incomplete-multipart-uploads',
  expire: 'expire-noncurrent-versions',
} as const

/** Key of the tag that says which state a bucket, a user or a role is of. */
export const STATE_TAG = 'valohai-s3:state'

/** Whether tags say that something is of the state of a spec. */
export const isOfState = (
  { stateTag }: Pick<StoreSpec, 'stateTag'>,
  tags: Readonly<Record<string, string>> | undefined,
): boolean => stateTag !== undefined && tags?.[STATE_TAG] === stateTag

/** What follows a state's key in the keys of its two locks: Terraform's own, and that of the runs. */
export const LOCK_SUFFIXES = { terraform: '.tflock', run: '.run-lock' } as const

/** Terraform's address of an access key, by its generation. */
export const keyAddress = (generation: string): string => `aws_iam_access_key.store["${generation}"]`

/** User id of the OpenPGP keys that runs make: what a run sealed a secret for is told by it. */
export const RUN_KEY_OWNER = 'valohai-s3-action'

/** Whether a run made an OpenPGP public key, given in base64. The user id stands in it in plain. */
export const isPublicKeyOfRun = (publicKey: string): boolean =>
  Buffer.from(publicKey, 'base64').includes(RUN_KEY_OWNER)

/** How many hexadecimal digits of a name's SHA-256 tell shortened names apart. */
const HASH_DIGITS = 8

/** A name made from another: `prefix`, that name (cut where `longest` asks for it), `suffix`. */
interface Pattern {
  readonly prefix: string
  readonly suffix: string
  /** Characters that the result may have. */
  readonly longest: number
}

const IAM_USER: Pattern = { prefix: 'valohai-', suffix: '', longest: LONGEST_IAM_NAME }
const MULTIPART_ROLE: Pattern = { prefix: 'valohai-', suffix: '-multipart', longest: LONGEST_IAM_NAME }
const STATE_BUCKET: Pattern = { prefix: '', suffix: '-tfstate', longest: LONGEST_BUCKET_NAME }
const STORE: Pattern = { prefix: '', suffix: '', longest: LONGEST_STORE_NAME }

/** Whether a name is of an account's own namespace in a region, where nobody else can make a bucket. */
export const isAccountRegional = (bucket: string): boolean => /-[0-9]{12}-[a-z0-9-]+-an$/.test(bucket)

/** What names are made from. */
export type Named = Pick<StoreSpec, 'bucketName' | 'manageBucket' | 'projects' | 'storeAccess'>

/**
 * The name that all others of a store are made from: the bucket's. A bucket that is managed elsewhere has several
 * stores, so there the project follows, or with a store for all of an owner's projects that owner.
 */
export function baseName({ bucketName, manageBucket, projects: [project], storeAccess }: Named): string {
  if (manageBucket || project === undefined) return bucketName
  const [owner = ''] = project.split('/')
  const whose = storeAccess === 'organization' ? owner : project
  return `${bucketName}-${whose.toLowerCase().replace(/[^a-z0-9-]/g, '-')}`
}

/** Name of the IAM user that is made from a base name. */
export const iamUserName = (base: string): string => fitted(base, IAM_USER)

/** Name of the multipart role that is made from a base name. */
export const multipartRoleName = (base: string): string => fitted(base, MULTIPART_ROLE)

/**
 * Name of the role that runs commands for a base name, and of its policy. Unlike the store's own names it does not
 * begin with `valohai-`, so no store's role can be called the same unless it is given that name.
 */
export const deployerName = (base: string, commands: readonly string[]): string =>
  fitted(base, { prefix: `${commands.join('-')}-valohai-`, suffix: '', longest: LONGEST_IAM_NAME })

/** Name of the policy that bounds what the user and the role of a base name may do. */
export const boundaryName = (base: string): string =>
  fitted(base, { prefix: 'boundary-valohai-', suffix: '', longest: LONGEST_IAM_NAME })

/** Name of the bucket that holds the Terraform state of a bucket, where none is asked for. */
export const stateBucketName = (bucket: string): string => fitted(bucket, STATE_BUCKET)

/** Key of the state of a store, where none is asked for. */
export const stateKeyOf = (named: Named): string => `valohai-s3/${baseName(named)}.tfstate`

/** The same of what is exported: another one, so that who applies it cannot undo what the step made. */
export const exportStateKeyOf = (named: Named): string => `valohai-s3/${baseName(named)}.export.tfstate`

/** Name of the IAM user of a store. */
export const userName = (spec: StoreSpec): string => spec.iamUserName ?? iamUserName(baseName(spec))

/** Name of a store in Valohai that is to be created. */
export const newStoreName = (spec: StoreSpec): string => spec.storeName ?? fitted(baseName(spec), STORE)

/** Name of the multipart role of a store. */
export const roleName = (spec: StoreSpec): string =>
  spec.multipartRoleName ?? multipartRoleName(baseName(spec))

/** The Terraform expression of `iamUserName`, over `var.bucket_name`. */
export const iamUserNameExpression = (): string => expressionFor(IAM_USER)

/** The Terraform expression of `multipartRoleName`, over `var.bucket_name`. */
export const multipartRoleNameExpression = (): string => expressionFor(MULTIPART_ROLE)

/**
 * Where the whole is too long, the name is cut and a hash of all of it stands for the rest: the same name
 * gives the same result on every run, and two names that begin alike stay apart.
 */
function fitted(name: string, pattern: Pattern): string {
  const { prefix, suffix, longest } = pattern
  const whole = `${prefix}${name}${suffix}`
  if (whole.length <= longest) return whole
  const hash = createHash('sha256').update(name).digest('hex').slice(0, HASH_DIGITS)
  const cut = name.slice(0, keptLength(pattern))
  // A bucket's name has no two hyphens in a row; IAM's names have been made without this rule, and stay.
  return `${prefix}${pattern === STATE_BUCKET ? cut.replace(/-+$/, '') : cut}-${hash}${suffix}`
}

// The same rule in Terraform's language, so that a module called twice names its users by itself.
function expressionFor(pattern: Pattern): string {
  const { prefix, suffix, longest } = pattern
  const whole = `"${prefix}\${var.bucket_name}${suffix}"`
  const shortened = [
    `"${prefix}`,
    `\${substr(var.bucket_name, 0, ${keptLength(pattern)})}`,
    `-\${substr(sha256(var.bucket_name), 0, ${HASH_DIGITS})}`,
    `${suffix}"`,
  ].join('')
  return `(
  length(${whole}) <= ${longest}
  ? ${whole}
  : ${shortened}
)`
}

function keptLength({ prefix, suffix, longest }: Pattern): number {
  return longest - prefix.length - suffix.length - HASH_DIGITS - 1
}
