import { partitionOf } from '../store/regions'
import { iamUserName, multipartRoleName } from '../store/names'
import type { StoreSpec } from '../store/spec'
import { multipartPolicy, multipartTrustPolicy, storeUserPolicy, tlsOnlyPolicy } from '../store/policies'

/** Names, ARNs and policies as they will be in AWS, for documents that show values. */
export type Planned = ReturnType<typeof plannedOf>

/**
 * Evaluates a spec as Terraform will.
 *
 * @param accountId number of the AWS account, or what stands for it
 */
export function plannedOf(spec: StoreSpec, accountId: string) {
  const { bucketName, kmsKeyArn } = spec
  const partition = partitionOfRegion(spec.region)
  const bucketArn = `arn:${partition}:s3:::${bucketName}`
  const iam = `arn:${partition}:iam::${accountId}`
  const userName = spec.iamUserName ?? iamUserName(bucketName)
  const roleName = spec.multipartRoleName ?? multipartRoleName(bucketName)
  const userArn = `${iam}:user/${userName}`
  return {
    partition,
    bucketArn,
    userName,
    userArn,
    userPolicy: storeUserPolicy({ bucketArn, partition, kmsKeyArn }),
    bucketPolicy: tlsOnlyPolicy({ bucketArn }),
    role: spec.multipart
      ? {
          name: roleName,
          arn: `${iam}:role/${roleName}`,
          policy: multipartPolicy({ bucketArn, kmsKeyArn }),
          trust: multipartTrustPolicy({ userArn }),
        }
      : undefined,
  }
}

/** The partition of a region; `aws` for a region that is not known yet. */
export function partitionOfRegion(region: string): string {
  return partitionOf(region) ?? 'aws'
}
