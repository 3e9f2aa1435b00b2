import { decide } from '../../src/decide/decide'
import { outcomeOf, outputsOf, type Outcome } from '../../src/decide/outcome'
import type { Plan } from '../../src/decide/plan'
import { OUTPUTS } from '../../src/config'
import { ROLE_ARN, USER_ARN } from '../support/fake-cloud'
import { ago, NOW, worldOf, type Sketch } from '../support/observed'
import { defaultOptions } from '../support/options'

const STORE = defaultOptions('my-bucket')
const QUIET: Plan = { hasChanges: false, toAdd: 0, toChange: 0, toDestroy: 0, changes: [] }
const PLAN: Plan = {
  hasChanges: true,
  toAdd: 1,
  toChange: 2,
  toDestroy: 3,
  changes: [{ address: 'aws_iam_access_key.store["2"]', type: 'aws_iam_access_key', action: 'create' }],
}

interface Run extends Sketch {
  readonly isDone?: boolean
  readonly wish?: 'apply' | 'rotate-key'
  readonly plan?: Plan
  /** The world as the run leaves it. @default - as it was found */
  readonly after?: Sketch
}

function outcome({ isDone = true, wish = 'apply', plan = QUIET, after, ...before }: Run): Outcome {
  const observed = worldOf(before)
  const left = worldOf(after ?? before)
  return outcomeOf({
    command: isDone ? wish : 'plan',
    isDone,
    digest: '0123456789abcdef',
    observed,
    decision: decide({ wish, store: STORE }, observed),
    plan,
    reached: { state: left.state, store: left.valohai?.store },
    storeUrl: 'https://app.valohai.com/stores/store-1',
    directory: '/tmp/terraform',
    diff: undefined,
  })
}

const ONE = { iam: { 1: 30 }, shows: '1' } as const
const ROTATION: Run = { ...ONE, wish: 'rotate-key', plan: PLAN, after: { iam: { 1: 30, 2: 0 }, shows: '2' } }
const RETIRING = { iam: { 1: 90, 2: 3 }, shows: '2', record: { 2: ['taken', 3] } } as const

it.each<[what: string, run: Run, changes: boolean]>([
  ['nothing to do', ONE, false],
  ['a plan of Terraform', { ...ONE, plan: PLAN }, true],
  [
    'a step besides Terraform',
    { ...ONE, store: { name: 'x', bucket: 'my-bucket' }, wish: 'rotate-key' },
    true,
  ],
  ['something that waits', { ...RETIRING, store: { region: 'us-east-1' } }, false],
])('%s: changes is %s', (_what, run, changes) => {
  expect(outcome(run).changes).toBe(changes)
})

it('tells what Terraform did, and what stands in AWS', () => {
  expect(outcome(ROTATION).aws).toEqual({
    toAdd: 1,
    toChange: 2,
    toDestroy: 3,
    changes: PLAN.changes,
    diff: undefined,
    directory: '/tmp/terraform',
    bucketArn: 'arn:aws:s3:::my-bucket',
    iamUserArn: USER_ARN,
    multipartRoleArn: ROLE_ARN,
  })
})

describe('the keys of', () => {
  it('a quiet run are as they are', () => {
    expect(outcome(ONE).keys).toEqual({ current: { id: 'AKIA1', created: ago(30) }, retiring: [] })
  })

  it('a grace have its end', () => {
    expect(outcome(RETIRING).keys.retiring).toEqual([{ id: 'AKIA1', until: ago(-4), because: undefined }])
  })

  it('a rotation are the new one, and the old one in its grace', () => {
    expect(outcome(ROTATION).keys).toEqual({
      current: { id: 'AKIA2', created: NOW },
      retiring: [{ id: 'AKIA1', until: ago(-7), because: undefined }],
    })
  })

  it('a plan of it are still those that there are', () => {
    const planned = outcome({ ...ROTATION, isDone: false, after: ONE })
    expect(planned.keys).toEqual({ current: { id: 'AKIA1', created: ago(30) }, retiring: [] })
  })
})

describe('the default store', () => {
  it.each<[what: string, run: Run, expected: Outcome['valohai']]>([
    [
      'was this store',
      ONE,
      expect.objectContaining({ defaultStore: { before: 'store-1', changes: false, isThisStore: true } }),
    ],
    ['is not asked for', { ...ONE, store: 'unasked' }, undefined],
  ])('%s', (_what, run, expected) => {
    expect(outcome(run).valohai).toEqual(expected)
  })

  it.each([true, false])('is this store once that is done: %s', (isDone) => {
    const { valohai } = outcome({ store: 'missing', isDone, after: isDone ? ONE : { store: 'missing' } })
    expect(valohai).toMatchObject({
      project: 'acme/churn-model',
      action: 'created',
      storeName: 'my-bucket',
      storeId: isDone ? 'store-1' : undefined,
      defaultStore: { changes: true, isThisStore: isDone },
    })
  })
})

describe('outputs', () => {
  it('are those of the table, and no other', () => {
    const names = Object.keys(outputsOf(outcome(ROTATION), { store: STORE }))
    const ofCheck = ['drift', 'findings']
    expect([...names, ...ofCheck].sort()).toEqual(Object.keys(OUTPUTS).sort())
  })

  it('are texts', () => {
    expect(outputsOf(outcome(ROTATION), { store: STORE })).toEqual({
      changes: 'true',
      'to-add': '1',
      'to-change': '2',
      'to-destroy': '3',
      'plan-digest': '0123456789abcdef',
      'terraform-dir': '/tmp/terraform',
      bucket: 'my-bucket',
      'bucket-arn': 'arn:aws:s3:::my-bucket',
      region: 'eu-west-1',
      'iam-user-arn': USER_ARN,
      'access-key-id': 'AKIA2',
      'multipart-role-arn': ROLE_ARN,
      'store-id': 'store-1',
      'store-url': 'https://app.valohai.com/stores/store-1',
      'store-action': 'updated',
      'default-store': 'true',
      'key-retires-on': '2026-03-08',
    })
  })

  it('leave out what is not known', () => {
    expect(outputsOf(outcome({ store: 'unasked' }), { store: STORE })).toEqual({
      changes: 'false',
      'to-add': '0',
      'to-change': '0',
      'to-destroy': '0',
      'plan-digest': '0123456789abcdef',
      'terraform-dir': '/tmp/terraform',
      bucket: 'my-bucket',
      region: 'eu-west-1',
      'key-retires-on': '',
    })
  })
})
