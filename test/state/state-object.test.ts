import type { S3Backend } from '../../src/config'
import { isPlain, readStateObject } from '../../src/state/state-object'
import { bucketOf, s3Error, startFakeAws, type FakeAws } from '../support/fake-aws'

const BACKEND: S3Backend = { type: 's3', bucket: 'state', key: 'k.tfstate', region: 'eu-west-1', extra: {} }

it.each<[extra: Record<string, string>, environment: Record<string, string>, expected: boolean]>([
  [{}, {}, true],
  [{ encrypt: 'true', kms_key_id: 'arn', acl: 'private', use_lockfile: 'true' }, {}, true],
  [{ role_arn: 'arn' }, {}, false],
  [{ sse_customer_key: 'x' }, {}, false],
  [{}, { AWS_SSE_CUSTOMER_KEY: '', TF_WORKSPACE: 'of the job' }, true],
  [{}, { AWS_SSE_CUSTOMER_KEY: 'a key' }, false],
])('with %j in %j the state is plain: %s', (extra, environment, expected) => {
  expect(isPlain({ ...BACKEND, extra }, environment)).toBe(expected)
})

describe('the state', () => {
  let aws: FakeAws

  beforeEach(async () => {
    aws = await startFakeAws()
    aws.buckets.set('state', bucketOf())
  })

  afterEach(() => aws.close())

  it('is read as it is', async () => {
    aws.buckets.get('state')?.objects.set('k.tfstate', [{ version: 'v', body: '{"version":4}' }])
    await expect(readStateObject(BACKEND)).resolves.toBe('{"version":4}')
  })

  it('is empty where there is none yet', async () => {
    await expect(readStateObject(BACKEND)).resolves.toBe('')
  })

  it.each([
    [403, 'AccessDenied'],
    [404, 'NoSuchBucket'],
  ])('that cannot be read (%d %s) is not taken for an empty one', async (status, code) => {
    aws.intercept = () => s3Error(status, code)
    await expect(readStateObject(BACKEND)).rejects.toThrow(`s3://state/k.tfstate could not be read: ${code}`)
  })
})
