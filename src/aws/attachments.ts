import {
  GetLoginProfileCommand,
  ListAttachedRolePoliciesCommand,
  ListAttachedUserPoliciesCommand,
  ListGroupsForUserCommand,
  ListInstanceProfilesForRoleCommand,
  ListMFADevicesCommand,
  ListRolePoliciesCommand,
  ListServiceSpecificCredentialsCommand,
  ListSigningCertificatesCommand,
  ListSSHPublicKeysCommand,
  ListUserPoliciesCommand,
  type IAMClient,
} from '@aws-sdk/client-iam'
import type { Attachment, InlinePolicy } from '../decide/ties'
import { iamClient } from './clients'
import { describe, unlessMissing } from './errors'

/** Names of a user and a role; what is not named is not looked at. */
interface Names {
  readonly user: string | undefined
  readonly role: string | undefined
}

type Look = (iam: IAMClient, name: string) => Promise<readonly (string | undefined)[]>

/** How each kind is found, by its names. IAM's own order of what `DeleteUser` and `DeleteRole` want gone. */
const KINDS: Readonly<Record<'user' | 'role', Partial<Record<Attachment['kind'], Look>>>> = {
  user: {
    'inline policy': async (iam, UserName) =>
      (await iam.send(new ListUserPoliciesCommand({ UserName }))).PolicyNames ?? [],
    'attached policy': async (iam, UserName) =>
      (await iam.send(new ListAttachedUserPoliciesCommand({ UserName }))).AttachedPolicies?.map(
        ({ PolicyArn }) => PolicyArn,
      ) ?? [],
    group: async (iam, UserName) =>
      (await iam.send(new ListGroupsForUserCommand({ UserName }))).Groups?.map(
        ({ GroupName }) => GroupName,
      ) ?? [],
    'login profile': async (iam, UserName) =>
      (await unlessMissing(iam.send(new GetLoginProfileCommand({ UserName })))) === undefined
        ? []
        : [UserName],
    'MFA device': async (iam, UserName) =>
      (await iam.send(new ListMFADevicesCommand({ UserName }))).MFADevices?.map(
        ({ SerialNumber }) => SerialNumber,
      ) ?? [],
    'SSH key': async (iam, UserName) =>
      (await iam.send(new ListSSHPublicKeysCommand({ UserName }))).SSHPublicKeys?.map(
        ({ SSHPublicKeyId }) => SSHPublicKeyId,
      ) ?? [],
    'service credential': async (iam, UserName) =>
      (
        await iam.send(new ListServiceSpecificCredentialsCommand({ UserName }))
      ).ServiceSpecificCredentials?.map(({ ServiceSpecificCredentialId }) => ServiceSpecificCredentialId) ??
      [],
    'signing certificate': async (iam, UserName) =>
      (await iam.send(new ListSigningCertificatesCommand({ UserName }))).Certificates?.map(
        ({ CertificateId }) => CertificateId,
      ) ?? [],
  },
  role: {
    'inline policy': async (iam, RoleName) =>
      (await iam.send(new ListRolePoliciesCommand({ RoleName }))).PolicyNames ?? [],
    'attached policy': async (iam, RoleName) =>
      (await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }))).AttachedPolicies?.map(
        ({ PolicyArn }) => PolicyArn,
      ) ?? [],
    'instance profile': async (iam, RoleName) =>
      (await iam.send(new ListInstanceProfilesForRoleCommand({ RoleName }))).InstanceProfiles?.map(
        ({ InstanceProfileName }) => InstanceProfileName,
      ) ?? [],
  },
}

/**
 * All that hangs on a user and a role and keeps IAM from deleting them, access keys aside.
 *
 * @param region a region of the account's partition
 * @throws where something of it may not be looked at
 */
export async function findAttachments(region: string, names: Names): Promise<Attachment[]> {
  return lookAt(region, names, () => true)
}

/** The inline policies of a user and a role. @throws as `findAttachments` does */
export async function listInlinePolicies(region: string, names: Names): Promise<InlinePolicy[]> {
  const found = await lookAt(region, names, (kind) => kind === 'inline policy')
  return found.map(({ of, name }) => ({ of, name }))
}

async function lookAt(
  region: string,
  names: Names,
  isWanted: (kind: Attachment['kind']) => boolean,
): Promise<Attachment[]> {
  const iam = iamClient({ region })
  const looks = (['user', 'role'] as const).flatMap((of) => {
    const owner = names[of]
    const kinds = Object.entries(KINDS[of]) as [Attachment['kind'], Look][]
    return owner === undefined
      ? []
      : kinds
          .filter(([kind]) => isWanted(kind))
          .map(async ([kind, look]): Promise<Attachment[]> => {
            try {
              const found = (await unlessMissing(look(iam, owner))) ?? []
              return found.map((name = '') => ({ of, kind, name }))
            } catch (cause) {
              throw new Error(`The ${of} ${owner} could not be looked at (${kind}): ${describe(cause)}`, {
                cause,
              })
            }
          })
  })
  return (await Promise.all(looks)).flat()
}
