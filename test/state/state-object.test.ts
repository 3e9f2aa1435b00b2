import type { S3Backend } from '../../src/config'
import { statePlace } from '../../src/state/place'
import { readStateObject } from '../../src/state/state-object'
import { ACCOUNT, bucketOf, s3Error, startFakeAws, type FakeAws } from '../support/fake-aws'

const BACKEND: S3Backend = {
  type: 's3',
  bucket: 'state',
  key: 'k.tfstate',
  region: 'eu-west-1',
  owner: undefined,
  extra: {},
}
const PLACE = statePlace(BACKEND, ACCOUNT, {})

describe('the state', () => {
  let aws: FakeAws

  beforeEach(async () => {
    aws = await startFakeAws()
    aws.buckets.set('state', bucketOf())
  })

  afterEach(() => aws.close())

  it('is read as it is', async () => {
    aws.buckets.get('state')?.objects.set('k.tfstate', [{ version: 'v', body: '{"version":4}' }])
    await expect(readStateObject(PLACE)).resolves.toBe('{"version":4}')
  })

  it('is empty where there is none yet', async () => {
    await expect(readStateObject(PLACE)).resolves.toBe('')
  })

  it.each([
    [403, 'AccessDenied'],
    [404, 'NoSuchBucket'],
  ])('that cannot be read (%d %s) is not taken for an empty one', async (status, code) => {
    aws.intercept = () => s3Error(status, code)
    await expect(readStateObject(PLACE)).rejects.toThrow(`s3://state/k.tfstate could not be read: ${code}`)
  })
})
