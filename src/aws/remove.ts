import {
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
} from '@aws-sdk/client-iam'
import { DeleteBucketCommand } from '@aws-sdk/client-s3'
import type { Account } from '../decide/observed'
import type { InlinePolicy } from '../decide/ties'
import type { Leftover } from '../decide/steps'
import { iamClient, s3Client } from './clients'
import { describe, unlessMissing } from './errors'

/** What was made or taken off a moment ago may not be known everywhere: such an answer is believed when it lasts. */
const settling = ['NoSuchEntity', 'DeleteConflict']

/**
 * Removes an inline policy (`iam:DeleteUserPolicy`, `iam:DeleteRolePolicy`); it is no error where it is gone.
 *
 * @param on name of the user or the role
 */
export async function removePolicy(region: string, on: string, { of, name }: InlinePolicy): Promise<void> {
  const iam = iamClient({ region, settling })
  await removed(
    `The policy ${name} of the ${of} ${on}`,
    of === 'user'
      ? iam.send(new DeleteUserPolicyCommand({ UserName: on, PolicyName: name }))
      : iam.send(new DeleteRolePolicyCommand({ RoleName: on, PolicyName: name })),
  )
}

/**
 * Removes a user, a role or a bucket (`iam:DeleteUser`, `iam:DeleteRole`, `s3:DeleteBucket`); it is no error where it
 * is gone.
 *
 * @throws where something still hangs on it, or is in it
 */
export async function removeLeftover(
  { kind, name }: Leftover,
  region: string,
  account: Account,
): Promise<void> {
  const remove = {
    user: () => iamClient({ region, settling }).send(new DeleteUserCommand({ UserName: name })),
    role: () => iamClient({ region, settling }).send(new DeleteRoleCommand({ RoleName: name })),
    bucket: () => s3Client({ region, owner: account.id }).send(new DeleteBucketCommand({ Bucket: name })),
  }[kind]
  await removed(`The ${kind} ${name}`, remove())
}

async function removed(what: string, request: Promise<unknown>): Promise<void> {
  try {
    await unlessMissing(request)
  } catch (cause) {
    throw new Error(`${what} could not be removed: ${describe(cause)}`, { cause })
  }
}
