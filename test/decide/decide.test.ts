import { decide, type Asked } from '../../src/decide/decide'
import type { ObservedValohai, Tenure } from '../../src/decide/observed'
import type { Decision } from '../../src/decide/steps'
import type { StoreSpec } from '../../src/store/spec'
import { ago, PROJECT, worldOf, type Sketch } from '../support/observed'
import { defaultOptions } from '../support/options'
import { stepWords } from '../support/step-words'

interface Situation extends Sketch {
  readonly wish?: Asked['wish']
  readonly asked?: Partial<StoreSpec>
  readonly projects?: ObservedValohai['projects']
}

function decisionOf({ wish = 'apply', asked, projects, ...sketch }: Situation): Decision {
  const observed = worldOf(sketch)
  const { valohai } = observed
  return decide(
    { wish, store: { ...defaultOptions('my-bucket'), ...asked } },
    { ...observed, valohai: valohai && projects ? { ...valohai, projects } : valohai },
  )
}

const stepsOf = (situation: Situation): string[] => decisionOf(situation).steps.map(stepWords)

const ONE = { iam: { 1: 30 }, shows: '1' } as const
const RETIRING = { iam: { 1: 90, 2: 3 }, shows: '2', record: { 2: ['taken', 3] } } as const
const DUE = { iam: { 1: 90, 2: 30 }, shows: '2', record: { 2: ['taken', 30] } } as const
const ELSEWHERE = { store: { region: 'us-east-1' } }
const OTHER = { ...PROJECT, id: 'project-2', name: 'other', defaultStore: { known: true, id: null } } as const

it.each<[what: string, situation: Situation, steps: string[]]>([
  ['nothing is there', { store: 'missing' }, ['all', 'hand over 1', 'default of churn-model']],
  ['nothing is there, and Valohai is not asked', { store: 'unasked' }, ['all']],
  ['all is as asked for', ONE, ['all']],
  ['all is as asked for, within a grace', RETIRING, ['all']],
  ['a key is due', DUE, ['all']],
  ['a setting of the store was changed', { ...ONE, ...ELSEWHERE }, ['all', 'hand over 2']],
  ['and a key is due', { ...DUE, ...ELSEWHERE }, ['make room: 1', 'all', 'hand over 3']],
  ['and there is no room', { ...RETIRING, ...ELSEWHERE }, ['all']],
  ['a rotation', { ...ONE, wish: 'rotate-key' }, ['all', 'hand over 2']],
  ['a rotation within the grace', { ...RETIRING, wish: 'rotate-key' }, ['all']],
  [
    'a rotation without a grace',
    { ...ONE, wish: 'rotate-key', asked: { keyGraceDays: 0 } },
    ['make', 'hand over 2', 'all'],
  ],
  [
    "the store was given somebody's key, and there is no grace: ours goes once it has a new one",
    { iam: { 1: 30 }, shows: 'Z', record: { 1: ['taken', 30] }, asked: { keyGraceDays: 0 } },
    ['make', 'hand over 2', 'all'],
  ],
  [
    'the role is not wanted any more: it goes once the store was rewritten',
    { ...ONE, asked: { multipart: false } },
    ['make', 'hand over 2', 'all'],
  ],
  [
    'the role is not wanted, and no store names it',
    { ...ONE, asked: { multipart: false }, store: { multipartRoleArn: '' } },
    ['all'],
  ],
  ['another name is asked for', { ...ONE, asked: { storeName: 'ours' } }, ['all', 'rename']],
  [
    'another name, and the store is rewritten',
    { ...ONE, ...ELSEWHERE, asked: { storeName: 'ours' } },
    ['all', 'hand over 2'],
  ],
  ['people renamed the store', { ...ONE, store: { name: 'theirs' } }, ['all']],
  ['the default is another store', { ...ONE, projects: [PROJECT, OTHER] }, ['all', 'default of other']],
  [
    'the default is another store, and that is wanted',
    { ...ONE, projects: [OTHER], asked: { setDefault: false } },
    ['all'],
  ],
  [
    'an answer of IAM was lost',
    { iam: { 1: 30, X: 1 }, shows: '1', record: { 2: ['asked', 1] } },
    ['remove AKIAX', 'all'],
  ],
  [
    'the state lost a key that is due',
    { ...DUE, state: ['2'], record: { 1: ['taken', 90], 2: ['taken', 30] } },
    ['remove AKIA1', 'all'],
  ],
  ['the store holds a key of somebody', { iam: { 1: 30 }, shows: 'X' }, ['all', 'hand over 2']],
  [
    'somebody deactivated the key',
    { iam: { 1: { age: 30, inactive: true } }, shows: '1' },
    ['all', 'hand over 2'],
  ],
  ['somebody deleted the key', { state: ['1'], shows: '1' }, ['all', 'hand over 2']],
])('%s', (_what, situation, steps) => {
  expect(stepsOf(situation)).toEqual(steps)
})

describe('what becomes of the store', () => {
  it.each<[what: string, situation: Situation, store: Decision['store']]>([
    ['is not told where nobody asks', { store: 'unasked' }, undefined],
    ['created', { store: 'missing' }, { action: 'created', fields: [], newKey: true }],
    [
      'not created, without room',
      { iam: { X: 3, 1: 9 }, store: 'deleted' },
      { action: 'unchanged', fields: [], newKey: false },
    ],
    ['unchanged', ONE, { action: 'unchanged', fields: [], newKey: false }],
    [
      'renamed',
      { ...ONE, asked: { storeName: 'ours' } },
      { action: 'updated', fields: ['name'], newKey: false },
    ],
    [
      'rewritten, name and all',
      { ...ONE, ...ELSEWHERE, asked: { storeName: 'ours' } },
      { action: 'updated', fields: ['name', 'region'], newKey: true },
    ],
    ['given a key', { ...ONE, wish: 'rotate-key' }, { action: 'updated', fields: [], newKey: true }],
    [
      'renamed, while the rest waits',
      { ...RETIRING, ...ELSEWHERE, asked: { storeName: 'ours' } },
      { action: 'updated', fields: ['name'], newKey: false },
    ],
  ])('%s', (_what, situation, store) => {
    expect(decisionOf(situation).store).toEqual(store)
  })
})

it.each<[what: string, situation: Situation, isKept: boolean]>([
  ['goes with a rewrite of the store', { ...ONE, asked: { multipart: false } }, false],
  ['stays while the rewrite waits', { ...RETIRING, asked: { multipart: false } }, true],
  [
    'goes where the store names none',
    { ...RETIRING, asked: { multipart: false }, store: { multipartRoleArn: '' } },
    false,
  ],
])('a role that is not wanted %s', (_what, situation, isKept) => {
  expect(decisionOf(situation).spec.multipart).toBe(isKept)
})

it('all that needs a key waits together, and is told with the day', () => {
  const { waits } = decisionOf({ ...RETIRING, store: { region: 'us-east-1', kmsKeyArn: 'arn' } })
  expect(waits).toEqual([{ what: 'region, kms_key_arn of the store is set', key: 'AKIA1', until: ago(-4) }])
})

describe("Terraform's lock", () => {
  const RUN = { who: 'ci@runner', since: ago(2).toISOString(), until: ago(1).toISOString() }
  const staleLockOf = (lock: { who: string; created: Date }, tenures: readonly Tenure[]) => {
    const observed = worldOf({ ...ONE, record: { 1: ['taken', 30] } })
    const record = { keys: observed.record?.keys ?? [], tenures }
    const terraformLock = { id: '6b1e', ...lock }
    return decide(
      { wish: 'apply', store: defaultOptions('my-bucket') },
      { ...observed, record, terraformLock },
    ).staleLock
  }

  it('of a run that died is stale, also where other runs died after it', () => {
    const lock = { who: 'ci@runner', created: ago(1.5) }
    expect(staleLockOf(lock, [RUN])).toMatchObject(lock)
    const later = { ...RUN, since: RUN.until, until: ago(0.5).toISOString() }
    expect(staleLockOf(lock, [RUN, later])).toMatchObject(lock)
  })

  it.each<[whose: string, lock: { who: string; created: Date }, tenures: readonly Tenure[]]>([
    ['a person on another machine', { who: 'ann@laptop', created: ago(1.5) }, [RUN]],
    ['a person on the same machine, before the run', { who: 'ci@runner', created: ago(2.1) }, [RUN]],
    ['a person on the same machine, after the run', { who: 'ci@runner', created: ago(0.9) }, [RUN]],
    [
      'a person on the same machine, while this run waited',
      { who: 'ci@runner', created: ago(0.1) },
      [RUN, { who: 'ci@runner', since: ago(0.2).toISOString() }],
    ],
    ['nobody knows whom', { who: 'ci@runner', created: new Date(NaN) }, [RUN]],
    ['somebody, where no run is known', { who: 'ci@runner', created: ago(1.5) }, []],
  ])('of %s is waited for', (_whose, lock, tenures) => {
    expect(staleLockOf(lock, tenures)).toBeUndefined()
  })
})
