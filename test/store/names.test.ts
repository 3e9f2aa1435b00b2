import * as fc from 'fast-check'
import { bucketName } from '../../src/config/bucket'
import {
  iamUserName,
  iamUserNameExpression,
  multipartRoleName,
  multipartRoleNameExpression,
  newStoreName,
  roleName,
  stateBucketName,
  stateKeyOf,
  userName,
} from '../../src/store/names'
import type { StoreSpec } from '../../src/store/spec'
import { evaluate } from '../infra/hcl/terraform'
import { defaultOptions } from '../support/options'

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

describe('the names of a store', () => {
  const namesOf = (changes: Partial<StoreSpec> = {}): string[] => {
    const spec = { ...defaultOptions('my-bucket'), ...changes }
    return [userName(spec), roleName(spec), newStoreName(spec), stateKeyOf(spec)]
  }

  it('come from the bucket, whichever project it is for', () => {
    const expected = ['valohai-my-bucket', 'valohai-my-bucket-multipart', 'my-bucket', 'valohai-s3/my-bucket.tfstate']
    expect(namesOf()).toEqual(expected)
    expect(namesOf({ projects: ['acme/other'], storeAccess: 'organization' })).toEqual(expected)
    expect(namesOf({ manageBucket: false, projects: [] })).toEqual(expected)
  }) // prettier-ignore

  it.each<[Partial<StoreSpec>, string]>([
    [{ projects: ['acme/churn-model'] }, 'my-bucket-acme-churn-model'],
    [{ projects: ['Acme:Vision/Churn_Model.2'] }, 'my-bucket-acme-vision-churn-model-2'],
    [{ projects: ['01890a5d-ac96-774b-bcce-b302099a8057'] }, 'my-bucket-01890a5d-ac96-774b-bcce-b302099a8057'],
    [{ projects: ['Acme/a', 'Acme/b'], storeAccess: 'organization' }, 'my-bucket-acme'],
  ])('come from the project too where the bucket is managed elsewhere: %j', (changes, base) => {
    const names = namesOf({ manageBucket: false, ...changes })
    expect(names[2]).toBe(base)
    expect(names[3]).toBe(`valohai-s3/${base}.tfstate`)
    expect([iamUserName(base), multipartRoleName(base)]).toEqual(names.slice(0, 2))
  }) // prettier-ignore

  it('are shortened with a hash, and told apart', () => {
    const long = (end: string): string[] =>
      namesOf({ manageBucket: false, projects: [`acme/${'p'.repeat(60)}${end}`] })
    expect(long('1').slice(0, 3).map((name) => name.length)).toEqual([64, 64, 64])
    expect(long('1').filter((name) => long('2').includes(name))).toEqual([])
  }) // prettier-ignore

  it('are those asked for', () => {
    const asked = { iamUserName: 'u', multipartRoleName: 'r', storeName: 's' }
    expect(namesOf({ ...asked, manageBucket: false }).slice(0, 3)).toEqual(['u', 'r', 's'])
  })
})
