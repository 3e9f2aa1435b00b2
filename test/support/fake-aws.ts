import { type FakeIam, iamAnswer, queryAnswer, queryError } from './fake-iam'
import {
  pointAwsAt,
  startLoopback,
  type Loopback,
  type LoopbackReply,
  type LoopbackRequest,
} from './loopback'

export const ACCOUNT = { id: '123456789012', arn: 'arn:aws:iam::123456789012:user/deployer' }

export interface FakeVersion {
  readonly version: string
  readonly body: string
  /** Milliseconds, by the clock of S3. */
  readonly modified?: number
}

/** A bucket with what was put on it, as the requests had it. */
export interface FakeBucket {
  region: string
  owner: string
  /** Whether its policy lets this account in, where it is another one's. */
  shared: boolean
  versioned: boolean
  /** Key to its versions, oldest first; an unversioned bucket has one at most. */
  objects: Map<string, FakeVersion[]>
  /** Unfinished multipart uploads, by id. */
  uploads: Map<string, string>
  ownership?: string
  publicAccessBlock?: string
  encryption?: string
  policy?: string
  tagging?: string
  cors?: string
  lifecycle?: string
}

/** S3, IAM and STS of one account on loopback: just what the source uses of them, by effect. */
export interface FakeAws extends FakeIam {
  readonly buckets: Map<string, FakeBucket>
  /** Operations in order, e.g. `PutObject`. */
  readonly operations: string[]
  /** Operations that would change something, and the access key that signed each. */
  readonly writes: { operation: string; accessKey: string }[]
  readonly requests: readonly LoopbackRequest[]
  /** The clock of S3, in milliseconds. */
  now: () => number
  /** Answers in place of the fake, where it gives an answer. */
  intercept: (operation: string, request: LoopbackRequest) => LoopbackReply | undefined
  /** What the fake does and answers itself: for an interceptor that loses the answer, say. */
  readonly answer: (operation: string, request: LoopbackRequest) => LoopbackReply
  close(): Promise<void>
}

export const bucketOf = (fields: Partial<FakeBucket> = {}): FakeBucket => ({
  region: 'eu-west-1',
  owner: ACCOUNT.id,
  shared: false,
  versioned: false,
  objects: new Map(),
  uploads: new Map(),
  ...fields,
})

/** A refusal in S3's shape. */
export const s3Error = (
  status: number,
  code: string,
  headers: Record<string, string> = {},
): LoopbackReply => ({
  status,
  headers,
  body: `<Error><Code>${code}</Code><Message>refused by the fake</Message></Error>`,
})

/** A refusal in STS's shape. */
export const stsError = queryError

/** Starts it, and takes the pauses of the SDK's retries out: each is a random part of some seconds. */
export async function startFakeAws(variables: Readonly<Record<string, string>> = {}): Promise<FakeAws> {
  const buckets = new Map<string, FakeBucket>()
  const operations: string[] = []
  const writes: { operation: string; accessKey: string }[] = []
  let counter = 0

  const server: Loopback = await startLoopback((request) => {
    const operation = operationOf(request)
    operations.push(operation)
    if (!/^(Get|Head|List)/.test(operation)) {
      const accessKey = /Credential=([^/]+)/.exec(request.headers.authorization ?? '')?.[1] ?? ''
      writes.push({ operation, accessKey })
    }
    return fake.intercept(operation, request) ?? answer(operation, request)
  })
  const restore = pointAwsAt(server.url, variables)
  const random = jest.spyOn(Math, 'random').mockReturnValue(0)
  const fake: FakeAws = {
    buckets,
    users: new Map(),
    roles: new Map(),
    operations,
    writes,
    answer,
    requests: server.requests,
    now: () => Date.now(),
    intercept: () => undefined,
    close: async () => {
      restore()
      random.mockRestore()
      await server.close()
    },
  }
  return fake

  function answer(operation: string, request: LoopbackRequest): LoopbackReply {
    if (operation === 'GetCallerIdentity') {
      return queryAnswer(operation, `<Arn>${ACCOUNT.arn}</Arn><Account>${ACCOUNT.id}</Account>`)
    }
    if (operation === 'AssumeRole') {
      return queryAnswer(
        operation,
        '<Credentials><AccessKeyId>ASIATEMPORARY</AccessKeyId><SecretAccessKey>temporary-secret</SecretAccessKey><SessionToken>temporary-token</SessionToken><Expiration>2030-01-01T00:00:00Z</Expiration></Credentials>',
      )
    }
    if (request.path === '/') return iamAnswer(fake, request.body) ?? queryError(400, 'InvalidAction')
    const [, name = '', ...rest] = request.path.split('/')
    const bucket = buckets.get(name)
    if (operation === 'CreateBucket') {
      if (bucket !== undefined) {
        return s3Error(409, bucket.owner === ACCOUNT.id ? 'BucketAlreadyOwnedByYou' : 'BucketAlreadyExists')
      }
      const region = /<LocationConstraint>(.*)<\/LocationConstraint>/.exec(request.body)?.[1] ?? 'us-east-1'
      const ownership = String(request.headers['x-amz-object-ownership'])
      buckets.set(name, bucketOf({ region, ownership }))
      return {}
    }
    if (bucket === undefined) return s3Error(404, 'NoSuchBucket')
    const expected = request.headers['x-amz-expected-bucket-owner']
    if (
      (bucket.owner !== ACCOUNT.id && !bucket.shared) ||
      (expected !== undefined && expected !== bucket.owner)
    ) {
      return s3Error(403, 'AccessDenied')
    }
    if (operation === 'DeleteBucket') {
      buckets.delete(name)
      return { status: 204 }
    }
    return ofBucket(operation, bucket, request) ?? ofObject(operation, bucket, rest.join('/'), request)
  }

  function ofBucket(
    operation: string,
    bucket: FakeBucket,
    { body, query }: LoopbackRequest,
  ): LoopbackReply | undefined {
    const get = (value: string | undefined, missing: string): LoopbackReply =>
      value === undefined ? s3Error(404, missing) : { body: value }
    switch (operation) {
      case 'HeadBucket':
        return { headers: { 'x-amz-bucket-region': bucket.region } }
      case 'ListObjectsV2':
        return { body: `<ListBucketResult><KeyCount>${bucket.objects.size}</KeyCount></ListBucketResult>` }
      case 'ListObjectVersions': {
        const found = [...bucket.objects].filter(([key]) => key.startsWith(query.get('prefix') ?? ''))
        const entries = found.flatMap(([key, versions]) =>
          versions.map(
            ({ version, modified = fake.now() }) =>
              `<Version><Key>${key}</Key><VersionId>${bucket.versioned ? version : 'null'}</VersionId><LastModified>${new Date(modified).toISOString()}</LastModified></Version>`,
          ),
        )
        return { body: `<ListVersionsResult>${entries.join('')}</ListVersionsResult>` }
      }
      case 'ListMultipartUploads': {
        const found = [...bucket.uploads].filter(([, key]) => key.startsWith(query.get('prefix') ?? ''))
        const entries = found.map(
          ([id, key]) =>
            `<Upload><Key>${key}</Key><UploadId>${id}</UploadId><Initiated>${new Date(fake.now()).toISOString()}</Initiated></Upload>`,
        )
        return { body: `<ListMultipartUploadsResult>${entries.join('')}</ListMultipartUploadsResult>` }
      }
      case 'GetPublicAccessBlock':
        return get(bucket.publicAccessBlock, 'NoSuchPublicAccessBlockConfiguration')
      case 'PutPublicAccessBlock':
        bucket.publicAccessBlock = body
        return {}
      case 'PutBucketVersioning':
        bucket.versioned = body.includes('<Status>Enabled</Status>')
        return {}
      case 'GetBucketEncryption':
        return get(bucket.encryption, 'ServerSideEncryptionConfigurationNotFoundError')
      case 'PutBucketEncryption':
        bucket.encryption = body
        return {}
      case 'GetBucketPolicy':
        return get(bucket.policy, 'NoSuchBucketPolicy')
      case 'PutBucketPolicy':
        bucket.policy = body
        return {}
      case 'GetBucketTagging':
        return get(bucket.tagging, 'NoSuchTagSet')
      case 'PutBucketTagging':
        bucket.tagging = body
        return {}
      case 'GetBucketCors':
        return get(bucket.cors, 'NoSuchCORSConfiguration')
      case 'GetBucketLifecycleConfiguration':
        return get(bucket.lifecycle, 'NoSuchLifecycleConfiguration')
      case 'GetBucketPolicyStatus':
        return bucket.policy === undefined
          ? s3Error(404, 'NoSuchBucketPolicy')
          : { body: '<PolicyStatus><IsPublic>false</IsPublic></PolicyStatus>' }
      case 'GetBucketAcl':
        return { body: '<AccessControlPolicy><Owner><ID>o</ID></Owner></AccessControlPolicy>' }
      case 'GetBucketOwnershipControls':
        return get(undefined, 'OwnershipControlsNotFoundError')
      case 'GetBucketVersioning': {
        const status = bucket.versioned ? '<Status>Enabled</Status>' : ''
        return { body: `<VersioningConfiguration>${status}</VersioningConfiguration>` }
      }
      default:
        return undefined
    }
  }

  function ofObject(
    operation: string,
    bucket: FakeBucket,
    key: string,
    { query, body, headers }: LoopbackRequest,
  ): LoopbackReply {
    const versions = bucket.objects.get(key) ?? []
    const etag = versions.length === 0 ? undefined : `"${versions.at(-1)?.version ?? ''}"`
    switch (operation) {
      case 'PutObject': {
        if (headers['if-none-match'] === '*' && etag !== undefined) return s3Error(412, 'PreconditionFailed')
        const match = headers['if-match']
        if (match !== undefined && etag === undefined) return s3Error(404, 'NoSuchKey')
        if (match !== undefined && match !== etag) return s3Error(412, 'PreconditionFailed')
        const version = `version-${++counter}`
        bucket.objects.set(key, [
          ...(bucket.versioned ? versions : []),
          { version, body, modified: fake.now() },
        ])
        return {
          headers: { etag: `"${version}"`, ...(bucket.versioned ? { 'x-amz-version-id': version } : {}) },
        }
      }
      case 'GetObject': {
        const newest = versions.at(-1)
        if (newest === undefined) return s3Error(404, 'NoSuchKey')
        const modified = new Date(newest.modified ?? fake.now()).toUTCString()
        return { body: newest.body, headers: { etag: etag ?? '', 'last-modified': modified } }
      }
      case 'DeleteObject': {
        const wanted = query.get('versionId')
        const left = bucket.versioned
          ? wanted === null
            ? [...versions, { version: `marker-${++counter}`, body: '' }]
            : versions.filter(({ version }) => version !== wanted)
          : []
        if (left.length === 0) bucket.objects.delete(key)
        else bucket.objects.set(key, left)
        return { status: 204 }
      }
      case 'CreateMultipartUpload': {
        const id = `upload-${++counter}`
        bucket.uploads.set(id, key)
        return {
          body: `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
        }
      }
      case 'AbortMultipartUpload':
        return bucket.uploads.delete(query.get('uploadId') ?? '')
          ? { status: 204 }
          : s3Error(404, 'NoSuchUpload')
      default:
        throw new Error(`The fake knows no ${operation}.`)
    }
  }
}

/** Parameters of a request that say which setting of a bucket it is about. */
const SETTINGS = {
  publicAccessBlock: 'PublicAccessBlock',
  versioning: 'BucketVersioning',
  encryption: 'BucketEncryption',
  policy: 'BucketPolicy',
  tagging: 'BucketTagging',
  cors: 'BucketCors',
  lifecycle: 'BucketLifecycleConfiguration',
  ownershipControls: 'BucketOwnershipControls',
  acl: 'BucketAcl',
  policyStatus: 'BucketPolicyStatus',
}

/** What a request asks for, by the parts of it that AWS goes by. */
function operationOf({ method, path, query, body }: LoopbackRequest): string {
  if (path === '/') return new URLSearchParams(body).get('Action') ?? 'unknown'
  const verb = { GET: 'Get', PUT: 'Put', DELETE: 'Delete' }[method] ?? method
  for (const [parameter, name] of Object.entries(SETTINGS)) {
    if (query.has(parameter)) return `${verb}${name}`
  }
  const isObject = path.split('/').length > 2 && !path.endsWith('/')
  if (query.has('uploads')) return isObject ? 'CreateMultipartUpload' : 'ListMultipartUploads'
  if (query.has('uploadId')) return 'AbortMultipartUpload'
  if (query.has('versions')) return 'ListObjectVersions'
  if (query.has('list-type')) return 'ListObjectsV2'
  if (method === 'HEAD') return 'HeadBucket'
  if (isObject) return `${verb}Object`
  return { PUT: 'CreateBucket', DELETE: 'DeleteBucket' }[method] ?? 'unknown'
}
