import { createHash } from 'node:crypto'

/** S3's limit for the name of a bucket. */
export const LONGEST_BUCKET_NAME = 63

const HASH_LENGTH = 8

/**
 * Puts a suffix behind a name. Where the two are longer than `longest`, the name is cut and a hash of
 * all of it stands in for the rest: the same name gives the same result on every run, and two names that
 * begin alike stay apart.
 *
 * @param name - e.g. a bucket's name
 * @param suffix - e.g. `-tfstate`, kept whole
 * @param longest - characters the result may have, more than those of the hash and the suffix
 */
export function withSuffix(name: string, suffix: string, longest: number): string {
  const whole = name + suffix
  if (whole.length <= longest) return whole
  const hash = createHash('sha256').update(name).digest('hex').slice(0, HASH_LENGTH)
  const room = longest - suffix.length - HASH_LENGTH - 1
  // S3 reserves suffixes that begin with `--`, so a cut right behind a hyphen takes the hyphen along.
  return `${name.slice(0, room).replace(/-+$/, '')}-${hash}${suffix}`
}

/** Name of the bucket that holds the Terraform state of a bucket. */
export const stateBucketName = (bucket: string): string => withSuffix(bucket, '-tfstate', LONGEST_BUCKET_NAME)

/** Key of the state of a bucket. */
export const stateKey = (bucket: string): string => `valohai-s3/${bucket}.tfstate`
