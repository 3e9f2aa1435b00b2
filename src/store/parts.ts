import { ABORT_DAYS, type StoreSpec } from './spec'

/** Days after which an unfinished upload is aborted; 0 for never. */
export const abortDays = ({ abortMultipartDays }: StoreSpec): number => abortMultipartDays ?? ABORT_DAYS

/** Which of the optional parts a spec has, beside those that it names itself. */
export function partsOf(spec: StoreSpec) {
  const { manageBucket, versioning, noncurrentDays, others } = spec
  const expires = manageBucket && versioning && noncurrentDays > 0
  const aborts = manageBucket && abortDays(spec) > 0
  // The rules are one setting: as long as others have some, it stays.
  const lifecycle = expires || aborts || (manageBucket && others.lifecycleRules.length > 0)
  // To S3's own keys it means nothing, and is kept where somebody set it.
  const bucketKey = manageBucket && (spec.kmsKeyArn !== undefined || others.bucketKeyEnabled === true)
  return { cors: manageBucket && spec.cors, expires, aborts, lifecycle, bucketKey }
}

/** Terraform's types of the bucket and of its settings that a spec has. */
export function bucketTypes(spec: StoreSpec): string[] {
  const { cors, lifecycle } = partsOf(spec)
  const isOn: Readonly<Record<string, boolean>> = {
    aws_s3_bucket: true,
    aws_s3_bucket_public_access_block: spec.publicAccessBlock,
    aws_s3_bucket_ownership_controls: true,
    aws_s3_bucket_server_side_encryption_configuration: true,
    aws_s3_bucket_policy: true,
    aws_s3_bucket_cors_configuration: cors,
    aws_s3_bucket_lifecycle_configuration: lifecycle,
    aws_s3_bucket_versioning: spec.versioning,
  }
  return Object.keys(isOn).filter((type) => spec.manageBucket && isOn[type] === true)
}

/**
 * Those that are switched off and left in AWS as they are. Versioning and lifecycle rules are not among them: there
 * `off` takes out what we set.
 */
export function leftTypes(spec: StoreSpec): string[] {
  const on = { manageBucket: true, publicAccessBlock: true, cors: true, versioning: true }
  const all = bucketTypes({ ...spec, ...on, abortMultipartDays: ABORT_DAYS })
  if (!spec.manageBucket) return all
  const isOn = bucketTypes(spec)
  return all.filter((type) => /_(public_access_block|cors_configuration)$/.test(type) && !isOn.includes(type))
}
