import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam'
import {
  CreateBucketCommand,
  PutBucketCorsCommand,
  PutBucketEncryptionCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
} from '@aws-sdk/client-s3'
import { iamClient, s3Client } from './describe-aws'
import type { Emulator } from './emulator'

interface State {
  readonly resources: readonly {
    readonly type: string
    readonly instances: readonly [{ readonly attributes: Readonly<Record<string, string>> }]
  }[]
}

export interface Restored {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/**
 * Makes in the emulator what a Terraform state of ours describes, and puts the state where the default backend
 * has it. Ids that AWS gives out are those of the new ones, in the state, too.
 *
 * @param text the state, of a store in `eu-west-1`
 * @param origin of the Valohai whose CORS rule the state has
 */
export async function restoreState(emulator: Emulator, text: string, origin: string): Promise<Restored> {
  const [s3, iam] = [s3Client(emulator), iamClient(emulator)]
  const { resources } = JSON.parse(text) as State
  const of = (type: string): Readonly<Record<string, string>> =>
    resources.find((resource) => resource.type === type)?.instances[0].attributes ?? {}
  const tagsOf = (type: string): { Key: string; Value: string }[] =>
    Object.entries(of(type).tags ?? {}).map(([Key, Value]) => ({ Key, Value }))

  const Bucket = of('aws_s3_bucket').bucket!
  const stateBucket = `${Bucket}-tfstate`
  for (const name of [Bucket, stateBucket]) {
    const CreateBucketConfiguration = { LocationConstraint: 'eu-west-1' } as const
    await s3.send(new CreateBucketCommand({ Bucket: name, CreateBucketConfiguration }))
  }
  const VersioningConfiguration = { Status: 'Enabled' } as const
  await s3.send(new PutBucketVersioningCommand({ Bucket: stateBucket, VersioningConfiguration }))
  await s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: tagsOf('aws_s3_bucket') } }))
  const ownership = { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' as const }] }
  await s3.send(new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls: ownership }))
  const block = {
    BlockPublicAcls: true,
    BlockPublicPolicy: true,
    IgnorePublicAcls: true,
    RestrictPublicBuckets: true,
  }
  await s3.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: block }))
  await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: of('aws_s3_bucket_policy').policy }))
  const rules = [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' as const } }]
  await s3.send(
    new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: { Rules: rules } }),
  )
  const rule = { AllowedHeaders: ['Authorization'], MaxAgeSeconds: 3000 }
  const CORSRules = [
    { ...rule, AllowedMethods: ['GET'], AllowedOrigins: ['*'] },
    { ...rule, AllowedMethods: ['POST'], AllowedOrigins: [origin] },
  ]
  await s3.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules } }))

  const UserName = of('aws_iam_user').name!
  const { User } = await iam.send(new CreateUserCommand({ UserName, Tags: tagsOf('aws_iam_user') }))
  const { name: userPolicy, policy: ofUser } = of('aws_iam_user_policy')
  await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: userPolicy, PolicyDocument: ofUser }))
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }))
  const { name: RoleName, assume_role_policy: trust } = of('aws_iam_role')
  const { Role } = await iam.send(
    new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust, Tags: tagsOf('aws_iam_role') }),
  )
  const { name: rolePolicy, policy: ofRole } = of('aws_iam_role_policy')
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: rolePolicy, PolicyDocument: ofRole }))

  const key = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! }
  const Body = text
    .replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, origin)
    .replaceAll(of('aws_iam_access_key').id!, key.accessKeyId)
    .replaceAll(of('aws_iam_user').unique_id!, User!.UserId!)
    .replaceAll(of('aws_iam_role').unique_id!, Role!.RoleId!)
  await s3.send(new PutObjectCommand({ Bucket: stateBucket, Key: `valohai-s3/${Bucket}.tfstate`, Body }))
  return key
}
