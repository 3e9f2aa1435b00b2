import { desiredStore, keySituation, planStore } from '../../src/decide/store'
import type { AccessKey, StackOutputs } from '../../src/store/outputs'
import type { Store } from '../../src/valohai'
import { requestOf, ROLE_ARN } from '../support/fake-world'

const at = (minutes: number): Date => new Date(Date.UTC(2026, 0, 1, 0, minutes))

const key = (generation: number): AccessKey => ({
  generation: String(generation),
  id: `AKIA${generation}`,
  created: at(generation * 10),
})

const outputs = (fields: Partial<StackOutputs> = {}): StackOutputs => ({
  bucket: 'my-bucket',
  bucketArn: 'arn:aws:s3:::my-bucket',
  region: 'eu-west-1',
  iamUserArn: 'arn:aws:iam::123456789012:user/valohai-my-bucket',
  multipartRoleArn: ROLE_ARN,
  accessKeys: [key(1)],
  encryptedSecret: 'encrypted',
  plainSecret: undefined,
  ...fields,
})

const store = (fields: Partial<Store> = {}): Store => ({
  id: 'store-1',
  name: 'my-bucket',
  type: 's3',
  deleted: false,
  bucket: 'my-bucket',
  region: 'eu-west-1',
  accessKeyId: 'AKIA1',
  multipartRoleArn: ROLE_ARN,
  kmsKeyArn: '',
  mtime: at(15),
  access: {},
  ...fields,
})

/** The same store where the API hides its key. */
const hidden = (fields: Partial<Store> = {}): Store => without(store(fields), 'accessKeyId')

/** A store without some of its fields. */
function without<K extends keyof Store>(one: Store, ...fields: K[]): Omit<Store, K> {
  return Object.fromEntries(
    Object.entries(one).filter(([name]) => !(fields as string[]).includes(name)),
  ) as Omit<Store, K>
}

const KMS = 'arn:aws:kms:eu-west-1:123456789012:key/1'

describe('desiredStore', () => {
  it('is of the configuration and the newest key', () => {
    expect(
      desiredStore(requestOf({}, { storeName: 'Ours' }), outputs({ accessKeys: [key(1), key(2)] })),
    ).toEqual({
      name: 'Ours',
      bucket: 'my-bucket',
      region: 'eu-west-1',
      accessKeyId: 'AKIA2',
      multipartRoleArn: ROLE_ARN,
    })
  })

  it('has no role where there is none, and the KMS key where there is one', () => {
    const desired = desiredStore(requestOf({}, { kmsKeyArn: KMS }), outputs({ multipartRoleArn: undefined }))
    expect(desired).not.toHaveProperty('multipartRoleArn')
    expect(desired.kmsKeyArn).toBe(KMS)
  })
})

describe('planStore', () => {
  const unchanged = { action: 'unchanged', fields: [], needsSecret: false }

  it('creates the store that is missing', () => {
    expect(planStore(requestOf(), undefined, outputs())).toEqual({
      action: 'created',
      fields: [],
      needsSecret: true,
    })
  })

  it('leaves a store that is as it has to be', () => {
    expect(planStore(requestOf(), store(), outputs())).toEqual(unchanged)
  })

  it('needs no secret for a new name', () => {
    expect(planStore(requestOf({}, { storeName: 'Ours' }), store(), outputs())).toEqual({
      action: 'updated',
      fields: ['name'],
      needsSecret: false,
    })
  })

  it.each<[string, Partial<Store>]>([
    ['region', { region: 'us-east-1' }],
    ['multipart_upload_iam_role', { multipartRoleArn: 'arn:aws:iam::1:role/other' }],
    ['multipart_upload_iam_role', { multipartRoleArn: '' }],
    ['kms_key_arn', { kmsKeyArn: KMS }],
  ])('needs the secret to write another %s (%j)', (field, fields) => {
    expect(planStore(requestOf(), store(fields), outputs())).toEqual({
      action: 'updated',
      fields: [field],
      needsSecret: true,
    })
  })

  it('needs the secret for a name and another field', () => {
    const plan = planStore(requestOf({}, { storeName: 'Ours' }), store({ region: 'us-east-1' }), outputs())
    expect(plan).toEqual({ action: 'updated', fields: ['name', 'region'], needsSecret: true })
  })

  it('writes the store whose key is none of ours, though its fields are right', () => {
    expect(planStore(requestOf(), store({ accessKeyId: 'AKIAELSE' }), outputs())).toEqual({
      action: 'updated',
      fields: [],
      needsSecret: true,
    })
  })

  it('leaves what the API hides: unknown is no difference', () => {
    const shown = without(store(), 'multipartRoleArn', 'kmsKeyArn', 'region')
    expect(planStore(requestOf(), shown, outputs())).toEqual(unchanged)
  })

  describe('where the role is not as the state has it', () => {
    it.each<[string, Parameters<typeof requestOf>[1], Partial<StackOutputs>]>([
      ['multipart is switched on', {}, { multipartRoleArn: undefined }],
      ['multipart is switched off', { multipart: false }, {}],
      ['it gets another name', { multipartRoleName: 'another' }, {}],
      // `-my-bucket-multipart` ends alike.
      ['its name is the end of the old one', { multipartRoleName: 'multipart' }, {}],
    ])('the store is to get the new one: %s', (_what, asked, state) => {
      expect(planStore(requestOf({}, asked), store(), outputs(state))).toEqual({
        action: 'updated',
        fields: ['multipart_upload_iam_role'],
        needsSecret: true,
      })
    })

    it('names the field once where the store differs too', () => {
      const plan = planStore(
        requestOf({}, { multipartRoleName: 'another' }),
        store({ multipartRoleArn: '' }),
        outputs(),
      )
      expect(plan.fields).toEqual(['multipart_upload_iam_role'])
    })

    it.each<[string, Parameters<typeof requestOf>[1], Partial<StackOutputs>, Partial<Store>]>([
      [
        'it has the name that was asked for',
        { multipartRoleName: 'asked-for' },
        { multipartRoleArn: 'arn:aws-cn:iam::1:role/asked-for' },
        { multipartRoleArn: 'arn:aws-cn:iam::1:role/asked-for' },
      ],
      [
        'there is none, and none is asked for',
        { multipart: false },
        { multipartRoleArn: undefined },
        { multipartRoleArn: '' },
      ],
    ])('and nothing is to change where it is: %s', (_what, asked, state, fields) => {
      expect(planStore(requestOf({}, asked), store(fields), outputs(state))).toEqual(unchanged)
    })
  })

  it.each([
    [store({ accessKeyId: 'AKIA1' }), false],
    [hidden({ mtime: at(15) }), false],
    [hidden({ mtime: at(5) }), true],
  ])('goes by the key, or by the time where it is hidden: %j', (one, needsSecret) => {
    expect(planStore(requestOf(), one, outputs()).needsSecret).toBe(needsSecret)
  })
})

describe('keySituation', () => {
  const situation = (
    one: Store | undefined,
    state: Partial<StackOutputs> = {},
  ): ReturnType<typeof keySituation> =>
    keySituation(planStore(requestOf(), one, outputs(state)), one, outputs(state))

  it('of nothing at all', () => {
    expect(situation(undefined, { accessKeys: [], multipartRoleArn: undefined })).toEqual({
      generations: [],
      held: undefined,
      mayHoldAny: false,
      storeNeedsSecret: true,
      secretAtHand: false,
    })
  })

  it.each([
    ['AKIA1', '1', false],
    ['AKIA2', '2', false],
    ['AKIAELSE', undefined, true],
  ])('of a store with the key %s', (accessKeyId, held, storeNeedsSecret) => {
    expect(situation(store({ accessKeyId }), { accessKeys: [key(1), key(2)] })).toEqual({
      generations: ['1', '2'],
      held,
      mayHoldAny: false,
      storeNeedsSecret,
      secretAtHand: false,
    })
  })

  it.each([
    [5, undefined, true],
    [15, '1', false],
    [25, '2', false],
  ])('of a store with a hidden key, written in minute %d', (minute, held, storeNeedsSecret) => {
    expect(situation(hidden({ mtime: at(minute) }), { accessKeys: [key(1), key(2)] })).toMatchObject({
      held,
      mayHoldAny: true,
      storeNeedsSecret,
    })
  })

  it('of a plan that is not given Valohai: the newest key counts as the one it holds', () => {
    expect(keySituation(undefined, undefined, outputs({ accessKeys: [key(1), key(2)] }))).toEqual({
      generations: ['1', '2'],
      held: '2',
      mayHoldAny: false,
      storeNeedsSecret: false,
      secretAtHand: false,
    })
  })

  it('of a secret in plain', () => {
    expect(situation(undefined, { plainSecret: 'in plain', encryptedSecret: undefined }).secretAtHand).toBe(
      true,
    )
  })
})
