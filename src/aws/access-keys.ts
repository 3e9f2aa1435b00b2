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
import { tagsOfUser } from './existing'

/**
 * The access keys of a user, whoever made them (`iam:ListAccessKeys`), each with its last use
 * (`iam:GetAccessKeyLastUsed`).
 *
 * @param region a region of the account's partition
 * @returns none where there is no such user
 */
export async function listAccessKeys(region: string, userName: string): Promise<IamKey[]> {
  const iam = iamClient({ region })
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
}

/**
 * Whose an access key is (`iam:GetAccessKeyLastUsed` names the user), and which state made that user.
 *
 * @returns nobody where the account has no such key
 */
export async function findKeyOwner(region: string, id: string): Promise<KeyOwner> {
  const userName = await userOf(region, id)
  const tags = userName === undefined ? undefined : await tagsOfUser(region, userName)
  return { userName, stateTag: tags?.[STATE_TAG] }
}

async function userOf(region: string, id: string): Promise<string | undefined> {
  try {
    const asked = new GetAccessKeyLastUsedCommand({ AccessKeyId: id })
    return (await iamClient({ region }).send(asked)).UserName
  } catch (cause) {
    // A key that is gone, or of another account.
    if (['NoSuchEntityException', 'AccessDenied'].includes(nameOf(cause))) return undefined
    throw new Error(`AWS could not be asked whose the access key ${id} is: ${describe(cause)}`, { cause })
  }
}

/**
 * Removes an access key (`iam:DeleteAccessKey`); it is no error where it is gone already. A key that was made a
 * moment ago may not be known yet, so that answer is believed only when it lasts.
 */
export async function removeAccessKey(region: string, userName: string, id: string): Promise<void> {
  const iam = iamClient({ region, settling: ['NoSuchEntity'] })
  try {
    await iam.send(new DeleteAccessKeyCommand({ UserName: userName, AccessKeyId: id }))
  } catch (cause) {
    if (nameOf(cause) === 'NoSuchEntityException') return
    throw new Error(`The access key ${id} of ${userName} could not be removed: ${describe(cause)}`, {
      cause,
    })
  }
}

/** When a key was last used; never, for one that was made a moment ago and is not known everywhere yet. */
async function lastUse(iam: IAMClient, id: string): Promise<Date | undefined> {
  try {
    const { AccessKeyLastUsed } = await iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId: id }))
    return AccessKeyLastUsed?.LastUsedDate
  } catch (cause) {
    if (nameOf(cause) === 'NoSuchEntityException') return undefined
    throw cause
  }
}
