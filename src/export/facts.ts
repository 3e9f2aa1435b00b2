import { partitionOf } from '../store/regions'
import { iamUserName, multipartRoleName } from '../store/names'
import type { StoreSpec } from '../store/spec'
import {
  multipartPolicy,
  multipartTrustPolicy,
  storeUserPolicy,
  tlsOnlyPolicy,
  type PolicyDocument,
} from '../store/policies'

/** Stands for the number of the AWS account, which is known to AWS alone until the Terraform runs. */
export const ACCOUNT_ID = '<ACCOUNT_ID>'

/** Names and ARNs as they will be. */
export interface Facts {
  /** AWS partition: `aws`, `aws-cn`, `aws-us-gov`, … */
  readonly partition: string
  readonly bucketArn: string
  readonly userName: string
  readonly userArn: string
  readonly roleName: string
  readonly roleArn: string
}

/** The policies as Terraform evaluates them. */
export interface Policies {
  /** Of the user (guide, step 4). */
  readonly user: PolicyDocument
  /** Of the bucket. */
  readonly bucket: PolicyDocument
  /** Of the role (guide, step 5), where there is one. */
  readonly role?: PolicyDocument
  /** Who may assume the role. */
  readonly trust?: PolicyDocument
}

/**
 * What the configuration will make, worked out from the options.
 *
 * @param accountId number of the AWS account. @default - a placeholder
 */
export function factsOf(options: StoreSpec, accountId: string = ACCOUNT_ID): Facts {
  const partition = partitionOfRegion(options.region)
  const userName = options.iamUserName ?? iamUserName(options.bucketName)
  const roleName = options.multipartRoleName ?? multipartRoleName(options.bucketName)
  return {
    partition,
    bucketArn: `arn:${partition}:s3:::${options.bucketName}`,
    userName,
    userArn: `arn:${partition}:iam::${accountId}:user/${userName}`,
    roleName,
    roleArn: `arn:${partition}:iam::${accountId}:role/${roleName}`,
  }
}

/**
 * The policies with the values filled in.
 *
 * @param accountId number of the AWS account. @default - a placeholder
 */
export function policiesOf(options: StoreSpec, accountId: string = ACCOUNT_ID): Policies {
  const names = { ...factsOf(options, accountId), kmsKeyArn: options.kmsKeyArn }
  return {
    user: storeUserPolicy(names),
    bucket: tlsOnlyPolicy(names),
    ...(options.multipart ? { role: multipartPolicy(names), trust: multipartTrustPolicy(names) } : {}),
  }
}

/** The partition of a region; that of a region which is not known yet is `aws`. */
export function partitionOfRegion(region: string): string {
  return partitionOf(region) ?? 'aws'
}
