import { decide } from '../../src/decide/decide'
import { changesToApprove, planDigest, refusalOfUnapproved, type Change } from '../../src/decide/digest'
import type { Import } from '../../src/decide/existing'
import type { Action, Plan, PlannedChange } from '../../src/decide/plan'
import { askedOf } from '../../src/infra/asked'
import { synthesizeBlocks } from '../../src/infra/synthesize'
import { readPlanDigest } from '../../src/store/plan-digest'
import type { Step } from '../../src/decide/steps'
import { NO_OTHERS, type StoreSpec } from '../../src/store/spec'
import { PROJECT, store, worldOf, type Sketch } from '../support/observed'
import { defaultOptions } from '../support/options'

interface Situation {
  readonly sketch?: Sketch
  /** Whether the store is the project's default. @default true */
  readonly isDefault?: boolean
  /** What Terraform plans: an action and an address each. */
  readonly plan?: readonly string[]
  readonly isTainted?: boolean
  readonly asked?: Partial<StoreSpec>
  readonly wish?: 'apply' | 'rotate-key'
  readonly account?: string
  readonly imports?: readonly Import[]
  /** @default - those that are decided on */
  readonly steps?: readonly Step[]
}

const QUIET = { iam: { 1: 30 }, shows: '1' } as const

function changesOf({
  sketch = QUIET,
  isDefault = true,
  plan = [],
  asked,
  wish = 'apply',
  ...rest
}: Situation): Change[] {
  const spec = { ...defaultOptions('my-bucket'), ...asked }
  const world = worldOf(sketch)
  const project = isDefault ? PROJECT : { ...PROJECT, defaultStore: { known: true, id: null } as const }
  const observed = { ...world, valohai: world.valohai && { ...world.valohai, projects: [project] as const } }
  const decision = decide({ wish, store: spec }, observed)
  const planned: Plan = {
    hasChanges: plan.length > 0,
    toAdd: 0,
    toChange: 0,
    toDestroy: 0,
    changes: plan.map((text): PlannedChange => {
      const [action = '', address = ''] = text.split(' ')
      const type = address.split('.')[0] ?? ''
      return { action: action as Action, address, type, ...(rest.isTainted ? { isTainted: true } : {}) }
    }),
  }
  return changesToApprove(planned, {
    decision: {
      ...decision,
      imports: rest.imports ?? decision.imports,
      steps: rest.steps ?? decision.steps,
    },
    observed,
    account: rest.account ?? '123456789012',
    asked: askedOf(decision.spec),
  })
}

/** Whether a run may go on in the second situation where the plan of the first was approved. */
function covers(reviewed: Situation, applied: Situation): boolean {
  const digests = readPlanDigest(planDigest(changesOf(reviewed)))
  if ('wrong' in digests) throw new Error(digests.wrong)
  return refusalOfUnapproved(changesOf(applied), { digests: new Set(digests), source: '' }) === undefined
}

const CORS = 'aws_s3_bucket_cors_configuration.store'
const POLICY = 'aws_iam_user_policy.store'
const KEY = 'aws_iam_access_key.store'
const FIRST = { sketch: { store: 'missing' } } as const

/** A replaced key, and no grace to wait for. */
const AT_ONCE = {
  sketch: { iam: { 1: 90, 2: 1 }, shows: '2', record: { 1: ['taken', 90], 2: ['taken', 1] } },
  asked: { keyGraceDays: 0 },
} as const satisfies Situation

describe('a plan covers', () => {
  it.each<[what: string, reviewed: Situation, applied: Situation]>([
    ['itself', { plan: [`update ${CORS}`] }, { plan: [`update ${CORS}`] }],
    ['less of itself', { plan: [`update ${CORS}`, `update ${POLICY}`] }, { plan: [`update ${POLICY}`] }],
    ['nothing at all', {}, {}],
    ['a key of another generation', { plan: [`create ${KEY}["1"]`] }, { plan: [`create ${KEY}["2"]`] }],
    ['the rest of what it makes', { plan: [`create ${CORS}`] }, { plan: [`update ${CORS}`] }],
    ['the rest of a replacement', { plan: [`replace ${CORS}`] }, { plan: [`create ${CORS}`] }],
    [
      'what was left half made',
      { plan: [`create ${POLICY}`] },
      { plan: [`replace ${POLICY}`], isTainted: true },
    ],
    [
      'what was made, and its answer was lost',
      { plan: ['create aws_iam_user.store'] },
      { plan: ['import aws_iam_user.store'], imports: [{ to: 'aws_iam_user.store', id: 'x' }] },
    ],
    [
      'the rest of what it takes over',
      { plan: [`import ${CORS}`], imports: [{ to: CORS, id: 'x', isAdopted: true }] },
      { plan: [`update ${CORS}`] },
    ],
    ['steps in Valohai', FIRST, FIRST],
    ['the rest of steps in Valohai', FIRST, { isDefault: false }],
    [
      'fields of a store that it creates',
      FIRST,
      { sketch: { ...QUIET, store: { region: 'us-east-1' } }, isDefault: false },
    ],
    [
      'a key whose time is over',
      {},
      {
        sketch: { iam: { 1: 90, 2: 30 }, shows: '2', record: { 2: ['taken', 30] } },
        plan: [`delete ${KEY}["1"]`],
      },
    ],
    [
      'a key that goes at once, whether the state has it or not',
      { ...AT_ONCE, plan: [`delete ${KEY}["1"]`] },
      { ...AT_ONCE, sketch: { ...AT_ONCE.sketch, state: ['2'] } },
    ],
    ['reads and moves', {}, { plan: [`read ${CORS}`, `move ${CORS}`, `noop ${CORS}`] }],
    [
      'tags in another order',
      { plan: ['update aws_iam_user.store'], asked: { tags: { a: '1', b: '2' } } },
      { plan: ['update aws_iam_user.store'], asked: { tags: { b: '2', a: '1' } } },
    ],
    [
      'a setting that concerns something else',
      { plan: [`update ${CORS}`], asked: { abortMultipartDays: 3 } },
      { plan: [`update ${CORS}`], asked: { abortMultipartDays: 4 } },
    ],
  ])('%s', (_, reviewed, applied) => {
    expect(covers(reviewed, applied)).toBe(true)
  })
})

describe('a plan does not cover', () => {
  const update = (asked: Partial<StoreSpec>, address = CORS): Situation => ({
    plan: [`update ${address}`],
    asked,
  })
  it.each<[what: string, reviewed: Situation, applied: Situation]>([
    ['a key that goes at once', {}, { ...AT_ONCE, plan: [`delete ${KEY}["1"]`] }],
    ['one that the state lacks', {}, { ...AT_ONCE, sketch: { ...AT_ONCE.sketch, state: ['2'] } }],
    ['more than itself', { plan: [`update ${CORS}`] }, { plan: [`update ${CORS}`, `update ${POLICY}`] }],
    ['another action', { plan: [`update ${POLICY}`] }, { plan: [`delete ${POLICY}`] }],
    ['making what it changes', { plan: [`update ${CORS}`] }, { plan: [`create ${CORS}`] }],
    ['forgetting what it deletes', { plan: [`delete ${CORS}`] }, { plan: [`forget ${CORS}`] }],
    [
      'taking over what it makes',
      { plan: [`create ${CORS}`] },
      { plan: [`import ${CORS}`], imports: [{ to: CORS, id: 'x', isAdopted: true }] },
    ],
    [
      'another value',
      update({ valohaiOrigin: 'https://a.example' }),
      update({ valohaiOrigin: 'https://b.example' }),
    ],
    [
      'other tags',
      update({ tags: { a: '1' } }, 'aws_iam_user.store'),
      update({ tags: {} }, 'aws_iam_user.store'),
    ],
    [
      'another statement of a policy',
      update({}, 'aws_s3_bucket_policy.store'),
      update({ denyReconfiguration: true }, 'aws_s3_bucket_policy.store'),
    ],
    [
      'another name, by a local',
      { plan: ['create aws_iam_user.store'], sketch: { store: 'missing' } },
      { plan: ['create aws_iam_user.store'], sketch: { store: 'missing' }, asked: { iamUserName: 'other' } },
    ],
    ['another account', { plan: [`update ${CORS}`] }, { plan: [`update ${CORS}`], account: '210987654321' }],
    [
      'a key that is replaced at once',
      { plan: [`create ${KEY}["2"]`], wish: 'rotate-key' },
      {
        plan: [`create ${KEY}["2"]`, `delete ${KEY}["1"]`],
        wish: 'rotate-key',
        asked: { keyGraceDays: 0 },
      },
    ],
    [
      'Valohai, without Valohai',
      { sketch: { store: 'unasked' }, plan: [`create ${CORS}`] },
      { plan: [`create ${CORS}`] },
    ],
    ['another default store', {}, { isDefault: false }],
    ['a store that was changed', {}, { sketch: { ...QUIET, store: { region: 'us-east-1' } }, plan: [] }],
    [
      'a store that was deleted',
      { sketch: { ...QUIET, store: { region: 'us-east-1' } } },
      { sketch: { store: 'missing' } },
    ],
    [
      'more fields of a store',
      { sketch: { ...QUIET, store: { region: 'us-east-1' } } },
      { sketch: { ...QUIET, store: { region: 'us-east-1', bucket: 'other' } } },
    ],
  ])('%s', (_, reviewed, applied) => {
    expect(covers(reviewed, applied)).toBe(false)
  })
})

it('a refusal names what is new, where approval comes from, and the digest of now', () => {
  const changes = changesOf({ plan: [`update ${CORS}`, `update ${POLICY}`] })
  const digests = new Set([changes[0]!.digest])
  expect(refusalOfUnapproved(changes, { digests, source: 'Approved is what I said.' })).toBe(
    [
      'These changes were not approved, so they are not made:',
      `- update ${POLICY}`,
      'Approved is what I said.',
      'Read a new plan. Where it is right, run again with its digest, from `workflow_dispatch` for example:',
      `approved-plan: ${planDigest(changes)}`,
    ].join('\n'),
  )
})

it('no changes have a digest that is not empty', () => {
  expect(planDigest([])).toBe('none')
  expect(readPlanDigest('none')).toEqual([])
  expect(readPlanDigest('0123456789abcdef, 0123456789abcde')).toEqual({ wrong: '0123456789abcde' })
})

it('two plans of the same thing have the same digest, and each change its own', () => {
  const everything = { ...FIRST, plan: [`create ${CORS}`, `create ${POLICY}`, `create ${KEY}["1"]`] }
  const digest = planDigest(changesOf(everything))
  expect(digest.split(',')).toHaveLength(5)
  expect(planDigest(changesOf(everything))).toBe(digest)
})

describe('in a first run, with every part', () => {
  const KMS = 'arn:aws:kms:eu-west-1:123456789012:key/1'
  const EVERYTHING: Partial<StoreSpec> = {
    kmsKeyArn: KMS,
    kmsDecryptKeyArns: [`${KMS}2`],
    versioning: true,
    abortMultipartDays: 3,
    tags: { a: '1', b: '2' },
    stateTag: 's3://states/one.tfstate',
  }
  const target = { layout: 'root', format: 'json', awsProviderVersion: '' } as const

  /** The digest of each change, by the part's name in short. */
  function digestsOf(asked: Partial<StoreSpec>): Map<string, string> {
    const spec = { ...defaultOptions('my-bucket'), ...EVERYTHING, ...asked }
    const backend = { type: 'local', settings: {} }
    const plan = (synthesizeBlocks(spec, { ...target, backend }).get('main') ?? [])
      .filter(({ type }) => type === 'resource')
      .map(({ labels }) => `create ${labels.join('.')}`)
    const changes = changesOf({ ...FIRST, isDefault: false, plan, asked: { ...EVERYTHING, ...asked } })
    const short = (what: string): string =>
      what.replace(/^create aws_(?:s3_|iam_)?|\.(store|multipart)$|^Valohai: /g, '').replace(/^bucket_/, '')
    return new Map(changes.map(({ what, digest }) => [short(what), digest]))
  }

  const everything = digestsOf({})
  const [store, ...identities] = ['create the data store', 'role', 'user']
  const every = [...everything.keys()]
  const lifecycle = 'lifecycle_configuration'
  const encryption = 'server_side_encryption_configuration'

  it.each<[what: string, asked: Partial<StoreSpec>, changed: readonly string[]]>([
    ['nothing else', {}, []],
    ['tags in another order', { tags: { b: '2', a: '1' } }, []],
    ['another grace and age of keys', { keyGraceDays: 0, maxKeyAgeDays: 90 }, []],
    ['another region', { region: 'eu-north-1' }, every],
    ['another bucket', { bucketName: 'other' }, every],
    ['another Valohai', { valohaiOrigin: 'https://valohai.example' }, every],
    ['no CORS rules', { cors: false }, []],
    ['no public access block', { publicAccessBlock: false }, ['policy']],
    ['days of old versions', { noncurrentDays: 5 }, [lifecycle]],
    ['old versions for ever', { noncurrentDays: 0 }, [lifecycle]],
    ['days of unfinished uploads', { abortMultipartDays: 4 }, [lifecycle]],
    ['another KMS key', { kmsKeyArn: `${KMS}3` }, [encryption, 'user_policy', 'role_policy', store]],
    ['no KMS key', { kmsKeyArn: undefined }, [encryption, 'user_policy', 'role_policy', store]],
    ['no earlier KMS key', { kmsDecryptKeyArns: [] }, ['user_policy', 'role_policy']],
    ['a bucket that its user cannot open', { denyReconfiguration: true }, ['policy']],
    ['another statement', { others: { ...NO_OTHERS, policyStatements: [{ Sid: 'Theirs' }] } }, ['policy']],
    ['another value of a tag', { tags: { a: '1', b: '3' } }, ['bucket', ...identities]],
    ['one tag less', { tags: { a: '1' } }, ['bucket', ...identities]],
    ['another state', { stateTag: 's3://states/two.tfstate' }, ['bucket', ...identities]],
    ['another user', { iamUserName: 'writer' }, ['user']],
    ['another role', { multipartRoleName: 'uploads' }, ['role', store]],
    ['another path', { iamPath: '/ml/' }, identities],
    ['a boundary', { permissionsBoundary: 'arn:aws:iam::123456789012:policy/most' }, identities],
    ['a name', { storeName: 'outputs' }, [store]],
    ['a store of all projects', { storeAccess: 'organization' }, [store]],
  ])('%s has a digest of its own for what it changes, and for nothing else', (_, asked, changed) => {
    const digests = [...digestsOf(asked)]
    const others = digests.filter(([what, digest]) => everything.get(what) !== digest).map(([what]) => what)
    expect(others.sort()).toEqual([...changed].sort())
  })

  it('has a digest for each of its parts', () => {
    expect(every).toHaveLength(15)
    expect(new Set(everything.values()).size).toBe(15)
  })
})

it('everything that is taken down has a digest of its own', () => {
  const steps: readonly Step[] = [
    { kind: 'clear-default', project: PROJECT },
    { kind: 'delete-store', store: store() },
    {
      kind: 'remove-policies',
      policies: [
        { of: 'user', on: 'valohai-my-bucket', name: 'extra' },
        { of: 'role', on: 'valohai-my-bucket', name: 'extra' },
      ],
    },
    { kind: 'remove-leftovers', leftovers: [{ kind: 'user', name: 'valohai-my-bucket' }] },
  ]
  const changes = changesOf({ steps })
  expect(changes.map(({ what }) => what)).toEqual([
    'Valohai: clear the default store of acme/churn-model',
    'Valohai: delete the data store',
    'delete inline policy extra of user valohai-my-bucket',
    'delete inline policy extra of role valohai-my-bucket',
    'delete user valohai-my-bucket, which the state lacks',
  ])
  expect(planDigest(changes).split(',')).toHaveLength(5)
})
