import type { LoopbackReply } from './loopback'

/** A user of IAM. */
export interface FakeUser {
  /** Access keys: id to whether it is active. */
  readonly keys: Map<string, boolean>
  readonly policy?: string
  readonly stateTag?: string
}

/** Users and roles of one account, by name. */
export interface FakeIam {
  readonly users: Map<string, FakeUser>
  readonly roles: Map<string, Omit<FakeUser, 'keys'>>
}

/** A refusal in the shape of IAM and STS. */
export const queryError = (status: number, code: string): LoopbackReply => ({
  status,
  body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>refused by the fake</Message></Error></ErrorResponse>`,
})

/** An answer in the shape of IAM and STS. */
export const queryAnswer = (operation: string, result: string): LoopbackReply => ({
  body: `<${operation}Response><${operation}Result>${result}</${operation}Result></${operation}Response>`,
})

const CREATED = '<CreateDate>2026-01-01T00:00:00Z</CreateDate>'

/** One of each kind that hangs on everybody, as IAM lists it. */
function attached(operation: string, id: string): string {
  const [list = '', entry = ''] = {
    ListAttachedUserPolicies: ['AttachedPolicies', `<PolicyArn>${id}</PolicyArn>`],
    ListAttachedRolePolicies: ['AttachedPolicies', `<PolicyArn>${id}</PolicyArn>`],
    ListGroupsForUser: ['Groups', `<GroupName>${id}</GroupName>`],
    ListMFADevices: ['MFADevices', `<SerialNumber>${id}</SerialNumber>`],
    ListSSHPublicKeys: ['SSHPublicKeys', `<SSHPublicKeyId>${id}</SSHPublicKeyId>`],
    ListServiceSpecificCredentials: [
      'ServiceSpecificCredentials',
      `<ServiceSpecificCredentialId>${id}</ServiceSpecificCredentialId>`,
    ],
    ListSigningCertificates: ['Certificates', `<CertificateId>${id}</CertificateId>`],
    ListInstanceProfilesForRole: ['InstanceProfiles', `<InstanceProfileName>${id}</InstanceProfileName>`],
  }[operation] ?? ['PolicyNames', id]
  return `<${list}><member>${entry}</member></${list}>`
}

/** What IAM answers; `undefined` to what it does not know. Of keys, one that is active was used. */
export function iamAnswer({ users, roles }: FakeIam, body: string): LoopbackReply | undefined {
  const asked = new URLSearchParams(body)
  const operation = asked.get('Action') ?? ''
  const [name, id] = [asked.get('UserName') ?? asked.get('RoleName') ?? '', asked.get('AccessKeyId') ?? '']
  const user = users.get(name)
  const role = roles.get(name)
  const missing = queryError(404, 'NoSuchEntity')
  const tags = (stateTag = ''): string =>
    stateTag === ''
      ? ''
      : `<Tags><member><Key>valohai-s3:state</Key><Value>${stateTag}</Value></member></Tags>`
  const identity = (
    kind: 'User' | 'Role',
    found: { readonly stateTag?: string } | undefined,
  ): LoopbackReply =>
    found === undefined
      ? missing
      : queryAnswer(
          operation,
          `<${kind}><Arn>arn:aws:iam::123456789012:${kind.toLowerCase()}/${name}</Arn>${tags(found.stateTag)}</${kind}>`,
        )
  const policy = (text: string | undefined): LoopbackReply =>
    text === undefined
      ? missing
      : queryAnswer(operation, `<PolicyDocument>${encodeURIComponent(text)}</PolicyDocument>`)
  switch (operation) {
    case 'GetUser':
      return identity('User', user)
    case 'GetRole':
      return identity('Role', role)
    case 'GetUserPolicy':
      return policy(user?.policy)
    case 'GetRolePolicy':
      return policy(role?.policy)
    case 'ListAccessKeys': {
      if (user === undefined) return missing
      const members = [...user.keys].map(
        ([key, isActive]) =>
          `<member><UserName>${name}</UserName><AccessKeyId>${key}</AccessKeyId><Status>${isActive ? 'Active' : 'Inactive'}</Status>${CREATED}</member>`,
      )
      return queryAnswer(operation, `<AccessKeyMetadata>${members.join('')}</AccessKeyMetadata>`)
    }
    case 'GetAccessKeyLastUsed': {
      const [owner, found] = [...users].find(([, { keys }]) => keys.has(id)) ?? []
      if (owner === undefined) return missing
      const used = found?.keys.get(id) === true ? '<LastUsedDate>2026-02-01T00:00:00Z</LastUsedDate>' : ''
      return queryAnswer(
        operation,
        `<UserName>${owner}</UserName><AccessKeyLastUsed>${used}</AccessKeyLastUsed>`,
      )
    }
    case 'ListUserPolicies':
    case 'ListAttachedUserPolicies':
    case 'ListGroupsForUser':
    case 'ListMFADevices':
    case 'ListSSHPublicKeys':
    case 'ListServiceSpecificCredentials':
    case 'ListSigningCertificates':
    case 'ListRolePolicies':
    case 'ListAttachedRolePolicies':
    case 'ListInstanceProfilesForRole':
      return (user ?? role) === undefined
        ? missing
        : queryAnswer(operation, attached(operation, `of-${name}`))
    case 'GetLoginProfile':
      return user === undefined
        ? missing
        : queryAnswer(operation, `<LoginProfile><UserName>${name}</UserName>${CREATED}</LoginProfile>`)
    case 'DeleteUserPolicy':
    case 'DeleteRolePolicy': {
      if ((user ?? role) === undefined) return missing
      if (user !== undefined) users.set(name, { keys: user.keys })
      else roles.set(name, {})
      return queryAnswer(operation, '')
    }
    case 'DeleteUser':
      return users.delete(name) ? queryAnswer(operation, '') : missing
    case 'DeleteRole':
      return roles.delete(name) ? queryAnswer(operation, '') : missing
    case 'DeleteAccessKey':
      return user?.keys.delete(id) === true ? queryAnswer(operation, '') : missing
    default:
      return undefined
  }
}
