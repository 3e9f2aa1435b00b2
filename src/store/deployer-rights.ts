/** What a statement of the deploying role's policy is about; its `Sid` too. */
export type Place =
  | 'Bucket'
  | 'BucketSettings'
  | 'StateBucket'
  | 'StateBucketSettings'
  | 'State'
  | 'StateLock'
  | 'AnyUser'
  | 'User'
  | 'BoundedUser'
  | 'Role'
  | 'BoundedRole'

/** Actions of AWS, by what they are done to. */
export type Rights = Readonly<Partial<Record<Place, readonly string[]>>>

/**
 * To look at everything that a run looks at, and change nothing. Terraform's AWS provider reads every setting of a
 * bucket, those that no run makes included, and stops where it may not.
 */
export const LOOK: Rights = {
  Bucket: [
    's3:GetAccelerateConfiguration',
    's3:GetBucketAcl',
    's3:GetBucketCORS',
    's3:GetBucketLogging',
    's3:GetBucketObjectLockConfiguration',
    's3:GetBucketOwnershipControls',
    's3:GetBucketPolicy',
    's3:GetBucketPolicyStatus',
    's3:GetBucketPublicAccessBlock',
    's3:GetBucketRequestPayment',
    's3:GetBucketTagging',
    's3:GetBucketVersioning',
    's3:GetBucketWebsite',
    's3:GetEncryptionConfiguration',
    's3:GetLifecycleConfiguration',
    's3:GetReplicationConfiguration',
    's3:ListBucket',
    's3:ListBucketMultipartUploads',
    's3:ListBucketVersions',
    // Version 6 of the provider reads and writes a bucket's tags through S3 Control.
    's3:ListTagsForResource',
  ],
  StateBucket: ['s3:ListBucket'],
  State: ['s3:GetObject'],
  // Whose key a store holds is not known before: it may be any user's.
  AnyUser: ['iam:GetAccessKeyLastUsed', 'iam:GetUser'],
  User: ['iam:GetUserPolicy', 'iam:ListAccessKeys', 'iam:ListUserPolicies', 'iam:ListUserTags'],
  Role: [
    'iam:GetRole',
    'iam:GetRolePolicy',
    'iam:ListAttachedRolePolicies',
    'iam:ListRolePolicies',
    'iam:ListRoleTags',
  ],
}

/** To make and change what a store consists of, and to take down all of it but its bucket. */
const WRITE: Rights = {
  BucketSettings: [
    's3:CreateBucket',
    's3:PutBucketCORS',
    's3:PutBucketOwnershipControls',
    's3:PutBucketPolicy',
    's3:PutBucketPublicAccessBlock',
    's3:PutBucketTagging',
    's3:PutBucketVersioning',
    's3:PutEncryptionConfiguration',
    's3:PutLifecycleConfiguration',
    's3:TagResource',
    's3:UntagResource',
  ],
  StateBucketSettings: [
    's3:CreateBucket',
    's3:GetBucketPolicy',
    's3:GetBucketPublicAccessBlock',
    's3:GetBucketTagging',
    's3:GetEncryptionConfiguration',
    's3:PutBucketOwnershipControls',
    's3:PutBucketPolicy',
    's3:PutBucketPublicAccessBlock',
    's3:PutBucketTagging',
    's3:PutBucketVersioning',
    's3:PutEncryptionConfiguration',
  ],
  State: ['s3:PutObject'],
  StateLock: ['s3:DeleteObject'],
  // IAM knows no boundary on the actions for keys, and on DeleteUser and UpdateUser: a condition would refuse always.
  User: [
    'iam:CreateAccessKey',
    'iam:DeleteAccessKey',
    'iam:DeleteUser',
    // To take a policy away gives nobody anything, and an older user without a boundary has to be able to go.
    'iam:DeleteUserPolicy',
    'iam:ListGroupsForUser',
    'iam:TagUser',
    'iam:UntagUser',
    'iam:UpdateUser',
  ],
  BoundedUser: ['iam:CreateUser', 'iam:PutUserPermissionsBoundary', 'iam:PutUserPolicy'],
  Role: [
    'iam:DeleteRole',
    'iam:DeleteRolePolicy',
    'iam:ListInstanceProfilesForRole',
    'iam:TagRole',
    'iam:UntagRole',
    // Of an older role without a boundary Terraform changes the trust policy before it sets the boundary.
    'iam:UpdateAssumeRolePolicy',
  ],
  BoundedRole: ['iam:CreateRole', 'iam:PutRolePermissionsBoundary', 'iam:PutRolePolicy'],
}

/**
 * To look, to make, to change, and to take down all but the bucket. What is found in it:
 * - Parliament PERMISSIONS_MANAGEMENT_ACTIONS: a user, a role, their policies and keys are what a run makes. Each is one
 *   by its exact ARN, and what gives them rights is granted only where they have the boundary.
 * - Parliament PRIVILEGE_ESCALATION and CREDENTIALS_EXPOSURE: with `iam:CreateAccessKey` whoever deploys can act as the
 *   store's user, which may do no more than the boundary says. The deploying role is neither that user nor that role.
 * - Parliament RESOURCE_POLICY_PRIVILEGE_ESCALATION: a bucket's policy and its lifecycle rules are settings of the guide,
 *   and who may set them can open or empty that bucket. It is the store's, which the store's user can read and empty
 *   anyhow, and the state's, in which no secret is. A state bucket of several stores is best made beforehand.
 */
export const CHANGE: Rights = together([LOOK, WRITE])

/** To delete the bucket: a part apart, for who asks for it. */
export const DELETE_BUCKET: Rights = { BucketSettings: ['s3:DeleteBucket'] }

/** To look, and to take down all but the bucket: what hangs on user and role is looked at first. */
export const TAKE_DOWN: Rights = together([
  LOOK,
  {
    State: ['s3:PutObject'],
    StateLock: ['s3:DeleteObject'],
    User: [
      'iam:DeleteAccessKey',
      'iam:DeleteUser',
      'iam:DeleteUserPolicy',
      'iam:GetLoginProfile',
      'iam:ListAttachedUserPolicies',
      'iam:ListGroupsForUser',
      'iam:ListMFADevices',
      'iam:ListServiceSpecificCredentials',
      'iam:ListSigningCertificates',
      'iam:ListSSHPublicKeys',
    ],
    Role: ['iam:DeleteRole', 'iam:DeleteRolePolicy', 'iam:ListInstanceProfilesForRole'],
  },
])

/** The rights of several, each action once. */
export function together(rights: readonly Rights[]): Rights {
  const places = new Set(rights.flatMap((one) => Object.keys(one) as Place[]))
  return Object.fromEntries(
    [...places].map((place) => [place, [...new Set(rights.flatMap((one) => one[place] ?? []))].sort()]),
  )
}
