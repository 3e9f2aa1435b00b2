import {
  DeleteAccessKeyCommand,
  GetAccessKeyLastUsedCommand,
  ListAccessKeysCommand,
  type IAMClient,
} from '@aws-sdk/client-iam'
import type { IamKey, KeyOwner } from '../decide/observed'
import { STATE_TAG } from '../store/names'
import { iamClient } from './clients'
import { describe, nameOf } from './errors'
import { findUser } from './existing'

/**
 * The access keys of a user, whoever made them (`iam:ListAccessKeys`), each with its last use
 * (`iam:GetAccessKeyLastUsed`).
 *
 * @param region a region of the account's partition
 * @returns none where there is no such user
 */
export async function listAccessKeys(region: string, userName: string): Promise<IamKey[]> {
  return withClient(region, async (iam) => {
    try {
      const { AccessKeyMetadata = [] } = await iam.send(new ListAccessKeysCommand({ UserName: userName }))
      return await Promise.all(
        AccessKeyMetadata.map(async ({ AccessKeyId: id = '', Status, CreateDate }) => ({
          id,
          isActive: Status !== 'Inactive',
          created: CreateDate ?? new Date(0),
          lastUsed: await lastUse(iam, id),
        })),
      )
    } catch (cause) {
      if (nameOf(cause) === 'NoSuchEntityException') return []
      throw new Error(`The access keys of the IAM user ${userName} could not be listed: ${describe(cause)}`, {
        cause,
      })
    }
  })
}

/**
 * Whose an access key is (`iam:GetAccessKeyLastUsed` names the user), and which state made that user.
 *
 * @returns nobody where the account has no such key
 */
export async function findKeyOwner(region: string, id: string): Promise<KeyOwner> {
  const userName = await withClient(region, async (iam) => {
    try {
      return (await iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId: id }))).UserName
    } catch (cause) {
      // A key that is gone, or of another account.
      if (['NoSuchEntityException', 'AccessDenied'].includes(nameOf(cause))) return undefined
      throw new Error(`AWS could not be asked whose the access key ${id} is: ${describe(cause)}`, { cause })
    }
  })
  const user = userName === undefined ? undefined : await findUser(region, userName)
  return { userName, stateTag: user?.tags[STATE_TAG] }
}

/** Removes an access key (`iam:DeleteAccessKey`); it is no error where it is gone already. */
export async function removeAccessKey(region: string, userName: string, id: string): Promise<void> {
  return withClient(region, async (iam) => {
    try {
      await iam.send(new DeleteAccessKeyCommand({ UserName: userName, AccessKeyId: id }))
    } catch (cause) {
      if (nameOf(cause) === 'NoSuchEntityException') return
      throw new Error(`The access key ${id} of ${userName} could not be removed: ${describe(cause)}`, {
        cause,
      })
    }
  })
}

async function lastUse(iam: IAMClient, id: string): Promise<Date | undefined> {
  const { AccessKeyLastUsed } = await iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId: id }))
  return AccessKeyLastUsed?.LastUsedDate
}

async function withClient<T>(region: string, work: (iam: IAMClient) => Promise<T>): Promise<T> {
  const iam = iamClient({ region })
  try {
    return await work(iam)
  } finally {
    iam.destroy()
  }
}
