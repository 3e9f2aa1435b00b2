import { decide } from '../../src/decide/decide'
import { verdictOf, type Verdict } from '../../src/decide/findings'
import type { Existing, Observed, Store } from '../../src/decide/observed'
import type { Action, ChangedValue, Plan } from '../../src/decide/plan'
import type { Survey } from '../../src/decide/survey'
import type { StoreSpec } from '../../src/store/spec'
import { BUCKET, ROLE_ARN, USER_ARN } from '../support/fake-cloud'
import { ago, bucketOf, identityOf, NOW, PROJECT, store, worldOf, type Sketch } from '../support/observed'
import { defaultOptions } from '../support/options'

interface Situation extends Sketch {
  readonly asked?: Partial<StoreSpec>
  readonly existing?: Existing
  readonly survey?: Partial<Survey>
  readonly changes?: Readonly<Record<string, Action>>
  readonly values?: readonly ChangedValue[]
  readonly others?: readonly Store[]
  readonly change?: (observed: Observed) => Observed
}

const QUIET: Survey = {
  cors: { is: { uploads: true, downloads: true } },
  corsRules: undefined,
  isPublic: { is: false },
  terraformLock: { is: undefined },
  owners: new Map(),
}

const GUIDE_RULES = [
  {
    allowed_methods: ['GET'],
    allowed_origins: ['*'],
    allowed_headers: ['Authorization'],
    max_age_seconds: 3000,
  },
  {
    allowed_methods: ['POST'],
    allowed_origins: ['https://app.valohai.com'],
    allowed_headers: ['Authorization'],
    max_age_seconds: 3000,
  },
]
const trusting = (who: string) => [{ Effect: 'Allow', Principal: { AWS: who }, Action: 'sts:AssumeRole' }]
const EXISTING: Existing = {
  bucket: bucketOf({ corsRules: GUIDE_RULES }),
  user: identityOf(USER_ARN),
  role: identityOf(ROLE_ARN, { trust: trusting(USER_ARN) }),
}

const planOf = (changes: Readonly<Record<string, Action>>): Plan => ({
  hasChanges: Object.keys(changes).length > 0,
  toAdd: 0,
  toChange: 0,
  toDestroy: 0,
  changes: Object.entries(changes).map(([address, action]) => ({
    address,
    type: address.split('.')[0] ?? '',
    action,
  })),
})

function verdict({
  asked,
  existing = EXISTING,
  survey,
  changes = {},
  values = [],
  others = [],
  change = (same) => same,
  ...sketch
}: Situation): Verdict {
  const world = worldOf({ iam: { 1: 30 }, shows: '1', ...sketch })
  const observed = change({
    ...world,
    existing,
    valohai: world.valohai && { ...world.valohai, others },
  })
  const spec = { ...defaultOptions(BUCKET), ...asked }
  return verdictOf({
    spec,
    observed,
    survey: { ...QUIET, ...survey },
    decision: decide({ wish: 'apply', store: spec }, observed),
    plan: planOf(changes),
    values,
  })
}

const RETIRING = { iam: { 1: 90, 2: 3 }, shows: '2', record: { 2: ['taken', 3] } } as const
const DUE = { iam: { 1: 90, 2: 30 }, shows: '2', record: { 2: ['taken', 30] } } as const
const OTHER = store({ id: 'store-9', name: 'by-hand', accessKeyId: 'AKIAX', projectId: 'project-9' })
const updated = (address: string): Situation => ({
  changes: { [address]: 'update' },
  values: [{ address, attribute: 'some', before: 'this', after: 'that' }],
})
const lock = (minutes: number, who = 'ada@laptop') => ({
  terraformLock: { is: { id: 'lock-1', who, created: new Date(Number(NOW) - minutes * 60_000) } },
})
const died = (change: Observed): Observed => ({
  ...change,
  record: { keys: [], tenures: [{ who: 'ada@laptop', since: ago(1).toISOString() }] },
})

it('shows of the values of a block only what is set', () => {
  const address = 'aws_s3_bucket_cors_configuration.store'
  const rule = { allowed_methods: ['GET'], expose_headers: [], id: '', max_age_seconds: 0 }
  const values = [{ address, attribute: 'cors_rule', before: [rule], after: null }]
  expect(verdict({ changes: { [address]: 'update' }, values }).findings).toMatchObject([
    { is: 'cors_rule = [{"allowed_methods":["GET"],"max_age_seconds":0}]', should: 'cors_rule = not set' },
  ])
})

/** Everything that can be wrong: what is said of it, and where it is. Nothing else is said. */
it.each<[what: string, situation: Situation, says: string, where: string]>([
  [
    'bucket deleted',
    { changes: { 'aws_s3_bucket.store': 'create' } },
    'Bucket: missing',
    'aws_s3_bucket.store',
  ],
  ...[
    ['aws_s3_bucket', 'Bucket'],
    ['aws_s3_bucket_public_access_block', 'Public access block'],
    ['aws_s3_bucket_ownership_controls', 'Object ownership'],
    ['aws_s3_bucket_server_side_encryption_configuration', 'Encryption'],
    ['aws_s3_bucket_policy', 'Bucket policy'],
    ['aws_s3_bucket_cors_configuration', 'CORS rules'],
    ['aws_s3_bucket_lifecycle_configuration', 'Lifecycle rules'],
    ['aws_s3_bucket_versioning', 'Versioning'],
    ['aws_iam_user', 'IAM user'],
    ['aws_iam_user_policy', 'Policy of the user'],
    ['aws_iam_role', 'Role for outputs over 5 GB'],
    ['aws_iam_role_policy', 'Policy of the role'],
  ].map(([type = '', name = '']): [string, Situation, string, string] => [
    `${name} changed`,
    updated(`${type}.store`),
    `${name}: changed`,
    `${type}.store`,
  ]),
  [
    'user deleted',
    { changes: { 'aws_iam_user.store': 'create' } },
    'IAM user: missing',
    'aws_iam_user.store',
  ],
  [
    'no key, Valohai not asked',
    {
      iam: {},
      state: [],
      store: 'unasked',
      existing: {},
      changes: { 'aws_iam_access_key.store["1"]': 'create' },
    },
    'Access key: missing',
    'aws_iam_access_key.store["1"]',
  ],
  [
    'not in the state',
    { changes: { 'aws_s3_bucket_policy.store': 'import' } },
    'Bucket policy: not in the state',
    'aws_s3_bucket_policy.store',
  ],
  [
    'just switched off',
    {
      asked: { cors: false },
      survey: { cors: undefined },
      changes: { 'aws_s3_bucket_cors_configuration.store': 'forget' },
    },
    'CORS rules: switched off',
    'aws_s3_bucket_cors_configuration.store',
  ],
  [
    'no longer asked for',
    { changes: { 'aws_iam_role.multipart': 'delete' } },
    'Role for outputs over 5 GB: no longer asked for',
    'aws_iam_role.multipart',
  ],
  [
    'the role trusts a user who is gone',
    {
      existing: { ...EXISTING, role: identityOf(ROLE_ARN, { trust: trusting('AIDAABC') }) },
      changes: { 'aws_iam_role.multipart': 'update' },
      values: [
        { address: 'aws_iam_role.multipart', attribute: 'assume_role_policy', before: 'a', after: 'b' },
      ],
    },
    `The role does not trust valohai-${BUCKET}, so outputs over 5 GB fail`,
    ROLE_ARN,
  ],
  [
    'key deactivated',
    { iam: { 1: { age: 30, inactive: true } } },
    'The access key of the store was deactivated, so Valohai cannot use the bucket',
    `store "${BUCKET}" (store-1)`,
  ],
  [
    'key deleted',
    { iam: {}, state: ['1'] },
    'The access key of the store is gone, so Valohai cannot use the bucket',
    `store "${BUCKET}" (store-1)`,
  ],
  ['key too old', { asked: { maxKeyAgeDays: 20 } }, 'The access key is older than max-key-age-days', 'AKIA1'],
  [
    'replaced key is due',
    { ...DUE, changes: { 'aws_iam_access_key.store["1"]': 'delete' } },
    'The grace of a replaced access key is over',
    `IAM user valohai-${BUCKET}`,
  ],
  [
    'key never taken',
    { iam: { 1: 30, 2: 1 }, record: { 1: ['taken', 30], 2: ['refused', 1] } },
    'An access key was never taken by a store',
    `IAM user valohai-${BUCKET}`,
  ],
  [
    'key made by hand',
    { iam: { 1: 30, x: 10 } },
    'Nothing accounts for an access key',
    `IAM user valohai-${BUCKET}`,
  ],
  [
    'another key in the store',
    {
      iam: { 1: 30 },
      shows: 'Z',
      record: { 1: ['taken', 30] },
      change: (seen) => ({ ...seen, keyOwner: { userName: undefined, stateTag: undefined } }),
    },
    'The store holds an access key that no run gave it',
    `store "${BUCKET}" (store-1)`,
  ],
  [
    'store deleted',
    { store: 'deleted', record: { 1: ['taken', 30] } },
    'The data store is missing',
    'acme/churn-model',
  ],
  [
    'region of the store',
    { store: { region: 'us-east-1' } },
    'The region of the data store differs',
    `store "${BUCKET}" (store-1)`,
  ],
  [
    'role of the store',
    { store: { multipartRoleArn: '' } },
    'The role for outputs over 5 GB of the data store differs',
    `store "${BUCKET}" (store-1)`,
  ],
  [
    'KMS key of the store',
    { store: { kmsKeyArn: 'arn:aws:kms:eu-west-1:1:key/a' } },
    'The KMS key of the data store differs',
    `store "${BUCKET}" (store-1)`,
  ],
  [
    'name of the store',
    { asked: { storeName: 'mine' } },
    'The name of the data store differs',
    `store "${BUCKET}" (store-1)`,
  ],
  [
    'access of the store',
    { asked: { storeAccess: 'organization' } },
    'The access of the data store differs',
    `store "${BUCKET}" (store-1)`,
  ],
  [
    'another default',
    { change: withDefault('store-2') },
    "The project's default store is another",
    'acme/churn-model',
  ],
  ['no default', { change: withDefault(null) }, "The project's default store is another", 'acme/churn-model'],
  [
    'uploads refused',
    {
      existing: { ...EXISTING, bucket: bucketOf() },
      survey: { cors: { is: { uploads: false, downloads: true } } },
    },
    "Valohai's web app at https://app.valohai.com cannot upload (CORS)",
    BUCKET,
  ],
  [
    'reads refused',
    {
      existing: { ...EXISTING, bucket: bucketOf() },
      survey: { cors: { is: { uploads: true, downloads: false } } },
    },
    'Browsers cannot read (CORS)',
    BUCKET,
  ],
  [
    'public',
    { survey: { isPublic: { is: true } } },
    'The bucket is public, as AWS judges its policy',
    BUCKET,
  ],
  [
    'a store by hand',
    {
      others: [OTHER],
      survey: { owners: new Map([['AKIAX', { is: { userName: 'ada', stateTag: undefined } }]]) },
    },
    'Nothing accounts for another data store of the bucket',
    'store "by-hand" (store-9)',
  ],
  ['a run died', { change: died }, 'A run died, and left its lock', 'the lock of this store'],
  ["a lock of Terraform's", { survey: lock(90) }, 'Terraform left its lock on the state', 'lock lock-1'],
])('%s', (_what, situation, says, where) => {
  const { findings } = verdict(situation)
  expect(findings.map((one) => [one.what, one.where])).toEqual([[says, where]])
  for (const text of Object.values(findings[0] ?? {})) expect(text).not.toBe('')
})

function withDefault(id: string | null) {
  return (seen: Observed): Observed => ({
    ...seen,
    valohai: seen.valohai && {
      ...seen.valohai,
      projects: [{ ...PROJECT, defaultStore: { known: true, id } }],
    },
  })
}

it('tells of a deactivated key once, where its predecessor gives way for the next one', () => {
  const { findings } = verdict({
    iam: { 1: 90, 2: { age: 3, inactive: true } },
    shows: '2',
    record: { 2: ['taken', 3] },
    changes: { 'aws_iam_access_key.store["2"]': 'delete', 'aws_iam_access_key.store["3"]': 'create' },
  })
  expect(findings.map(({ what }) => what)).toEqual([expect.stringContaining('was deactivated')])
})

/** Nothing of this is wrong: it is told, or nobody knows. */
it.each<[what: string, situation: Situation, said: Partial<Verdict>]>([
  ['all holds', {}, { notChecked: [] }],
  ['a grace', RETIRING, {}],
  [
    'a wider store',
    { store: { access: { access_mode: 'owner_organization' } } },
    { notes: expect.arrayContaining([expect.stringContaining('is for more than the project')]) as never },
  ],
  [
    'what waits',
    { ...RETIRING, store: { region: 'us-east-1' } },
    { notes: expect.arrayContaining([expect.stringMatching(/^Waits: /)]) as never },
  ],
  [
    'a key that is too old and waits',
    { iam: { 1: 90, 2: 8 }, shows: '2', record: { 2: ['taken', 3] }, asked: { maxKeyAgeDays: 8 } },
    { notes: expect.arrayContaining([expect.stringMatching(/^Waits: /)]) as never },
  ],
  [
    'a hidden key',
    { iam: { 1: 30 }, shows: undefined as never },
    {
      notChecked: [
        { what: `Which access key the store "${BUCKET}" holds`, why: 'Valohai does not show it.' },
      ],
    },
  ],
  [
    'switched off, and left',
    {
      asked: { cors: false },
      survey: { cors: undefined },
      existing: { ...EXISTING, bucket: bucketOf({ settings: ['aws_s3_bucket_cors_configuration'] }) },
    },
    {
      notes: expect.arrayContaining([
        expect.stringContaining('cors configuration which is switched off'),
      ]) as never,
    },
  ],
  [
    'a default that is not shown',
    {
      change: (seen) => ({
        ...seen,
        valohai: seen.valohai && {
          ...seen.valohai,
          projects: [{ ...PROJECT, defaultStore: { known: false } }],
        },
      }),
    },
    { notChecked: [{ what: 'The default store of acme/churn-model', why: 'Valohai does not show it.' }] },
  ],
  [
    'no answer to a browser',
    { survey: { cors: { why: 'No way.' } } },
    { notChecked: [{ what: 'How the bucket answers browsers (CORS)', why: 'No way.' }] },
  ],
  [
    'an answer to a browser that the rules do not bear out',
    { survey: { cors: { is: { uploads: true, downloads: false } } } },
    { notChecked: [expect.objectContaining({ what: 'Whether GET is allowed from * (CORS)' }) as never] },
  ],
  [
    'such an answer, of a bucket that is managed elsewhere',
    {
      asked: {
        manageBucket: false,
        iamUserName: `valohai-${BUCKET}`,
        multipartRoleName: `valohai-${BUCKET}-multipart`,
      },
      existing: { user: EXISTING.user, role: EXISTING.role },
      survey: { cors: { is: { uploads: false, downloads: true } }, corsRules: GUIDE_RULES },
    },
    {
      notChecked: [
        expect.objectContaining({
          what: 'Whether POST is allowed from https://app.valohai.com (CORS)',
        }) as never,
      ],
    },
  ],
  [
    'no right to ask whether it is public',
    { survey: { isPublic: { why: 'AccessDenied' } } },
    { notChecked: [{ what: 'Whether AWS judges the bucket public', why: 'AccessDenied' }] },
  ],
  [
    'a store of another run',
    {
      others: [OTHER],
      survey: { owners: new Map([['AKIAX', { is: { userName: 'valohai-b', stateTag: 's3://b/k' } }]]) },
    },
    { notChecked: [] },
  ],
  ['a store of another bucket', { others: [{ ...OTHER, bucket: 'another' }] }, { notChecked: [] }],
  [
    'a store whose key is hidden',
    { others: [store({ id: 'store-9', name: 'by-hand', projectId: 'p' })] },
    { notChecked: [expect.objectContaining({ why: 'Valohai does not show its access key.' }) as never] },
  ],
  ['somebody works with Terraform', { survey: lock(5) }, { notChecked: [] }],
  ['data sources that are read', { changes: { 'data.aws_partition.current': 'read' } }, { notChecked: [] }],
  ['set-default: false', { asked: { setDefault: false }, change: withDefault(null) }, { notChecked: [] }],
  ['Valohai is not asked', { store: 'unasked' }, {}],
])('no finding: %s', (_what, situation, said) => {
  expect(verdict(situation)).toMatchObject({ findings: [], ...said })
})

it("releases a dead run's lock of Terraform at any age", () => {
  const { findings } = verdict({ survey: lock(5), change: died })
  expect(findings.map(({ fix }) => fix)).toEqual([
    'Run `apply`: it goes on from where that run ended.',
    'Run `apply`: it is the lock of a run that died, and is released.',
  ])
})

it('shows what is, and what should be', () => {
  const { findings } = verdict({ store: { region: 'us-east-1' }, ...updated('aws_s3_bucket_policy.store') })
  expect(findings.map(({ is, should }) => [is, should])).toEqual([
    ['some = this', 'some = that'],
    ['us-east-1', 'eu-west-1'],
  ])
})

it('does not say of what is known later that it is not set', () => {
  const address = 'aws_iam_role.multipart'
  const later = { address, attribute: 'trust', before: 'a', after: null, isKnownLater: true as const }
  const gone = { address, attribute: 'path', before: '/', after: null }
  const { findings } = verdict({ changes: { [address]: 'update' }, values: [later, gone] })
  expect(findings[0]?.should).toBe('trust = known once it is made; path = not set')
})

it('tells what apply would refuse, in its words', () => {
  expect(verdictOf({ refusal: 'Somebody has it.' }).findings).toMatchObject([{ is: 'Somebody has it.' }])
})
