import { refuseElsewhere } from '../../src/aws/preflight'
import { ACCOUNT, bucketOf, startFakeAws, type FakeAws } from '../support/fake-aws'

let aws: FakeAws

beforeEach(async () => {
  aws = await startFakeAws()
})

afterEach(() => aws.close())

const look = (): Promise<void> => refuseElsewhere({ name: 'my-bucket', region: 'eu-west-1' }, ACCOUNT)

it('a bucket that is where the outputs say passes', async () => {
  aws.buckets.set('my-bucket', bucketOf({ region: 'eu-west-1' }))
  await expect(look()).resolves.toBeUndefined()
})

it('a refusal tells the region, too', async () => {
  const reply = (region: string) => () => ({ status: 403, headers: { 'x-amz-bucket-region': region } })
  aws.intercept = reply('eu-west-1')
  await expect(look()).resolves.toBeUndefined()
  aws.intercept = reply('us-east-1')
  await expect(look()).rejects.toThrow('The bucket my-bucket is in us-east-1, and the outputs say eu-west-1.')
})

it('another region and a bucket that is gone are told', async () => {
  await expect(look()).rejects.toThrow('There is no bucket my-bucket')
  aws.buckets.set('my-bucket', bucketOf({ region: 'eu-central-1' }))
  await expect(look()).rejects.toThrow('is in eu-central-1')
})
