import {
  DeleteAccessKeyCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
  ListAccessKeysCommand,
  ListUserPoliciesCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  TagRoleCommand,
  UntagUserCommand,
  UpdateAccessKeyCommand,
} from '@aws-sdk/client-iam'
import {
  DeleteBucketCorsCommand,
  DeleteBucketOwnershipControlsCommand,
  DeleteBucketPolicyCommand,
  DeletePublicAccessBlockCommand,
  GetPublicAccessBlockCommand,
  PutBucketEncryptionCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketVersioningCommand,
  PutPublicAccessBlockCommand,
} from '@aws-sdk/client-s3'
import {
  changeRules,
  changeStatements,
  changeTags,
  held,
  POLICY,
  trust,
  type Drift,
  type Hands,
} from './hands'

async function deleteUser({ iam, UserName }: Hands): Promise<void> {
  const { AccessKeyMetadata = [] } = await iam.send(new ListAccessKeysCommand({ UserName }))
  for (const { AccessKeyId } of AccessKeyMetadata) {
    await iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId }))
  }
  const { PolicyNames = [] } = await iam.send(new ListUserPoliciesCommand({ UserName }))
  for (const PolicyName of PolicyNames) {
    await iam.send(new DeleteUserPolicyCommand({ UserName, PolicyName }))
  }
  await iam.send(new DeleteUserCommand({ UserName }))
}

export const GONE: readonly Drift[] = [
  {
    what: 'public access block',
    change: ({ s3, Bucket }) => s3.send(new DeletePublicAccessBlockCommand({ Bucket })),
    says: [/^Public access block: missing/],
  },
  {
    what: 'bucket policy',
    change: ({ s3, Bucket }) => s3.send(new DeleteBucketPolicyCommand({ Bucket })),
    says: [/^Bucket policy: missing/],
  },
  {
    what: 'CORS rules',
    change: ({ s3, Bucket }) => s3.send(new DeleteBucketCorsCommand({ Bucket })),
    says: [/^CORS rules: missing/],
  },
  {
    what: 'ownership controls',
    change: ({ s3, Bucket }) => s3.send(new DeleteBucketOwnershipControlsCommand({ Bucket })),
    says: [/^Object ownership: missing/],
  },
  {
    what: 'the tag of the state',
    change: (hands) => changeTags(hands, (tags) => tags.filter(({ Key }) => Key === 'team')),
    says: [/^Bucket: changed/],
  },
  {
    what: 'policy of the user',
    change: ({ iam, UserName }) =>
      iam.send(new DeleteUserPolicyCommand({ UserName, PolicyName: 'valohai-store' })),
    says: [/^Policy of the user: missing/],
  },
  {
    what: 'policy of the role',
    change: ({ iam, RoleName }) =>
      iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: 'valohai-multipart' })),
    says: [/^Policy of the role: missing/],
  },
  {
    what: 'whom the role trusts, who was deleted and made again',
    change: (hands) => trust(hands, 'AIDAGONE'),
    says: [/role does not trust/],
  },
  {
    what: 'the key of the store',
    change: ({ iam, UserName, ...hands }) =>
      iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId: held({ iam, UserName, ...hands }) })),
    says: [/^The access key of the store is gone/],
  },
]

export const CHANGED: readonly Drift[] = [
  {
    what: 'one flag of the public access block',
    change: async ({ s3, Bucket }) => {
      const { PublicAccessBlockConfiguration: all } = await s3.send(
        new GetPublicAccessBlockCommand({ Bucket }),
      )
      const PublicAccessBlockConfiguration = { ...all, RestrictPublicBuckets: false }
      await s3.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration }))
    },
    says: [/^Public access block: changed/],
  },
  {
    what: 'our statement of the bucket policy',
    change: (hands) =>
      changeStatements(hands, (all) =>
        all.map((one) => (one.Sid === 'DenyInsecureTransport' ? { ...one, Action: 's3:GetObject' } : one)),
      ),
    says: [/^Bucket policy: changed/],
  },
  {
    what: 'one CORS rule of ours is gone',
    change: (hands) =>
      changeRules(hands, (all) => all.filter(({ AllowedMethods }) => AllowedMethods?.[0] !== 'GET')),
    says: [/^CORS rules: changed/],
  },
  {
    what: 'object ownership',
    change: ({ s3, Bucket }) => {
      const OwnershipControls = { Rules: [{ ObjectOwnership: 'BucketOwnerPreferred' as const }] }
      return s3.send(new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls }))
    },
    says: [/^Object ownership: changed/],
  },
  {
    what: 'encryption',
    change: ({ s3, Bucket }) => {
      const ApplyServerSideEncryptionByDefault = { SSEAlgorithm: 'aws:kms' as const }
      const ServerSideEncryptionConfiguration = { Rules: [{ ApplyServerSideEncryptionByDefault }] }
      return s3.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration }))
    },
    says: [/^Encryption: changed/],
  },
  {
    what: 'versioning, suspended',
    change: ({ s3, Bucket }) =>
      s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Suspended' } })),
    says: [/^Versioning: changed/],
  },
  {
    what: 'a tag of the bucket that was asked for',
    change: (hands) =>
      changeTags(hands, (all) => all.map((tag) => (tag.Key === 'team' ? { ...tag, Value: 'sales' } : tag))),
    says: [/^Bucket: changed/],
  },
  {
    what: 'a tag of the user that was asked for, gone',
    change: ({ iam, UserName }) => iam.send(new UntagUserCommand({ UserName, TagKeys: ['team'] })),
    says: [/^IAM user: changed/],
  },
  {
    what: 'policy of the user',
    change: ({ iam, UserName }) =>
      iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'valohai-store', PolicyDocument: POLICY })),
    says: [/^Policy of the user: changed/],
  },
  {
    what: 'policy of the role',
    change: ({ iam, RoleName }) =>
      iam.send(
        new PutRolePolicyCommand({ RoleName, PolicyName: 'valohai-multipart', PolicyDocument: POLICY }),
      ),
    says: [/^Policy of the role: changed/],
  },
  {
    what: 'a tag of the role',
    change: ({ iam, RoleName }) =>
      iam.send(new TagRoleCommand({ RoleName, Tags: [{ Key: 'team', Value: 'sales' }] })),
    says: [/^Role for outputs over 5 GB: changed/],
  },
  {
    what: 'the key of the store, deactivated',
    change: (hands) =>
      hands.iam.send(
        new UpdateAccessKeyCommand({
          UserName: hands.UserName,
          AccessKeyId: held(hands),
          Status: 'Inactive',
        }),
      ),
    says: [/^The access key of the store was deactivated/],
  },
]

export const USER_DELETED: readonly Drift[] = [
  {
    what: 'the user, with its key and its policies',
    change: deleteUser,
    says: [
      /^IAM user: missing/,
      /^Policy of the user: missing/,
      /^The access key of the store is gone/,
      // Whom it trusts is known once there is a user again.
      /^Role for outputs over 5 GB: changed/,
    ],
  },
]

/** Of the role, and of Valohai's side. */
export const ROLE_AND_STORE: readonly Drift[] = [
  {
    what: 'the role was deleted',
    change: async ({ iam, RoleName }) => {
      await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: 'valohai-multipart' }))
      await iam.send(new DeleteRoleCommand({ RoleName }))
    },
    says: [/^Role for outputs over 5 GB: missing/, /^Policy of the role: missing/],
  },
  {
    what: 'bucket of the store',
    change: ({ store }) => (store().configuration.bucket = 'another-bucket'),
    says: [/^The bucket of the data store differs/],
  },
  {
    what: 'region of the store',
    change: ({ store }) => (store().configuration.region = 'us-east-1'),
    says: [/^The region of the data store differs/],
  },
  {
    what: 'role of the store',
    change: ({ store }) => (store().configuration.multipart_upload_iam_role = ''),
    says: [/^The role for outputs over 5 GB of the data store differs/],
  },
  {
    what: 'KMS key of the store',
    change: ({ store }) =>
      (store().configuration.kms_key_arn = 'arn:aws:kms:eu-west-1:123456789012:key/by-hand'),
    says: [/^The KMS key of the data store differs/],
  },
  {
    what: 'key of the store',
    change: ({ store }) => (store().configuration.access_key_id = 'AKIABYHAND'),
    says: [/^The store holds an access key that no run gave it/],
  },
  {
    what: "the project's default",
    change: ({ project }) => (project.default_store = null),
    says: [/^The project's default store is another/],
  },
]
