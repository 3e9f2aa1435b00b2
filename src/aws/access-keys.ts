import {
  DeleteAccessKeyCommand,
  GetAccessKeyLastUsedCommand,
  ListAccessKeysCommand,
  type IAMClient,
} from '@aws-sdk/client-iam'
import type { IamKey } from '../decide/observed'
import { iamClient } from './clients'
import { describe, nameOf } from './errors'

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
          // Of a single key nobody asks whether it may go.
          lastUsed: AccessKeyMetadata.length > 1 ? await lastUse(iam, id) : undefined,
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
