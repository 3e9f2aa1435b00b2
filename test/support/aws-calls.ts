import type { IncomingHttpHeaders } from 'node:http'

/** A request to AWS, as a server gets it. */
export interface AwsRequest {
  readonly method: string
  /** With the query. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** What IAM is asked for a request: may this be done to that? */
export interface AwsCall {
  readonly action: string
  readonly resource: string
  readonly context: Readonly<Record<string, string>>
}

/** What IAM knows of a user or a role, as the requests so far have told. */
export interface Entities {
  /** ARN of the permissions boundary, by ARN. */
  readonly boundaries: Map<string, string>
  /** ARN by `user/<name>` and `role/<name>`. */
  readonly arns: Map<string, string>
}

export const ACCOUNT = '123456789012'

/** The key that signed a request, and the service it is for. */
export function signatureOf({ headers }: Pick<AwsRequest, 'headers'>): { keyId: string; service: string } {
  const [, keyId = '', service = ''] =
    /Credential=([^/]+)\/[^/]+\/[^/]+\/([^/]+)\//.exec(headers.authorization ?? '') ?? []
  return { keyId, service }
}

/**
 * The calls that IAM has to allow for a request, by AWS's Service Authorization Reference.
 *
 * @returns none for `sts:GetCallerIdentity`, which needs no permission
 * @throws for a request that this table does not know
 */
export function callsOf(request: AwsRequest, entities: Entities): readonly AwsCall[] {
  switch (signatureOf(request).service) {
    case 's3':
      return s3Calls(request)
    case 'iam':
      return iamCalls(new URLSearchParams(request.body), entities)
    case 'sts':
      return []
    default:
      throw new Error(`Not known: ${request.method} ${request.url}`)
  }
}

/** The name of a bucket's setting in actions, by its name in requests: `s3:Get…`, `s3:Put…`. */
const SETTINGS: Readonly<Record<string, string>> = {
  accelerate: 'AccelerateConfiguration',
  acl: 'BucketAcl',
  cors: 'BucketCORS',
  encryption: 'EncryptionConfiguration',
  lifecycle: 'LifecycleConfiguration',
  location: 'BucketLocation',
  logging: 'BucketLogging',
  'object-lock': 'BucketObjectLockConfiguration',
  ownershipControls: 'BucketOwnershipControls',
  policy: 'BucketPolicy',
  policyStatus: 'BucketPolicyStatus',
  publicAccessBlock: 'BucketPublicAccessBlock',
  replication: 'ReplicationConfiguration',
  requestPayment: 'BucketRequestPayment',
  tagging: 'BucketTagging',
  versioning: 'BucketVersioning',
  website: 'BucketWebsite',
}

function s3Calls({ method, url, headers }: AwsRequest): readonly AwsCall[] {
  const { pathname, searchParams } = new URL(url, 'http://s3')
  const [, bucket = '', ...rest] = decodeURIComponent(pathname).split('/')
  const key = rest.join('/')
  const call = (action: string): AwsCall => ({
    action: `s3:${action}`,
    resource: `arn:aws:s3:::${key === '' ? bucket : `${bucket}/${key}`}`,
    context: {},
  })
  if (key !== '') return [call(objectAction(method, searchParams))]
  const setting = Object.keys(SETTINGS).find((name) => searchParams.has(name))
  // To take a policy away is an action of its own; other settings are taken away by who may put them.
  if (method === 'DELETE' && setting === 'policy') return [call('DeleteBucketPolicy')]
  if (setting !== undefined) return [call(`${method === 'GET' ? 'Get' : 'Put'}${SETTINGS[setting] ?? ''}`)]
  if (searchParams.has('versions')) return [call('ListBucketVersions')]
  if (searchParams.has('uploads')) return [call('ListBucketMultipartUploads')]
  if (method === 'DELETE') return [call('DeleteBucket')]
  if (method !== 'PUT') return [call('ListBucket')]
  const withOwnership = headers['x-amz-object-ownership'] !== undefined
  return [call('CreateBucket'), ...(withOwnership ? [call('PutBucketOwnershipControls')] : [])]
}

function objectAction(method: string, query: URLSearchParams): string {
  if (method === 'DELETE' && query.has('uploadId')) return 'AbortMultipartUpload'
  const suffix = query.has('versionId') ? 'Version' : ''
  return `${{ GET: 'Get', HEAD: 'Get', PUT: 'Put', DELETE: 'Delete' }[method] ?? method}Object${suffix}`
}

function iamCalls(body: URLSearchParams, { boundaries, arns }: Entities): readonly AwsCall[] {
  const action = body.get('Action') ?? ''
  const [kind, name] = body.has('RoleName')
    ? (['role', body.get('RoleName') ?? ''] as const)
    : // Whose the key is that is asked about, the answer alone tells.
      (['user', body.get('UserName') ?? 'somebody'] as const)
  const known = arns.get(`${kind}/${name}`) ?? `arn:aws:iam::${ACCOUNT}:${kind}/${name}`
  const isNew = action === `Create${kind === 'role' ? 'Role' : 'User'}`
  const resource = isNew ? `arn:aws:iam::${ACCOUNT}:${kind}${body.get('Path') ?? '/'}${name}` : known
  const asked = body.get('PermissionsBoundary') ?? boundaries.get(resource)
  const call = (one: string, at = resource): AwsCall => ({
    action: `iam:${one}`,
    resource: at,
    context: asked !== undefined && KNOWS_BOUNDARY.test(one) ? { 'iam:PermissionsBoundary': asked } : {},
  })
  const tags = isNew && body.has('Tags.member.1.Key') ? [call(kind === 'role' ? 'TagRole' : 'TagUser')] : []
  const newName = body.get('NewUserName') ?? name
  const newPath = body.get('NewPath')
  // Who moves a user has to be let do that to both.
  const moved =
    action === 'UpdateUser' ? [call(action, `arn:aws:iam::${ACCOUNT}:user${newPath ?? '/'}${newName}`)] : []
  return [call(action), ...tags, ...moved]
}

/** The actions for which IAM knows `iam:PermissionsBoundary`. */
const KNOWS_BOUNDARY =
  /^(Create(User|Role)|(Put|Delete)(User|Role)(Policy|PermissionsBoundary)|(Attach|Detach)(User|Role)Policy)$/

/** Notes what a request that was let through tells of users and roles. */
export function noteEntity(
  request: AwsRequest,
  calls: readonly AwsCall[],
  { boundaries, arns }: Entities,
): void {
  if (signatureOf(request).service !== 'iam') return
  const body = new URLSearchParams(request.body)
  const action = body.get('Action') ?? ''
  const resource = calls[0]?.resource ?? ''
  const boundary = body.get('PermissionsBoundary')
  if (boundary !== null) boundaries.set(resource, boundary)
  if (/^Delete(User|Role)(PermissionsBoundary)?$/.test(action)) boundaries.delete(resource)
  const kind = body.has('RoleName') ? 'role' : 'user'
  const name = body.get(kind === 'role' ? 'RoleName' : 'UserName') ?? ''
  if (/^Create(User|Role)$/.test(action)) arns.set(`${kind}/${name}`, resource)
  if (/^Delete(User|Role)$/.test(action)) arns.delete(`${kind}/${name}`)
  if (action === 'UpdateUser') {
    // Of the two ARNs that it is about the second is what the user has from now on.
    const moved = calls.at(-1)?.resource ?? resource
    arns.delete(`user/${name}`)
    arns.set(`user/${body.get('NewUserName') ?? name}`, moved)
    const kept = boundaries.get(resource)
    boundaries.delete(resource)
    if (kept !== undefined) boundaries.set(moved, kept)
  }
}
