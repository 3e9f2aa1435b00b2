import type { S3Backend } from '../../src/config'
import { isPlain, statePlace } from '../../src/state/place'

const ACCOUNT = { id: '123456789012', arn: 'arn:aws:iam::123456789012:user/deployer' }
const BACKEND: S3Backend = {
  type: 's3',
  bucket: 'state',
  key: 'k.tfstate',
  region: 'eu-west-1',
  owner: undefined,
  extra: {},
}
const KEY = 'arn:aws:kms:eu-west-1:123456789012:key/k'
const CUSTOMER_KEY = Buffer.alloc(32, 7).toString('base64')

it.each<[extra: Record<string, string>, expected: boolean]>([
  [{}, true],
  [{ encrypt: 'true', kms_key_id: 'arn', acl: 'private', use_lockfile: 'true' }, true],
  [{ profile: 'state', use_path_style: 'true' }, true],
  [{ role_arn: 'arn' }, false],
  [{ sse_customer_key: 'x' }, false],
])('with %j the state is plain: %s', (extra, expected) => {
  expect(isPlain({ ...BACKEND, extra })).toBe(expected)
})

describe('our own requests for the state', () => {
  it('expect the bucket to be of the account of the session, or of the one that is named', () => {
    expect(statePlace(BACKEND, ACCOUNT, {}).client).toEqual({ region: 'eu-west-1', owner: ACCOUNT.id })
    expect(statePlace({ ...BACKEND, owner: '999999999999' }, ACCOUNT, {}).client.owner).toBe('999999999999')
  })

  // What Terraform's S3 backend puts its own objects with, see `PutObject` in its client.go.
  it.each<[extra: Record<string, string>, environment: Record<string, string>, writing: object]>([
    [{}, {}, { ServerSideEncryption: 'AES256' }],
    [{ encrypt: 'true' }, {}, { ServerSideEncryption: 'AES256' }],
    [{ encrypt: 'false' }, {}, {}],
    [{ encrypt: 'false', kms_key_id: KEY }, {}, {}],
    [{ kms_key_id: KEY }, {}, { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: KEY }],
    [
      {},
      { AWS_SSE_CUSTOMER_KEY: CUSTOMER_KEY },
      { SSECustomerAlgorithm: 'AES256', SSECustomerKey: CUSTOMER_KEY },
    ],
    [{ encrypt: '0' }, { AWS_SSE_CUSTOMER_KEY: CUSTOMER_KEY }, {}],
    [
      { acl: 'bucket-owner-full-control' },
      {},
      { ServerSideEncryption: 'AES256', ACL: 'bucket-owner-full-control' },
    ],
  ])('write with %j in %j as Terraform does', (extra, environment, writing) => {
    const place = statePlace({ ...BACKEND, extra }, ACCOUNT, environment)
    expect(place.writing).toEqual(writing)
    const { SSECustomerKey } = writing as { SSECustomerKey?: string }
    expect(place.reading.SSECustomerKey).toBe(SSECustomerKey)
  })

  it('go the way of the backend', () => {
    const extra = {
      profile: 'state',
      use_path_style: 'true',
      use_fips_endpoint: 'true',
      use_dualstack_endpoint: '1',
    }
    expect(statePlace({ ...BACKEND, extra }, ACCOUNT, {}).client).toEqual({
      region: 'eu-west-1',
      owner: ACCOUNT.id,
      profile: 'state',
      forcePathStyle: true,
      useFipsEndpoint: true,
      useDualstackEndpoint: true,
    })
  })
})
