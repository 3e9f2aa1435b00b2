import { decide, type Asked } from '../../src/decide/decide'
import type { Observed, Project, RunRecord, Store } from '../../src/decide/observed'
import type { Attachment, BucketContents } from '../../src/decide/ties'
import type { Decision } from '../../src/decide/steps'
import { STATE_TAG } from '../../src/store/names'
import { BUCKET, ROLE_ARN, USER_ARN } from '../support/fake-cloud'
import { bucketOf, identityOf, PROJECT, store, worldOf, type Sketch } from '../support/observed'
import { defaultOptions } from '../support/options'
import { stepWords } from '../support/step-words'

const TAG = 's3://state/key'
const USER = `valohai-${BUCKET}`
const OURS = { tags: { [STATE_TAG]: TAG } }
const OTHER: Project = { ...PROJECT, id: 'project-2', name: 'vision' }
const EMPTY: BucketContents = { objects: 0, versions: 0, uploads: 0, isMore: false }

interface Situation extends Sketch {
  readonly deletesBucket?: boolean
  readonly attachments?: readonly Attachment[]
  readonly contents?: BucketContents
  readonly defaultOf?: readonly Project[]
  readonly others?: readonly Store[]
  /** Ids of stores that are known to be deleted. */
  readonly deleted?: readonly string[]
  readonly existing?: Observed['existing']
  readonly noted?: Partial<RunRecord>
  readonly asked?: Partial<Asked['store']>
}

function decisionOf(situation: Situation): Decision {
  const { deletesBucket = false, attachments = [], contents, defaultOf = [PROJECT], ...more } = situation
  const { others = [], deleted, existing = {}, noted, asked, ...sketch } = more
  const observed = worldOf(sketch)
  const { valohai, record } = observed
  return decide(
    { wish: 'destroy', store: { ...defaultOptions(BUCKET), stateTag: TAG, ...asked }, deletesBucket },
    {
      ...observed,
      existing,
      record: record && { ...record, ...noted },
      valohai: valohai && { ...valohai, others, deleted: new Set(deleted ?? valohai.deleted) },
      ties: { attachments, contents, defaultOf: valohai?.store === undefined ? [] : defaultOf },
    },
  )
}

const policy = (name: string, of: 'user' | 'role' = 'user'): Attachment => ({
  of,
  kind: 'inline policy',
  name,
})

const ONE = { iam: { 1: 30 }, shows: '1', record: { 1: ['taken', 30] } } as const satisfies Situation
const HIDDEN = { iam: { 1: 30 }, record: { 1: ['taken', 30] } } as const satisfies Situation
const FOREIGN = store({ id: 'store-2', name: 'theirs', projectId: 'project-9', accessKeyId: 'AKIA9' })

it.each<[what: string, situation: Situation, steps: string[]]>([
  ['all is there', ONE, ['clear the default of churn-model', 'delete store-1', 'all']],
  ['Valohai hides the key', HIDDEN, ['clear the default of churn-model', 'delete store-1', 'all']],
  ['the default is another store', { ...ONE, defaultOf: [] }, ['delete store-1', 'all']],
  [
    'a run deleted the store, and died',
    { ...HIDDEN, store: 'missing', deleted: ['store-1'], noted: { deletedStores: ['store-1'] } },
    ['all'],
  ],
  ['people deleted the store, and Valohai shows that', { ...HIDDEN, store: 'deleted' }, ['all']],
  ['nothing is there any more', { store: 'missing' }, ['all']],
  [
    'the answer to the making of a key was lost',
    { iam: { 1: 30, X: 1 }, shows: '1', record: { 1: ['taken', 30], 2: ['asked', 1] } },
    ['clear the default of churn-model', 'delete store-1', 'remove AKIAX', 'all'],
  ],
  [
    'our policies, which the state may lack, and one that the adoption found',
    {
      ...ONE,
      attachments: [policy('valohai-store'), policy('theirs'), policy('valohai-multipart', 'role')],
      noted: { adopted: [{ of: 'user', name: 'theirs' }] },
    },
    [
      'clear the default of churn-model',
      'delete store-1',
      `remove valohai-store of ${USER}, theirs of ${USER}, valohai-multipart of ${USER}-multipart`,
      'all',
    ],
  ],
  [
    'a run was killed before the state knew of user and role',
    {
      store: 'missing',
      existing: { user: identityOf(USER_ARN, OURS), role: identityOf(ROLE_ARN, OURS) },
    },
    ['all', `remove role ${USER}-multipart, user ${USER}`],
  ],
  [
    'user and role under our names are of somebody else',
    { store: 'missing', existing: { user: identityOf(USER_ARN), role: identityOf(ROLE_ARN) } },
    ['all'],
  ],
  [
    'the bucket goes too: the state has it',
    { ...ONE, deletesBucket: true, contents: EMPTY, existing: { bucket: bucketOf(OURS) } },
    ['clear the default of churn-model', 'delete store-1', 'all'],
  ],
  [
    'a bucket that an earlier run left',
    { store: 'missing', deletesBucket: true, contents: EMPTY, existing: { bucket: bucketOf(OURS) } },
    ['all', `remove bucket ${BUCKET}`],
  ],
  [
    'a bucket that is not ours stays, whatever is asked',
    {
      store: 'missing',
      deletesBucket: true,
      existing: { bucket: bucketOf() },
      others: [FOREIGN],
    },
    ['all'],
  ],
  [
    'a bucket that is to go, and that somebody deleted',
    { ...ONE, deletesBucket: true, others: [FOREIGN] },
    ['clear the default of churn-model', 'delete store-1', 'all'],
  ],
  [
    'another store of the bucket',
    { ...ONE, others: [FOREIGN] },
    ['clear the default of churn-model', 'delete store-1', 'all'],
  ],
])('%s', (_what, situation, steps) => {
  expect(decisionOf(situation).steps.map(stepWords)).toEqual(steps)
})

it.each<[what: string, situation: Situation, told: string]>([
  [
    'a store of another project with our key',
    { ...ONE, others: [{ ...FOREIGN, accessKeyId: 'AKIA1' }] },
    'The store "theirs" (store-2) of another project works with an access key of this state',
  ],
  [
    'another store of a bucket that is to go',
    {
      ...ONE,
      others: [FOREIGN],
      deletesBucket: true,
      contents: EMPTY,
      existing: { bucket: bucketOf(OURS) },
    },
    'The store "theirs" (store-2) is for this bucket too',
  ],
  [
    'a store that works with a key of somebody',
    { iam: { 1: 30 }, shows: 'X' },
    'The store "my-bucket" (store-1) works with no access key of this state',
  ],
  [
    'a store with the key of another state, whose user has the name that ours would have',
    { iam: { 1: 30 }, state: [], shows: '1', existing: { user: identityOf(USER_ARN) } },
    'The store "my-bucket" (store-1) works with no access key of this state',
  ],
  [
    'a hidden key of a store that no run of this state made',
    { iam: {}, store: {} },
    'works with no access key of this state',
  ],
  [
    'a project that has it as its default, and is not listed',
    { ...ONE, defaultOf: [PROJECT, OTHER] },
    'The project acme/vision has the store as its default',
  ],
  [
    'a key that somebody made',
    { ...ONE, iam: { 1: 30, X: 40 } },
    `The access key AKIAX of the IAM user ${USER}`,
  ],
  [
    'a key that a store may hold which is not seen',
    { ...HIDDEN, store: 'missing' },
    'The access key AKIA1 (never used) may be held by a store that this token does not see',
  ],
  [
    'a key of which no note says where it is, where no store is seen',
    { iam: { 1: 30 }, store: 'missing' },
    'may be held by a store that this token does not see',
  ],
  [
    'an inline policy that nobody adopted',
    { ...ONE, attachments: [policy('theirs')] },
    `The user ${USER}: no run made its inline policy theirs.`,
  ],
  [
    'an adopted policy of the role, which is not one of the user',
    { ...ONE, attachments: [policy('theirs')], noted: { adopted: [{ of: 'role', name: 'theirs' }] } },
    `The user ${USER}: no run made its inline policy theirs.`,
  ],
  ...(
    [
      ['user', 'attached policy'],
      ['user', 'group'],
      ['user', 'login profile'],
      ['user', 'MFA device'],
      ['user', 'SSH key'],
      ['user', 'service credential'],
      ['user', 'signing certificate'],
      ['role', 'attached policy'],
      ['role', 'instance profile'],
    ] as const
  ).map(([of, kind]): [string, Situation, string] => [
    `a ${kind} of the ${of}`,
    { ...ONE, attachments: [{ of, kind, name: 'it' }] },
    `no run made its ${kind} it. Take it off in IAM.`,
  ]),
  [
    'objects in a bucket that is to go',
    { ...ONE, deletesBucket: true, contents: { ...EMPTY, objects: 3, isMore: true } },
    'is not empty (objects: 3, older versions and marks of deletion: 0, unfinished uploads: 0, and more)',
  ],
  [
    'versions alone',
    { ...ONE, deletesBucket: true, contents: { ...EMPTY, versions: 2 } },
    'is not empty (objects: 0, older versions and marks of deletion: 2,',
  ],
  [
    'an upload alone',
    { ...ONE, deletesBucket: true, contents: { ...EMPTY, uploads: 1 } },
    'unfinished uploads: 1)',
  ],
])('stops at %s', (_what, situation, told) => {
  expect(() => decisionOf(situation)).toThrow(told)
})

it('names all that stands in the way at once', () => {
  const attempt = (): unknown =>
    decisionOf({ ...ONE, iam: { 1: 30, X: 40 }, defaultOf: [OTHER], attachments: [policy('theirs')] })
  expect(attempt).toThrow(/^Nothing is taken down[^]*acme\/vision[^]*AKIAX[^]*theirs/)
})

it('without a record a store that is not seen counts as gone: nothing notes that a run deleted it', () => {
  expect(decisionOf({ ...HIDDEN, record: null, store: 'missing' }).steps.map(stepWords)).toEqual(['all'])
})

it('tells what goes, what comes of it, and what stays', () => {
  expect(decisionOf({ ...ONE, existing: { bucket: bucketOf(OURS) } }).notes).toEqual([
    expect.stringMatching(
      /^Goes: the data store "my-bucket" \(store-1\)\. Executions .* fail, and outputs .*/,
    ),
    'Goes: the default store of acme/churn-model; none takes its place.',
    `Goes: the IAM user ${USER} with AKIA1. URLs that its keys signed stop working.`,
    `Goes: the role ${USER}-multipart.`,
    'Stays: the bucket my-bucket with everything in it, and its settings.',
    'Stays: the Terraform state, empty, and its earlier versions.',
  ])
})

it.each<[what: string, situation: Situation, told: string]>([
  [
    'is ours',
    { store: 'missing', existing: { bucket: bucketOf(OURS) } },
    'Stays: the bucket my-bucket with everything in it',
  ],
  [
    'is ours and goes',
    { store: 'missing', existing: { bucket: bucketOf(OURS) }, deletesBucket: true, contents: EMPTY },
    'Goes: the bucket my-bucket, which is empty.',
  ],
  [
    'is in the state, without its tag, and goes',
    { ...ONE, existing: { bucket: bucketOf() }, deletesBucket: true, contents: EMPTY },
    'Goes: the bucket my-bucket, which is empty.',
  ],
  [
    'is not ours, and was to go',
    { store: 'missing', existing: { bucket: bucketOf() }, deletesBucket: true },
    'Stays: the bucket my-bucket, in spite of `delete-bucket`: no run of this state made it.',
  ],
  ['is gone', { ...ONE, deletesBucket: true }, 'Gone already: the bucket my-bucket.'],
  [
    'is managed elsewhere',
    { ...ONE, asked: { manageBucket: false } },
    'Stays: the bucket my-bucket, which is managed elsewhere.',
  ],
])('tells of a bucket that %s', (_what, situation, told) => {
  const ofBucket = decisionOf(situation).notes.filter((one) => one.includes('the bucket'))
  expect(ofBucket).toEqual([expect.stringContaining(told)])
})

it('tells of no state where there is none', () => {
  expect(decisionOf({ store: 'missing', record: null }).notes).toEqual([
    'Gone already: the bucket my-bucket.',
  ])
})
