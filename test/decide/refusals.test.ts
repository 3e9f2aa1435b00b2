import type { Observed, Store } from '../../src/decide/observed'
import type { Action, Plan } from '../../src/decide/plan'
import { refusalOf, refuseRenames } from '../../src/decide/refusals'
import { refuseOthersStores } from '../../src/decide/whose-key'
import type { StoreSpec } from '../../src/store/spec'
import { store, without, worldOf, type Sketch } from '../support/observed'
import { defaultOptions } from '../support/options'

const SPEC = defaultOptions('my-bucket')
const ONE: Sketch = { iam: { 1: 30 } }
const NO_STORE: Sketch = { ...ONE, store: 'missing' }

describe('a name in use', () => {
  it.each<[Partial<StoreSpec>, RegExp]>([
    [
      { iamUserName: 'new' },
      /IAM user is called valohai-my-bucket.*renamed to new.*`iam-user-name: valohai-my-bucket`/,
    ],
    [
      { multipartRoleName: 'new' },
      /role is called .*-multipart.*`multipart-role-name: valohai-my-bucket-multipart`/,
    ],
  ])('is not changed: %j', (asked, message) => {
    expect(() => refuseRenames({ ...SPEC, ...asked }, worldOf(ONE).state)).toThrow(message)
  })

  it.each<[what: string, asked: Partial<StoreSpec>, sketch: Sketch]>([
    ['is asked for as it is', { iamUserName: 'valohai-my-bucket' }, ONE],
    ['is asked for before anything is made', { iamUserName: 'new', multipartRoleName: 'new' }, {}],
    ['is that of a role that goes', { multipart: false, multipartRoleName: 'new' }, ONE],
  ])('may be any where it %s', (_what, asked, sketch) => {
    expect(() => refuseRenames({ ...SPEC, ...asked }, worldOf(sketch).state)).not.toThrow()
  })
})

describe('stores of others', () => {
  const worldWith = (others: readonly Store[], sketch: Sketch = NO_STORE): Observed => {
    const world = worldOf(sketch)
    return { ...world, valohai: world.valohai && { ...world.valohai, others } }
  }
  const elsewhere = store({ id: 'theirs', name: 'theirs', projectId: 'p2' })

  it.each<[what: string, theirs: Store, record?: Sketch['record']]>([
    ['shows our key', { ...elsewhere, accessKeyId: 'AKIA1' }],
    ['was given our key, and hides it', { ...elsewhere, id: 'store-1' }, { 1: ['taken', 3] }],
    ['was offered our key, and hides it', { ...elsewhere, id: 'store-1' }, { 1: ['offered', 3] }],
  ])('stop the run where one of the bucket %s, with both ways out', (_what, theirs, record = {}) => {
    const world = worldWith([theirs], { ...ONE, record })
    expect(() => refuseOthersStores(SPEC, world)).toThrow(
      /"theirs" .* of another project works with .*\n.*for acme\/churn-model .*\n {4}manage-bucket: false\n.*\n {4}store-access: organization$/,
    )
  })

  it.each<[what: string, takes: Store, message: RegExp]>([
    [
      'for the bucket, in another project',
      { ...elsewhere, name: 'my-bucket' },
      /taken by the store theirs of the same owner \(acme\) in the project p2 for the bucket my-bucket, for the same bucket\.\n(.*\n)+.*manage-bucket: false/,
    ],
    [
      'for another bucket',
      store({ bucket: 'theirs' }),
      /taken by the store store-1 in this project for the bucket theirs\. Choose another `store-name`\.$/,
    ],
    ['of another type', store({ type: 'google' }), /store-1 in this project, a google store/],
    [
      'of the organization',
      without(elsewhere, 'projectId'),
      /of the same owner \(acme\) for the bucket my-bucket, for the same bucket\.\n/,
    ],
  ])('stop the run where the name is taken %s', (_what, takes, message) => {
    expect(() => refuseOthersStores(SPEC, worldWith([{ ...takes, name: 'my-bucket' }]))).toThrow(message)
  })

  it.each<[what: string, other: Store, sketch?: Sketch]>([
    ['with a key of their own', { ...elsewhere, accessKeyId: 'AKIAX' }],
    ['whose key is hidden and not recorded', elsewhere],
    ['of the same name, of another owner', { ...elsewhere, name: 'my-bucket', ownerId: '43' }],
    ['of the same name, where ours is there', { ...elsewhere, name: 'my-bucket' }, ONE],
  ])('are let be: %s', (_what, other, sketch = NO_STORE) => {
    expect(() => refuseOthersStores(SPEC, worldWith([other], sketch))).not.toThrow()
  })

  it('are not looked at where Valohai is not asked', () => {
    expect(() => refuseOthersStores(SPEC, worldOf({ store: 'unasked' }))).not.toThrow()
  })
})

describe('a plan', () => {
  const planOf = (...changes: [address: string, action: Action][]): Plan => ({
    hasChanges: true,
    toAdd: 0,
    toChange: 0,
    toDestroy: 0,
    changes: changes.map(([address, action]) => ({ address, type: address.split('.')[0]!, action })),
  })
  const refusal = (plan: Plan, asked: Partial<StoreSpec> = {}): string | undefined =>
    refusalOf(plan, { going: ['1'], spec: { ...SPEC, ...asked } })

  it.each<[address: string, action: Action]>([
    ['aws_s3_bucket.store', 'delete'],
    ['aws_s3_bucket.store', 'replace'],
    ['aws_s3_bucket.renamed', 'forget'],
  ])('that takes the bucket is refused: %s, %s', (address, action) => {
    const words = refusal(planOf(['aws_iam_user.store', 'create'], [address, action]))
    expect(words).toContain(`would ${action} the bucket (${address})`)
    expect(words).toContain('`state-key`')
  })

  it.each<[address: string, action: Action]>([
    ['aws_iam_user.store', 'delete'],
    ['aws_iam_user.store', 'replace'],
    ['aws_iam_user_policy.store', 'delete'],
    ['aws_iam_access_key.store["2"]', 'delete'],
    ['aws_iam_access_key.store["1"]', 'replace'],
    ['aws_iam_role.multipart', 'replace'],
    ['aws_iam_role_policy.multipart', 'delete'],
  ])('that takes what Valohai works with, unasked, is refused: %s, %s', (address, action) => {
    expect(refusal(planOf([address, action]))).toContain(`\n- ${action} ${address}\n`)
  })

  it.each<[what: string, plan: Plan, asked?: Partial<StoreSpec>]>([
    ['nothing', planOf()],
    ['a change of the bucket', planOf(['aws_s3_bucket.store', 'update'])],
    ['a setting of the bucket that goes', planOf(['aws_s3_bucket_cors_configuration.store', 'delete'])],
    ['a key that goes', planOf(['aws_iam_access_key.store["1"]', 'delete'])],
    [
      'a role that goes',
      planOf(['aws_iam_role.multipart', 'delete'], ['aws_iam_role_policy.multipart', 'delete']),
      { multipart: false },
    ],
    [
      'a role that follows its user',
      planOf(['aws_iam_user.store', 'create'], ['aws_iam_role.multipart', 'replace']),
    ],
  ])('is let be: %s', (_what, plan, asked = {}) => {
    expect(refusal(plan, asked)).toBeUndefined()
  })
})
