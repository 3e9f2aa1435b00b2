import { createHash } from 'node:crypto'

/** IAM's limit for the names of users and roles, in characters. */
const IAM_NAME_LIMIT = 64

/** How many hexadecimal digits of the bucket name's SHA-256 tell shortened names apart. */
const HASH_DIGITS = 8

/** A name made from the bucket's: `prefix`, the bucket's name (cut where IAM's limit asks for it), `suffix`. */
interface NamePattern {
  readonly prefix: string
  readonly suffix: string
}

const IAM_USER: NamePattern = { prefix: 'valohai-', suffix: '' }
const MULTIPART_ROLE: NamePattern = { prefix: 'valohai-', suffix: '-multipart' }

/** Name of the IAM user of a bucket, where none is asked for. */
export const iamUserName = (bucketName: string): string => nameFor(bucketName, IAM_USER)

/** Name of the multipart role of a bucket, where none is asked for. */
export const multipartRoleName = (bucketName: string): string => nameFor(bucketName, MULTIPART_ROLE)

/** The Terraform expression of `iamUserName`, over `var.bucket_name`. */
export const iamUserNameExpression = (): string => expressionFor(IAM_USER)

/** The Terraform expression of `multipartRoleName`, over `var.bucket_name`. */
export const multipartRoleNameExpression = (): string => expressionFor(MULTIPART_ROLE)

function nameFor(bucketName: string, { prefix, suffix }: NamePattern): string {
  const whole = `${prefix}${bucketName}${suffix}`
  if (whole.length <= IAM_NAME_LIMIT) return whole
  const hash = createHash('sha256').update(bucketName).digest('hex').slice(0, HASH_DIGITS)
  return `${prefix}${bucketName.slice(0, keptLength({ prefix, suffix }))}-${hash}${suffix}`
}

// The same rule in Terraform's language, so that a module called twice names its users by itself.
function expressionFor({ prefix, suffix }: NamePattern): string {
  const whole = `"${prefix}\${var.bucket_name}${suffix}"`
  const shortened = [
    `"${prefix}`,
    `\${substr(var.bucket_name, 0, ${keptLength({ prefix, suffix })})}`,
    `-\${substr(sha256(var.bucket_name), 0, ${HASH_DIGITS})}`,
    `${suffix}"`,
  ].join('')
  return `length(${whole}) <= ${IAM_NAME_LIMIT} ? ${whole} : ${shortened}`
}

function keptLength({ prefix, suffix }: NamePattern): number {
  return IAM_NAME_LIMIT - prefix.length - suffix.length - HASH_DIGITS - 1
}
