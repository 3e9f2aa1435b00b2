import { GetBucketPolicyStatusCommand } from '@aws-sdk/client-s3'
import type { Account } from '../decide/observed'
import { s3Client } from './clients'
import { describe, unlessMissing } from './errors'
import type { BucketPlace } from './existing-bucket'

/**
 * Whether the policy of a bucket makes it public, as AWS judges it (`s3:GetBucketPolicyStatus`): it knows which
 * conditions narrow who is let in.
 *
 * @returns `undefined` where the answer does not say
 * @throws where it may not be asked
 */
export async function isPublic(
  { name, region }: BucketPlace,
  { id: owner }: Pick<Account, 'id'>,
): Promise<boolean | undefined> {
  const s3 = s3Client({ region, owner })
  try {
    const status = await unlessMissing(s3.send(new GetBucketPolicyStatusCommand({ Bucket: name })))
    // Without a policy nobody is let in by one.
    return status === undefined ? false : status.PolicyStatus?.IsPublic
  } catch (cause) {
    throw new Error(`AWS could not be asked whether ${name} is public: ${describe(cause)}`, { cause })
  }
}
