import {
  GetRoleCommand,
  GetRolePolicyCommand,
  GetUserCommand,
  GetUserPolicyCommand,
  type AttachedPermissionsBoundary,
  type IAMClient,
  type Tag,
} from '@aws-sdk/client-iam'
import type { Account, Existing, ExistingIdentity, Tags } from '../decide/observed'
import { POLICY_NAMES } from '../store/names'
import { iamClient } from './clients'
import { describe, nameOf, unlessMissing } from './errors'
import { findBucket } from './existing-bucket'
import { statementsOf, tagsOf } from './documents'

/**
 * What an account has under the names of a store; what is not named is not looked for.
 *
 * @throws where the bucket belongs to another account, lies in another region, or may not be looked at
 */
export async function findExisting(
  region: string,
  account: Account,
  { bucket, user, role }: { readonly bucket?: string; readonly user?: string; readonly role?: string },
): Promise<Existing> {
  const [foundBucket, foundUser, foundRole] = await Promise.all([
    bucket === undefined ? undefined : findBucket({ name: bucket, region }, account),
    user === undefined ? undefined : findUser(region, user),
    role === undefined ? undefined : findRole(region, role),
  ])
  return { bucket: foundBucket, user: foundUser, role: foundRole }
}

/** The tags of a user, who may be anybody's (`iam:GetUser` alone); `undefined` where there is none. */
export async function tagsOfUser(region: string, name: string): Promise<Tags | undefined> {
  return withIam(region, `user ${name}`, async (iam) => {
    const { User } = await iam.send(new GetUserCommand({ UserName: name }))
    return tagsOf(User?.Tags)
  })
}

/** An IAM user of that name; `undefined` where there is none. */
async function findUser(region: string, name: string): Promise<ExistingIdentity | undefined> {
  return withIam(region, `user ${name}`, async (iam) => {
    const policy = { UserName: name, PolicyName: POLICY_NAMES.user }
    const [{ User }, ours] = await Promise.all([
      iam.send(new GetUserCommand({ UserName: name })),
      unlessMissing(iam.send(new GetUserPolicyCommand(policy))),
    ])
    return identity({ ...User }, ours)
  })
}

/** An IAM role of that name; `undefined` where there is none. */
async function findRole(region: string, name: string): Promise<ExistingIdentity | undefined> {
  return withIam(region, `role ${name}`, async (iam) => {
    const policy = { RoleName: name, PolicyName: POLICY_NAMES.role }
    const [{ Role }, ours] = await Promise.all([
      iam.send(new GetRoleCommand({ RoleName: name })),
      unlessMissing(iam.send(new GetRolePolicyCommand(policy))),
    ])
    return identity({ ...Role }, ours)
  })
}

interface Identity {
  readonly Arn?: string | undefined
  readonly Tags?: readonly Tag[] | undefined
  readonly PermissionsBoundary?: AttachedPermissionsBoundary | undefined
  /** Of a role alone; encoded as a part of a URL. */
  readonly AssumeRolePolicyDocument?: string | undefined
}

const identity = (found: Identity, policy: unknown): ExistingIdentity => ({
  arn: found.Arn ?? '',
  tags: tagsOf(found.Tags),
  hasPolicy: policy !== undefined,
  permissionsBoundary: found.PermissionsBoundary?.PermissionsBoundaryArn,
  trust: statementsOf(found.AssumeRolePolicyDocument && decodeURIComponent(found.AssumeRolePolicyDocument)),
})

async function withIam<T>(
  region: string,
  what: string,
  work: (iam: IAMClient) => Promise<T>,
): Promise<T | undefined> {
  const iam = iamClient({ region })
  try {
    return await work(iam)
  } catch (cause) {
    if (nameOf(cause) === 'NoSuchEntityException') return undefined
    throw new Error(`The IAM ${what} could not be looked at: ${describe(cause)}`, { cause })
  } finally {
    iam.destroy()
  }
}
