import type { Account } from '../../src/decide/observed'
import type { StatePlace } from '../../src/state/place'
import { lookAtStateBucket, makeStateBucket } from '../../src/state/state-bucket'
import type { StateBucketSettings } from '../../src/state/state-bucket-settings'
import { ACCOUNT, bucketOf, s3Error, startFakeAws, type FakeAws } from '../support/fake-aws'

type Place = Pick<StatePlace, 'bucket' | 'client'>

const STATE: Place = {
  bucket: 'my-bucket-tfstate',
  client: { region: 'eu-west-1', owner: ACCOUNT.id },
}
const SETTINGS: StateBucketSettings = { publicAccessBlock: true, tags: {} }

let aws: FakeAws

beforeEach(async () => {
  aws = await startFakeAws()
})

afterEach(() => aws.close())

const bodyOf = (operation: string): string =>
  aws.requests[aws.operations.indexOf(operation)]?.body ?? 'never asked'

const writes = (): string[] => aws.writes.map(({ operation }) => operation)

/** The policy as it lies on the state bucket. */
const policyOf = (name = STATE.bucket): unknown => JSON.parse(aws.buckets.get(name)?.policy ?? 'null')

const tlsOnly = (partition: string): unknown => ({
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'DenyInsecureTransport',
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:*',
      Resource: [`arn:${partition}:s3:::${STATE.bucket}`, `arn:${partition}:s3:::${STATE.bucket}/*`],
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    },
  ],
})

const make = (bucket: Place, account: Account, settings = SETTINGS): Promise<void> =>
  makeStateBucket(bucket, account, settings, () => undefined)

/** As a run does it: what is used already is not touched. Returns what was found. */
async function ensure(bucket: Place, account: Account, settings = SETTINGS): Promise<string> {
  const found = await lookAtStateBucket(bucket, account)
  if (found !== 'used') await make(bucket, account, settings)
  return found
}

function expectSecure(): void {
  const bucket = aws.buckets.get(STATE.bucket)
  expect(bucket?.versioned).toBe(true)
  expect(bucket?.encryption).toContain('<SSEAlgorithm>AES256</SSEAlgorithm>')
  for (const block of ['BlockPublicAcls', 'BlockPublicPolicy', 'IgnorePublicAcls', 'RestrictPublicBuckets']) {
    expect(bucket?.publicAccessBlock).toContain(`<${block}>true</${block}>`)
  }
  expect(policyOf()).toEqual(tlsOnly('aws'))
}

describe('a missing bucket', () => {
  it('is made private, versioned, encrypted and TLS only', async () => {
    await expect(ensure(STATE, ACCOUNT)).resolves.toBe('missing')
    expectSecure()
    expect(aws.buckets.get(STATE.bucket)).toMatchObject({
      region: 'eu-west-1',
      ownership: 'BucketOwnerEnforced',
    })
  })

  it('is made in us-east-1 without a location, which must not be named there', async () => {
    await ensure({ ...STATE, client: { ...STATE.client, region: 'us-east-1' } }, ACCOUNT)
    expect(bodyOf('CreateBucket')).not.toContain('LocationConstraint')
    expect(aws.buckets.get(STATE.bucket)?.region).toBe('us-east-1')
    expectSecure()
  })

  it.each(['aws', 'aws-cn', 'aws-us-gov'])('has a policy of the partition %s', async (partition) => {
    const account = { ...ACCOUNT, arn: `arn:${partition}:sts::${ACCOUNT.id}:assumed-role/ci/run` }
    await ensure(STATE, account)
    expect(policyOf()).toEqual(tlsOnly(partition))
  })

  it('is not there for somebody who only looks, and is not made', async () => {
    await expect(lookAtStateBucket(STATE, ACCOUNT)).resolves.toBe('missing')
    expect(aws.writes).toEqual([])
  })

  it('is secured too where another run made it in between', async () => {
    aws.intercept = (operation) => {
      if (operation === 'CreateBucket') aws.buckets.set(STATE.bucket, bucketOf())
      return undefined
    }
    await ensure(STATE, ACCOUNT)
    expectSecure()
  })

  it.each([
    ['BucketAlreadyExists', 409, /could not be made in eu-west-1: the name is taken .*`state-bucket`/],
    ['AccessDenied', 403, /could not be made in eu-west-1: AccessDenied: refused by the fake/],
  ])('that cannot be made says why: %s', async (code, status, message) => {
    aws.intercept = (operation) => (operation === 'CreateBucket' ? s3Error(status, code) : undefined)
    await expect(ensure(STATE, ACCOUNT)).rejects.toThrow(message)
    expect(writes()).toEqual(['CreateBucket'])
  })

  it('has the tags that were asked for', async () => {
    await ensure(STATE, ACCOUNT, { ...SETTINGS, tags: { team: 'ml', cost: 'r&d' } })
    expect(aws.buckets.get(STATE.bucket)?.tagging).toContain('<Tag><Key>team</Key><Value>ml</Value></Tag>')
    expect(aws.buckets.get(STATE.bucket)?.tagging).toContain('<Value>r&amp;d</Value>')
  })

  it('has no public access block where that is left out', async () => {
    aws.intercept = (operation) =>
      operation.endsWith('PublicAccessBlock') ? s3Error(403, 'AccessDenied') : undefined
    await expect(ensure(STATE, ACCOUNT)).rejects.toThrow(/AccessDenied.*`public-access-block: false`/)
    await ensure(STATE, ACCOUNT, { ...SETTINGS, publicAccessBlock: false })
    expect(policyOf()).toEqual(tlsOnly('aws'))
  })

  it('that was deleted a moment ago, and whose name is not free yet, is told in plain words', async () => {
    aws.intercept = (operation) =>
      operation === 'CreateBucket' ? s3Error(409, 'OperationAborted') : undefined
    await expect(ensure(STATE, ACCOUNT)).rejects.toThrow(
      /could not be made in eu-west-1: a bucket of that name is being deleted.*up to an hour.*`state-bucket`/,
    )
    // Not at once: another run may be making it.
    expect(writes().length).toBeGreaterThan(5)
  })

  it('that is gone again while it is set up is told in plain words', async () => {
    aws.intercept = (operation) =>
      operation === 'PutBucketVersioning' ? s3Error(404, 'NoSuchBucket') : undefined
    await expect(ensure(STATE, ACCOUNT)).rejects.toThrow(/a bucket of that name is being deleted/)
  })

  it.each(['PutPublicAccessBlock', 'PutBucketVersioning', 'PutBucketEncryption', 'PutBucketPolicy'])(
    'that was left half made when %s was refused is completed by the next run',
    async (refused) => {
      aws.intercept = (operation) => (operation === refused ? s3Error(403, 'AccessDenied') : undefined)
      await expect(ensure(STATE, ACCOUNT)).rejects.toThrow(
        /exists and could not be made private, versioned, encrypted and TLS only: AccessDenied/,
      )
      aws.intercept = () => undefined
      await expect(ensure(STATE, ACCOUNT)).resolves.toBe('empty')
      expectSecure()
    },
  )
})

describe('a bucket of ours that holds something', () => {
  const filled = (): void => {
    const objects = new Map([['other.tfstate', [{ version: 'v', body: '{}' }]]])
    aws.buckets.set(STATE.bucket, bucketOf({ objects, policy: '{"Statement":[]}' }))
  }

  it('is left exactly as it is: not one write', async () => {
    filled()
    await expect(ensure(STATE, ACCOUNT)).resolves.toBe('used')
    expect(aws.writes).toEqual([])
  })
})

describe('an empty bucket of ours', () => {
  it('gets what it lacks', async () => {
    aws.buckets.set(STATE.bucket, bucketOf())
    await expect(ensure(STATE, ACCOUNT)).resolves.toBe('empty')
    expect(writes()).not.toContain('CreateBucket')
    expectSecure()
  })

  it('keeps the policy, the access settings and the encryption that somebody gave it', async () => {
    const theirs = {
      publicAccessBlock: '<theirs/>',
      encryption: '<theirs/>',
      policy: '{"Statement":["theirs"]}',
    }
    aws.buckets.set(STATE.bucket, bucketOf(theirs))
    await ensure(STATE, ACCOUNT)
    expect(aws.buckets.get(STATE.bucket)).toMatchObject(theirs)
  })
})

describe.each([
  ['making it', make],
  ['looking at it', lookAtStateBucket],
] as const)('%s refuses', (_name, look) => {
  afterEach(() => {
    expect(aws.writes).toEqual([])
  })

  it('a bucket of another account', async () => {
    aws.buckets.set(STATE.bucket, bucketOf({ owner: '999999999999' }))
    await expect(look(STATE, ACCOUNT)).rejects.toThrow(
      /"my-bucket-tfstate" exists, and account 123456789012 has no access to it: it belongs to someone else, or arn:aws:iam::123456789012:user\/deployer lacks s3:ListBucket.*`state-bucket`/,
    )
  })

  it.each([200, 301, 400, 403])('a bucket in another region (HTTP %d)', async (status) => {
    aws.intercept = (operation) =>
      operation === 'HeadBucket' ? { status, headers: { 'x-amz-bucket-region': 'eu-north-1' } } : undefined
    await expect(look(STATE, ACCOUNT)).rejects.toThrow(
      /lies in eu-north-1, not in eu-west-1\. Set `state-region: eu-north-1` to use it/,
    )
  })

  it('a bucket that cannot be looked at', async () => {
    aws.intercept = () => s3Error(500, 'InternalError')
    await expect(look(STATE, ACCOUNT)).rejects.toThrow(/could not be looked at in eu-west-1/)
  })
})

describe('a bucket of another account, named with state-bucket-owner', () => {
  const CENTRAL = '999999999999'
  const place = { ...STATE, client: { ...STATE.client, owner: CENTRAL } }

  it('whose policy lets this account in is used, and left as it is', async () => {
    aws.buckets.set(STATE.bucket, bucketOf({ owner: CENTRAL, shared: true }))
    await expect(ensure(place, ACCOUNT)).resolves.toBe('used')
    expect(aws.writes).toEqual([])
    // That its name is right is not enough.
    await expect(ensure(STATE, ACCOUNT)).rejects.toThrow(/belongs to someone else.*`state-bucket-owner`/)
  })

  it('that is of a third one is refused', async () => {
    aws.buckets.set(STATE.bucket, bucketOf({ owner: '888888888888', shared: true }))
    await expect(ensure(place, ACCOUNT)).rejects.toThrow(/does not belong to account 999999999999/)
  })

  it('that is missing is not made', async () => {
    await expect(ensure(place, ACCOUNT)).rejects.toThrow(/999999999999 has no bucket.*Make it there/)
    expect(aws.writes).toEqual([])
  })
})

it('asks S3 to check the owner of everything it writes to', async () => {
  await ensure(STATE, ACCOUNT)
  const unchecked = aws.requests.filter(
    ({ headers, method }) => method === 'PUT' && headers['x-amz-expected-bucket-owner'] === undefined,
  )
  // The bucket that is being made has no owner yet.
  expect(unchecked).toHaveLength(1)
  expect(unchecked[0]?.headers['x-amz-object-ownership']).toBe('BucketOwnerEnforced')
})
