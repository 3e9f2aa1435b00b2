import * as fc from 'fast-check'
import { bucketName } from '../../src/config/bucket'
import { stateBucketName, stateKey, withSuffix } from '../../src/config/names'

const bucket = fc
  .stringMatching(/^[a-z0-9](?:[a-z0-9-]{1,61})[a-z0-9]$/)
  .filter((name) => 'value' in bucketName(name))

describe('stateBucketName', () => {
  it('is the bucket and -tfstate while that fits', () => {
    expect(stateBucketName('my-bucket')).toBe('my-bucket-tfstate')
    expect(stateBucketName('a'.repeat(55))).toBe(`${'a'.repeat(55)}-tfstate`)
  })

  it('is shortened with a hash over 63 characters, the same one every time', () => {
    // A changed hash would lose the state of everybody with a long name.
    expect(stateBucketName('a'.repeat(56))).toBe(`${'a'.repeat(46)}-b35439a4-tfstate`)
  })

  it('differs for buckets that begin alike', () => {
    expect(stateBucketName(`${'a'.repeat(60)}-1`)).not.toBe(stateBucketName(`${'a'.repeat(60)}-2`))
  })

  it('has no double hyphen where the cut is behind one', () => {
    expect(stateBucketName(`${'a'.repeat(44)}--${'b'.repeat(15)}`)).toMatch(/^a{44}-[0-9a-f]{8}-tfstate$/)
  })

  it('is a valid name of another bucket, for any bucket', () => {
    fc.assert(
      fc.property(bucket, (name) => {
        expect(bucketName(stateBucketName(name))).toEqual({ value: stateBucketName(name) })
        expect(stateBucketName(name)).not.toBe(name)
      }),
    )
  })
})

it('withSuffix keeps the suffix and the limit', () => {
  expect(withSuffix('x'.repeat(100), '-role', 64)).toMatch(/^x{50}-[0-9a-f]{8}-role$/)
  expect(withSuffix('x', '-role', 64)).toBe('x-role')
})

it('stateKey names the bucket', () => {
  expect(stateKey('my-bucket')).toBe('valohai-s3/my-bucket.tfstate')
})
