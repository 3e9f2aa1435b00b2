import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import type { Account } from '../decide/observed'
import { stsClient } from './clients'
import { describe, nameOf } from './errors'

/**
 * Asks AWS whose credentials these are (`sts:GetCallerIdentity`, which needs no permission), and so proves
 * that there are some.
 *
 * @param region region whose STS is asked: credentials of another partition are refused there
 * @throws with what to do where there are no credentials, or they are refused
 */
export async function findAccount(region: string): Promise<Account> {
  try {
    const { Account: id, Arn: arn } = await stsClient({ region }).send(new GetCallerIdentityCommand({}))
    if (id === undefined || arn === undefined) throw new Error('The answer names no account.')
    return { id, arn }
  } catch (cause) {
    throw new Error(explain(cause, region), { cause })
  }
}

function explain(cause: unknown, region: string): string {
  switch (nameOf(cause)) {
    case 'CredentialsProviderError':
      return [
        'No AWS credentials found.',
        'In a workflow, add a step with aws-actions/configure-aws-credentials before this one;',
        'on the command line, set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
      ].join(' ')
    case 'ExpiredToken':
    case 'ExpiredTokenException':
      return 'The AWS credentials have expired. Get new ones: run configure-aws-credentials again, or sign in again.'
    case 'InvalidClientTokenId':
      return [
        `AWS refuses the credentials in ${region} (${describe(cause)}).`,
        'The access key may be mistyped, deleted or of another partition; the region may not be enabled in the account',
        "(account settings, AWS Regions); or the session's token is one of STS's global endpoint, which a region that",
        'has to be enabled does not take: sign in at a regional endpoint (AWS_STS_REGIONAL_ENDPOINTS=regional).',
      ].join(' ')
    case 'UnrecognizedClientException':
    case 'SignatureDoesNotMatch':
      return `AWS refuses the credentials in ${region} (${describe(cause)}). Check the key, and that the region is of the account's partition.`
    default:
      return `AWS could not be asked whose credentials these are (region ${region}): ${describe(cause)}`
  }
}
