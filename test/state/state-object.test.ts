import type { S3Backend } from '../../src/config'
import { statePlace } from '../../src/state/place'
import { readStateObject, readTerraformLock } from '../../src/state/state-object'
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

describe("Terraform's lock", () => {
  let aws: FakeAws

  const lockOf = (body: string): void => {
    aws.buckets.set('state', bucketOf({ objects: new Map([['k.tfstate.tflock', [{ version: 'v', body }]]]) }))
  }

  beforeEach(async () => {
    aws = await startFakeAws()
    aws.buckets.set('state', bucketOf())
  })

  afterEach(() => aws.close())

  it('is read with its holder and its time', async () => {
    // As Terraform 1.11 writes it.
    lockOf(
      '{"ID":"6b1e","Operation":"OperationTypeApply","Info":"","Who":"ci@runner","Version":"1.11.4","Created":"2026-01-01T00:00:01.234567891Z","Path":"state/k.tfstate"}',
    )
    await expect(readTerraformLock(PLACE)).resolves.toEqual({
      id: '6b1e',
      who: 'ci@runner',
      created: new Date('2026-01-01T00:00:01.234Z'),
    })
  })

  it.each(['', 'not JSON', '{"ID":1}'])(
    'is nobody’s that a run could name where it says %j',
    async (body) => {
      lockOf(body)
      await expect(readTerraformLock(PLACE)).resolves.toBeUndefined()
    },
  )

  it('is missing where there is none', async () => {
    await expect(readTerraformLock(PLACE)).resolves.toBeUndefined()
  })
})
