import { proveCredentials, type ProofClock, type ProofRequest } from '../../src/aws/credential-proof'
import type { LoopbackReply } from '../support/loopback'
import {
  ACCOUNT,
  bucketOf,
  s3Error,
  startFakeAws,
  stsError,
  type FakeAws,
  type FakeBucket,
} from '../support/fake-aws'

const ROLE = 'arn:aws:iam::123456789012:role/valohai-b-multipart'

const REQUEST: ProofRequest = {
  credentials: { accessKeyId: 'AKIANEW', secretAccessKey: 'the-secret-of-the-new-key' },
  bucket: 'my-bucket',
  region: 'eu-west-1',
  owner: ACCOUNT.id,
  multipartRoleArn: ROLE,
}

let aws: FakeAws
let bucket: FakeBucket
const told: string[] = []
const waits: number[] = []

/** A clock that only sleeping moves. */
function fakeClock(): ProofClock {
  let now = 0
  return {
    now: () => now,
    sleep: (ms) => {
      waits.push(ms)
      now += ms
      return Promise.resolve()
    },
  }
}

const prove = (request: Partial<ProofRequest> = {}): Promise<void> =>
  proveCredentials({ ...REQUEST, ...request }, (message) => told.push(message), fakeClock())

/** Paths of the objects that were worked with. */
const objectPaths = (): string[] =>
  aws.requests.map(({ path }) => path).filter((path) => path.startsWith('/my-bucket/.'))

/** Refuses the first `times` requests of an operation. */
function refuse(operation: string, times: number, reply: LoopbackReply): void {
  let left = times
  aws.intercept = (asked) => (asked === operation && left-- > 0 ? reply : undefined)
}

beforeEach(async () => {
  told.length = 0
  waits.length = 0
  aws = await startFakeAws()
  bucket = bucketOf({
    objects: new Map([['outputs/model.pkl', [{ version: 'theirs', body: 'worth a lot' }]]]),
    uploads: new Map([['upload-of-a-worker', 'outputs/large.bin']]),
  })
  aws.buckets.set('my-bucket', bucket)
})

afterEach(() => aws.close())

/** The bucket as it was before: nothing of ours left, nothing of theirs gone. */
function expectUntouched(): void {
  expect([...bucket.objects]).toEqual([['outputs/model.pkl', [{ version: 'theirs', body: 'worth a lot' }]]])
  expect([...bucket.uploads]).toEqual([['upload-of-a-worker', 'outputs/large.bin']])
}

describe.each([false, true])('in a bucket whose versioning is %s', (versioned) => {
  beforeEach(() => {
    bucket.versioned = versioned
  })

  it('uses the key as Valohai will, and leaves no trace', async () => {
    await prove()
    expect(aws.operations).toEqual([
      'PutObject',
      'GetObject',
      'DeleteObject',
      'AssumeRole',
      'CreateMultipartUpload',
      'AbortMultipartUpload',
      'ListObjectVersions',
      'ListMultipartUploads',
    ])
    expectUntouched()
    expect(told).toEqual([])
  })

  it('removes the object where it cannot be read', async () => {
    aws.intercept = (operation) => (operation === 'GetObject' ? s3Error(404, 'NoSuchKey') : undefined)
    await expect(prove()).rejects.toThrow(/cannot write, read and delete an object in the bucket my-bucket/)
    expectUntouched()
  })
})

describe('what runs that died left', () => {
  const LEFT = '.valohai-s3-action/credential-check-0185c0de-0000-4000-8000-000000000001'
  const version = (name: string, modified: number) => ({ version: name, body: 'left', modified })

  beforeEach(() => {
    aws.now = () => 1_000_000
    bucket.versioned = true
    bucket.objects.set(LEFT, [version('a', 500_000), version('b', 600_000)])
    bucket.uploads.set('upload-of-a-dead-run', LEFT)
  })

  it('is removed, by version, and unfinished uploads with it, as the new key', async () => {
    await prove()
    expectUntouched()
    expect(aws.writes.slice(-3)).toEqual([
      { operation: 'DeleteObject', accessKey: 'AKIANEW' },
      { operation: 'DeleteObject', accessKey: 'AKIANEW' },
      { operation: 'AbortMultipartUpload', accessKey: 'AKIANEW' },
    ])
    expect(told).toEqual([expect.stringContaining('Removed 3 of what earlier proofs left')])
  })

  it('is that alone: not what others keep under the prefix, nor what a run writes at this moment', async () => {
    const others = [
      '.valohai-s3-action/notes.txt',
      '.valohai-s3-action/credential-check-of-mine',
      `${LEFT}/nested`,
      `copy-of/${LEFT}`,
    ]
    for (const key of others) bucket.objects.set(key, [version('theirs', 500_000)])
    const younger = LEFT.replace('0185c0de', 'fedcba98')
    bucket.objects.set(younger, [version('of a run under way', 2_000_000)])
    bucket.uploads.set('upload-of-somebody', '.valohai-s3-action/notes.txt')
    await prove()
    expect([...bucket.objects.keys()]).toEqual(['outputs/model.pkl', ...others, younger])
    expect([...bucket.uploads.keys()]).toEqual(['upload-of-a-worker', 'upload-of-somebody'])
  })

  it.each(['ListObjectVersions', 'ListMultipartUploads', 'DeleteObject'])(
    'stays where the key may not do %s, and the proof counts all the same',
    async (operation) => {
      let isProven = false
      aws.intercept = (asked) => {
        isProven ||= asked === 'AbortMultipartUpload'
        return isProven && asked === operation ? s3Error(403, 'AccessDenied') : undefined
      }
      await prove()
      expect(told).toEqual([expect.stringMatching(/could not be removed: AccessDenied/)])
      expect(waits).toEqual([])
    },
  )
})

it('removes its own object too where the answer to a write was lost', async () => {
  bucket.versioned = true
  let lost = false
  aws.intercept = (operation, { path, body }) => {
    if (operation !== 'PutObject' || lost) return undefined
    lost = true
    bucket.objects.set(path.replace('/my-bucket/', ''), [{ version: 'never answered', body }])
    return s3Error(500, 'InternalError')
  }
  await prove()
  expectUntouched()
})

it('goes on where an upload is gone already, whose answer was lost', async () => {
  aws.intercept = (operation, { query }) => {
    if (operation !== 'AbortMultipartUpload') return undefined
    bucket.uploads.delete(query.get('uploadId') ?? '')
    return s3Error(404, 'NoSuchUpload')
  }
  await prove()
  expectUntouched()
  expect(waits).toEqual([])
})

it('works as the new key, and as the role for the upload alone', async () => {
  await prove()
  expect(aws.writes).toEqual([
    { operation: 'PutObject', accessKey: 'AKIANEW' },
    { operation: 'DeleteObject', accessKey: 'AKIANEW' },
    { operation: 'AssumeRole', accessKey: 'AKIANEW' },
    { operation: 'CreateMultipartUpload', accessKey: 'ASIATEMPORARY' },
    { operation: 'AbortMultipartUpload', accessKey: 'ASIATEMPORARY' },
  ])
  const assume = aws.requests.find(({ path }) => path === '/')
  expect(new URLSearchParams(assume?.body).get('RoleArn')).toBe(ROLE)
  const abort = aws.requests.find(({ query }) => query.has('uploadId'))
  expect(abort?.headers['x-amz-security-token']).toBe('temporary-token')
})

it('touches one key only, of its own', async () => {
  await prove()
  const keys = new Set(objectPaths())
  expect(keys.size).toBe(1)
  expect([...keys][0]).toMatch(/^\/my-bucket\/\.valohai-s3-action\/credential-check-[0-9a-f-]{36}$/)
})

it('uses another object each time, as two runs may prove at once', async () => {
  await prove()
  await prove()
  expect(new Set(objectPaths()).size).toBe(2)
})

it('asks for no role where there is none', async () => {
  await prove({ multipartRoleArn: undefined })
  expect(aws.operations.slice(0, 3)).toEqual(['PutObject', 'GetObject', 'DeleteObject'])
  expect(aws.operations).not.toContain('AssumeRole')
})

it('never sends the secret', async () => {
  await prove()
  const sent = JSON.stringify(
    aws.requests.map(({ path, headers, body, query }) => [path, headers, body, String(query)]),
  )
  expect(sent).not.toContain(REQUEST.credentials.secretAccessKey)
})

describe('while IAM spreads the key', () => {
  it.each([
    ['PutObject', s3Error(403, 'InvalidAccessKeyId')],
    ['PutObject', s3Error(403, 'AccessDenied')],
    ['PutObject', s3Error(403, 'SignatureDoesNotMatch')],
    ['GetObject', s3Error(403, 'AccessDenied')],
    ['AssumeRole', stsError(403, 'InvalidClientTokenId')],
    ['AssumeRole', stsError(403, 'AccessDenied')],
    ['CreateMultipartUpload', s3Error(400, 'InvalidToken')],
    ['CreateMultipartUpload', s3Error(403, 'AccessDenied')],
  ])('waits and tries %s again (%j)', async (operation, reply) => {
    refuse(operation, 3, reply)
    await prove()
    expect(waits).toEqual([1000, 2000, 4000])
    expect(told).toHaveLength(3)
    expect(told[2]).toMatch(/trying again in 4 s/)
    expectUntouched()
  })

  it.each([
    ['DeleteObject', s3Error(403, 'AccessDenied')],
    ['AbortMultipartUpload', s3Error(403, 'AccessDenied')],
  ])('goes on after a refused %s, and leaves nothing of the try before', async (operation, reply) => {
    bucket.versioned = true
    refuse(operation, 2, reply)
    await prove()
    expect(waits).toEqual([1000, 2000])
    expectUntouched()
  })

  it('backs off to ten seconds, and gives up within two minutes', async () => {
    refuse('PutObject', Infinity, s3Error(403, 'AccessDenied'))
    await expect(prove()).rejects.toThrow('AccessDenied')
    expect(waits.slice(0, 6)).toEqual([1000, 2000, 4000, 8000, 10_000, 10_000])
    expect(Math.max(...waits)).toBe(10_000)
    const waited = waits.reduce((a, b) => a + b, 0)
    expect(waited).toBeLessThanOrEqual(120_000)
    expect(waited).toBeGreaterThan(110_000)
  })

  it('has one limit for the key and the role together', async () => {
    let puts = 10
    aws.intercept = (operation) => {
      if (operation === 'PutObject' && puts-- > 0) return s3Error(403, 'AccessDenied')
      return operation === 'AssumeRole' ? stsError(403, 'AccessDenied') : undefined
    }
    await expect(prove()).rejects.toThrow(/multipart/)
    expect(waits.reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(120_000)
  })
})

describe('gives up', () => {
  it.each([
    ['PutObject', 'cannot write, read and delete an object in the bucket my-bucket'],
    ['AssumeRole', `cannot start a multipart upload to the bucket my-bucket as ${ROLE}`],
    ['CreateMultipartUpload', `cannot start a multipart upload to the bucket my-bucket as ${ROLE}`],
  ])('naming what could not be done, for %s', async (operation, what) => {
    refuse(
      operation,
      Infinity,
      operation === 'AssumeRole' ? stsError(403, 'AccessDenied') : s3Error(403, 'AccessDenied'),
    )
    const error = await prove().catch((cause: unknown) => cause as Error)
    expect(error?.message).toContain('The access key AKIANEW ')
    expect(error?.message).toContain(what)
    expect(error?.message).toContain('AccessDenied: refused by the fake')
    expect(error?.message).not.toContain(REQUEST.credentials.secretAccessKey)
    expectUntouched()
  })

  it.each(['NoSuchBucket', 'KMS.DisabledException'])(
    'at once on %s, which no waiting mends',
    async (code) => {
      refuse('PutObject', Infinity, s3Error(code === 'NoSuchBucket' ? 404 : 400, code))
      await expect(prove()).rejects.toThrow(code)
      expect(waits).toEqual([])
    },
  )

  it.each([
    'User: u is not authorized to perform: s3:PutObject with an explicit deny in a service control policy',
    'User: u is not authorized to perform: s3:PutObject because no VPC endpoint policy allows the s3:PutObject action',
    'User: u is not authorized to perform: s3:PutObject with an explicit deny in a resource-based policy',
  ])('at once where a perimeter forbids it, and names the way out: %s', async (message) => {
    const body = `<Error><Code>AccessDenied</Code><Message>${message}</Message></Error>`
    refuse('PutObject', Infinity, { status: 403, body })
    await expect(prove()).rejects.toThrow('set `prove-key: false`')
    expect(waits).toEqual([])
  })

  it('where the bucket is of another account by now', async () => {
    bucket.owner = '999999999999'
    bucket.shared = true
    await expect(prove()).rejects.toThrow(/AccessDenied.*not of account 123456789012/)
    expect([...bucket.objects.keys()]).toEqual(['outputs/model.pkl'])
  })

  it('where what is read back is something else', async () => {
    aws.intercept = (operation) => (operation === 'GetObject' ? { body: 'of somebody else' } : undefined)
    await expect(prove()).rejects.toThrow('the object read back is not the one written')
    expectUntouched()
  })
})

test('a key that is no longer new is not waited for that long, and the cause is said', async () => {
  refuse('PutObject', Infinity, s3Error(403, 'SignatureDoesNotMatch'))
  await expect(prove({ keyMadeAt: new Date(-3_600_000) })).rejects.toThrow(
    'The secret is not that of this key.',
  )
  const old = waits.reduce((sum, one) => sum + one, 0)
  waits.length = 0
  await expect(prove({ keyMadeAt: new Date(0) })).rejects.toThrow('SignatureDoesNotMatch')
  expect(old).toBeLessThanOrEqual(15_000)
  expect(waits.reduce((sum, one) => sum + one, 0)).toBeGreaterThan(60_000)
})
