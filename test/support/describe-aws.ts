import {
  GetRolePolicyCommand,
  GetRoleCommand,
  GetUserCommand,
  GetUserPolicyCommand,
  IAMClient,
  ListAccessKeysCommand,
} from '@aws-sdk/client-iam'
import {
  GetBucketCorsCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketLocationCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  GetPublicAccessBlockCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import type { Emulator } from './emulator'

const credentials = { accessKeyId: 'AKIAREADER', secretAccessKey: 'secret-of-the-reader' }

/** An S3 client of the emulator, as an administrator or with the given key. */
export function s3Client({ url }: Pick<Emulator, 'url'>, key = credentials, region = 'eu-west-1'): S3Client {
  return new S3Client({ endpoint: url, region, forcePathStyle: true, credentials: key })
}

/** An IAM client of the emulator. */
export function iamClient({ url }: Pick<Emulator, 'url'>): IAMClient {
  return new IAMClient({ endpoint: url, region: 'us-east-1', credentials })
}

/** Everything that AWS tells of a store's bucket. What is not set is `undefined`. */
export async function readBucket(emulator: Pick<Emulator, 'url'>, Bucket: string) {
  const s3 = s3Client(emulator)
  const input = { Bucket }
  return {
    location: (await s3.send(new GetBucketLocationCommand(input))).LocationConstraint,
    publicAccessBlock: (await optional(s3.send(new GetPublicAccessBlockCommand(input))))
      ?.PublicAccessBlockConfiguration,
    ownership: (await optional(s3.send(new GetBucketOwnershipControlsCommand(input))))?.OwnershipControls
      ?.Rules,
    encryption: (await optional(s3.send(new GetBucketEncryptionCommand(input))))
      ?.ServerSideEncryptionConfiguration?.Rules,
    versioning: (await s3.send(new GetBucketVersioningCommand(input))).Status,
    policy: parsePolicy((await optional(s3.send(new GetBucketPolicyCommand(input))))?.Policy),
    cors: (await optional(s3.send(new GetBucketCorsCommand(input))))?.CORSRules,
    lifecycle: (await optional(s3.send(new GetBucketLifecycleConfigurationCommand(input))))?.Rules,
    tags: (await optional(s3.send(new GetBucketTaggingCommand(input))))?.TagSet,
  }
}

/** The user, its policy and its access keys. */
export async function readUser(emulator: Pick<Emulator, 'url'>, UserName: string) {
  const iam = iamClient(emulator)
  return {
    user: (await iam.send(new GetUserCommand({ UserName }))).User,
    policy: parsePolicy(
      (await iam.send(new GetUserPolicyCommand({ UserName, PolicyName: 'valohai-store' }))).PolicyDocument,
    ),
    keys: (await iam.send(new ListAccessKeysCommand({ UserName }))).AccessKeyMetadata ?? [],
  }
}

/** The user's access keys: `Active` or `Inactive` by id, oldest first. */
export async function readKeys(
  emulator: Pick<Emulator, 'url'>,
  UserName: string,
): Promise<Record<string, string | undefined>> {
  const { AccessKeyMetadata = [] } = await iamClient(emulator).send(new ListAccessKeysCommand({ UserName }))
  return Object.fromEntries(AccessKeyMetadata.map(({ AccessKeyId = '', Status }) => [AccessKeyId, Status]))
}

/** The multipart role, whom it trusts and what it may do. */
export async function readRole(emulator: Pick<Emulator, 'url'>, RoleName: string) {
  const iam = iamClient(emulator)
  const { Role: role } = await iam.send(new GetRoleCommand({ RoleName }))
  return {
    role,
    trust: parsePolicy(role?.AssumeRolePolicyDocument),
    policy: parsePolicy(
      (await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName: 'valohai-multipart' })))
        .PolicyDocument,
    ),
  }
}

/** The Terraform state of a bucket, as the default backend keeps it. */
export async function readState(emulator: Pick<Emulator, 'url'>, bucket: string): Promise<string> {
  const { Body } = await s3Client(emulator).send(
    new GetObjectCommand({ Bucket: `${bucket}-tfstate`, Key: `valohai-s3/${bucket}.tfstate` }),
  )
  return (await Body?.transformToString()) ?? ''
}

/** All of it as text, for a person. */
export async function describeStore(emulator: Pick<Emulator, 'url'>, bucket: string): Promise<string> {
  const [s3, user, role] = [
    await readBucket(emulator, bucket),
    await readUser(emulator, `valohai-${bucket}`),
    await readRole(emulator, `valohai-${bucket}-multipart`),
  ]
  const keys = user.keys.map(({ AccessKeyId, Status }) => ({ AccessKeyId, Status }))
  return JSON.stringify(
    {
      bucket: { name: bucket, ...s3 },
      user: { arn: user.user?.Arn, policy: user.policy, accessKeys: keys },
      role: { arn: role.role?.Arn, trust: role.trust, policy: role.policy },
    },
    null,
    2,
  )
}

/** A policy document as an object; IAM answers with an URL-encoded text. */
function parsePolicy(text: string | undefined): unknown {
  if (text === undefined) return undefined
  return JSON.parse(text.startsWith('%') ? decodeURIComponent(text) : text)
}

async function optional<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if ((error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode === 404)
      return undefined
    throw error
  }
}
