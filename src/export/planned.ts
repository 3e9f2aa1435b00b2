import { partitionOf } from '../store/regions'
import { roleName, userName } from '../store/names'
import type { StoreSpec } from '../store/spec'
import { bucketPolicy, multipartPolicy, multipartTrustPolicy, storeUserPolicy } from '../store/policies'

/** Names, ARNs and policies as they will be in AWS, for documents that show values. */
export type Planned = ReturnType<typeof plannedOf>

/**
 * Evaluates a spec as Terraform will.
 *
 * @param accountId number of the AWS account, or what stands for it
 */
export function plannedOf(spec: StoreSpec, accountId: string) {
  const { bucketName, kmsKeyArn, kmsKeptKeyArns, kmsDecryptKeyArns, iamPath, denyReconfiguration } = spec
  const partition = partitionOfRegion(spec.region)
  const bucketArn = `arn:${partition}:s3:::${bucketName}`
  const iam = `arn:${partition}:iam::${accountId}`
  const userArn = `${iam}:user${iamPath}${userName(spec)}`
  const keys = {
    kmsKeys: [...(kmsKeyArn === undefined ? [] : [kmsKeyArn]), ...kmsKeptKeyArns],
    kmsDecryptKeys: kmsDecryptKeyArns,
  }
  return {
    partition,
    bucketArn,
    userName: userName(spec),
    userArn,
    userPolicy: storeUserPolicy({ bucketArn, partition, ...keys }),
    bucketPolicy: spec.manageBucket ? bucketPolicy({ bucketArn, userArn, denyReconfiguration }) : undefined,
    role: spec.multipart
      ? {
          name: roleName(spec),
          arn: `${iam}:role${iamPath}${roleName(spec)}`,
          policy: multipartPolicy({ bucketArn, ...keys }),
          trust: multipartTrustPolicy({ userArn }),
        }
      : undefined,
  }
}

/** The partition of a region; `aws` for a region that is not known yet. */
export function partitionOfRegion(region: string): string {
  return partitionOf(region) ?? 'aws'
}
