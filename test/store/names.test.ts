import * as fc from 'fast-check'
import { bucketName } from '../../src/config/bucket'
import {
  iamUserName,
  iamUserNameExpression,
  multipartRoleName,
  multipartRoleNameExpression,
  stateBucketName,
  stateKey,
} from '../../src/store/names'
import { evaluate } from '../infra/hcl/terraform'

const FAMILIES = [
  ['iamUserName', iamUserName, iamUserNameExpression],
  ['multipartRoleName', multipartRoleName, multipartRoleNameExpression],
] as const

/** S3's names without dots, long ones as often as short ones. */
const bucket = fc.oneof(
  fc.stringMatching(/^[a-z0-9][a-z0-9-]{1,20}[a-z0-9]$/),
  fc.stringMatching(/^[a-z0-9][a-z0-9-]{40,61}[a-z0-9]$/),
)

it.each([
  [iamUserName('my-bucket'), 'valohai-my-bucket'],
  [multipartRoleName('my-bucket'), 'valohai-my-bucket-multipart'],
  // The longest that fit, and one character more. A changed name would make another user: never change these.
  [iamUserName('a'.repeat(56)), `valohai-${'a'.repeat(56)}`],
  [iamUserName('a'.repeat(57)), `valohai-${'a'.repeat(47)}-f13b2d72`],
  [multipartRoleName('a'.repeat(46)), `valohai-${'a'.repeat(46)}-multipart`],
  [multipartRoleName('a'.repeat(47)), `valohai-${'a'.repeat(37)}-11eaed93-multipart`],
])('%s', (name, expected) => {
  expect(name).toBe(expected)
})

describe.each(FAMILIES)('%s', (_what, nameOf) => {
  it("is within IAM's 64 characters, and of characters that IAM takes", () => {
    fc.assert(
      fc.property(bucket, (name) => {
        expect(nameOf(name)).toMatch(/^[A-Za-z0-9_+=,.@-]{1,64}$/)
      }),
    )
  })

  it('is the same every time, and another one for another bucket', () => {
    fc.assert(
      fc.property(bucket, bucket, (a, b) => {
        expect(nameOf(a)).toBe(nameOf(a))
        if (a !== b) expect(nameOf(a)).not.toBe(nameOf(b))
      }),
    )
  })

  it('tells long names apart that begin alike', () => {
    const names = ['1', '2', '12', '21'].map((end) => nameOf(`${'a'.repeat(60)}-${end}`))
    expect(new Set(names).size).toBe(4)
  })
})

it('Terraform evaluates the expressions to the same names', () => {
  const buckets = [
    ...['a-b', 'my-bucket', `${'a'.repeat(45)}-`, 'b'.repeat(46), 'b'.repeat(47)],
    ...['c'.repeat(56), 'c'.repeat(57), 'd'.repeat(63), `${'e'.repeat(46)}--${'e'.repeat(15)}`],
    ...fc.sample(bucket, { numRuns: 40, seed: 1 }),
  ]
  const locals = FAMILIES.map(([what, , expression]) => {
    const ofName = expression().replaceAll('var.bucket_name', 'name')
    return `  ${what} = [for name in ${JSON.stringify(buckets)} : ${ofName}]`
  })
  expect(
    evaluate(
      'main.tf',
      `locals {\n${locals.join('\n')}\n}\n`,
      '[local.iamUserName, local.multipartRoleName]',
    ),
  ).toEqual([buckets.map(iamUserName), buckets.map(multipartRoleName)])
})

const bucketOfS3 = fc
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
      fc.property(bucketOfS3, (name) => {
        expect(bucketName(stateBucketName(name))).toEqual({ value: stateBucketName(name) })
        expect(stateBucketName(name)).not.toBe(name)
      }),
    )
  })
})

it('stateKey names the bucket', () => {
  expect(stateKey('my-bucket')).toBe('valohai-s3/my-bucket.tfstate')
})
