import * as fc from 'fast-check'
import { keyring, type Fate, type Keyring } from '../../src/decide/keys'
import type { KeyProgress } from '../../src/decide/observed'
import { ago, worldOf, type Sketch } from '../support/observed'

const GRACE = 7

const fatesOf = ({ keys }: Keyring): Record<string, Fate> =>
  Object.fromEntries(keys.map(({ id, fate }) => [id.slice('AKIA'.length), fate]))

const ring = (sketch: Sketch, graceDays = GRACE): Keyring => keyring(worldOf(sketch), graceDays)

const ROTATED = { iam: { 1: 90, 2: 3 }, shows: '2' } as const

it.each<[what: string, sketch: Sketch, fates: Readonly<Record<string, Fate>>]>([
  ['nothing yet', { store: 'missing' }, {}],
  ['the store shows its key', { iam: { 1: 30 }, shows: '1' }, { 1: 'current' }],
  ['replaced lately', { ...ROTATED, record: { 2: ['taken', 3] } }, { 1: 'retiring', 2: 'current' }],
  [
    'replaced long ago',
    { iam: { 1: 90, 2: 9 }, shows: '2', record: { 2: ['taken', 8] } },
    { 1: 'due', 2: 'current' },
  ],
  [
    'replaced, not recorded: since the key was made',
    { iam: { 1: 90, 2: 9 }, shows: '2' },
    { 1: 'due', 2: 'current' },
  ],
  [
    'replaced, not recorded: since the store was written',
    { iam: { 1: 90, 2: 9 }, shows: '2', written: 3 },
    { 1: 'retiring', 2: 'current' },
  ],
  [
    'replaced, then its successor as well',
    { iam: { 1: 90, 3: 1 }, shows: '3', record: { 1: ['taken', 90], 2: ['taken', 8], 3: ['taken', 1] } },
    { 1: 'due', 3: 'current' },
  ],
  [
    'replaced, not recorded beside keys of long ago',
    { iam: { 4: 10, 5: 3 }, shows: '5', record: { 1: ['taken', 90], 2: ['taken', 60] } },
    { 4: 'retiring', 5: 'current' },
  ],
  [
    'made, and never offered',
    { ...ROTATED, shows: '1', record: { 2: ['made', 3] } },
    { 1: 'current', 2: 'unused' },
  ],
  [
    'refused by Valohai',
    { ...ROTATED, shows: '1', record: { 2: ['refused', 3] } },
    { 1: 'current', 2: 'unused' },
  ],
  [
    'offered, and the store shows the one before',
    { ...ROTATED, shows: '1', record: { 2: ['offered', 3] } },
    { 1: 'current', 2: 'unused' },
  ],
  [
    'given back by hand to the one before',
    { ...ROTATED, shows: '1', record: { 1: ['taken', 90], 2: ['taken', 3] } },
    { 1: 'current', 2: 'retiring' },
  ],
  [
    'not recorded, and newer than what the store shows',
    { ...ROTATED, shows: '1' },
    { 1: 'current', 2: 'unused' },
  ],
  ['made by hand', { iam: { 1: 30, X: 5 }, shows: '1' }, { 1: 'current', X: 'foreign' }],
  [
    'made by hand before a run asked for one',
    { iam: { 1: 30, X: 5 }, shows: '1', record: { 2: ['asked', 4] } },
    { 1: 'current', X: 'foreign' },
  ],
  [
    'made for a run that never had the answer',
    { iam: { 1: 30, X: 4 }, shows: '1', record: { 2: ['asked', 4] } },
    { 1: 'current', X: 'unused' },
  ],
  [
    'in use, and lost from the state',
    { iam: { 1: 30 }, state: [], shows: '1', record: { 1: ['taken', 30] } },
    { 1: 'current' },
  ],
  ['the store shows a key of somebody', { iam: { 1: 30 }, shows: 'X' }, { 1: 'unclear' }],
  ['the store shows a key that is gone', { iam: { 1: 30 }, state: ['1', '2'], shows: '2' }, { 1: 'unclear' }],
  ['hidden: the only key', { iam: { 1: 30 } }, { 1: 'current' }],
  [
    'hidden: the one that was taken',
    { iam: { 1: 90, 2: 3 }, record: { 2: ['taken', 3] } },
    { 1: 'retiring', 2: 'current' },
  ],
  [
    'hidden: offered after the other was taken',
    { iam: { 1: 90, 2: 3 }, record: { 1: ['taken', 90], 2: ['offered', 3] } },
    { 1: 'unclear', 2: 'unclear' },
  ],
  [
    'hidden: offered before the other was taken',
    { iam: { 1: 90, 2: 3 }, record: { 1: ['offered', 90], 2: ['taken', 3] } },
    { 1: 'retiring', 2: 'current' },
  ],
  [
    'hidden: offered by an earlier release and not recorded, and a newer one that was not taken',
    { iam: { 1: 90, 2: 3 }, record: { 2: ['refused', 3] } },
    { 1: 'current', 2: 'unused' },
  ],
  ['hidden, not recorded', { iam: { 1: 90, 2: 3 } }, { 1: 'unclear', 2: 'unclear' }],
  ['hidden, no record kept', { iam: { 1: 90, 2: 3 }, record: null }, { 1: 'unclear', 2: 'unclear' }],
  [
    'hidden, written before the newer was made',
    { iam: { 1: 90, 2: 3 }, written: 5 },
    { 1: 'current', 2: 'unclear' },
  ],
  [
    'hidden, written after the newer was made',
    { iam: { 1: 90, 2: 3 }, written: 2 },
    { 1: 'unclear', 2: 'unclear' },
  ],
  [
    'no store is seen, and one may hold it',
    { iam: { 1: 30 }, store: 'missing', record: { 1: ['taken', 30] } },
    { 1: 'unclear' },
  ],
  [
    'no store is seen, and none was offered it',
    { iam: { 1: 30 }, store: 'missing', record: { 1: ['made', 30] } },
    { 1: 'unused' },
  ],
  ['no store is seen, not recorded', { iam: { 1: 30 }, store: 'missing' }, { 1: 'unclear' }],
  [
    'its store was deleted',
    { iam: { 1: 30 }, store: 'deleted', record: { 1: ['taken', 30] } },
    { 1: 'unused' },
  ],
  [
    'Valohai is not asked: the newest counts',
    { iam: { 1: 90, 2: 3 }, store: 'unasked' },
    { 1: 'retiring', 2: 'current' },
  ],
])('%s', (_what, sketch, fates) => {
  const { keys, current } = ring(sketch)
  expect(fatesOf(ring(sketch))).toEqual(fates)
  expect(current).toEqual(keys.find(({ fate }) => fate === 'current'))
})

describe('grace', () => {
  const replaced = (days: number, used: number, more: object = {}): Sketch => ({
    iam: { 1: { age: 90, used, ...more }, 2: days },
    shows: '2',
    record: { 2: ['taken', days] },
  })
  const first = (sketch: Sketch, graceDays?: number): Keyring['keys'][number] =>
    ring(sketch, graceDays).keys[0]!

  it.each<[string, Sketch, left: number | undefined, because: string | undefined]>([
    ['runs from the day its successor was read back', replaced(3, 3), 4, undefined],
    ['is over', replaced(7, 2), undefined, undefined],
    [
      'is longer where the key was used within the last day',
      replaced(8, 0.5),
      0.5,
      'it was used within the last day',
    ],
    ['is longer by one more grace at most', replaced(13.75, 0), 0.25, 'it was used within the last day'],
    ['is over then, used or not', replaced(14, 0), undefined, undefined],
    [
      'of a key that may be anywhere lasts while it is used',
      replaced(40, 3, { anywhere: true }),
      4,
      'it may be in use elsewhere, and was used in the last seven days',
    ],
    [
      'of a key that may be anywhere ends with its use',
      replaced(40, 7, { anywhere: true }),
      undefined,
      undefined,
    ],
  ])('%s', (_what, sketch, left, because) => {
    const { fate, until, because: why } = first(sketch)
    expect({ fate, until, why }).toEqual({
      fate: left === undefined ? 'due' : 'retiring',
      until: left === undefined ? undefined : ago(-left),
      why: because,
    })
  })

  it('can be given up: even a key that is used, and may be anywhere, is due then', () => {
    expect(first(replaced(0, 0, { anywhere: true }), 0).fate).toBe('due')
  })
})

it.each<[what: string, sketch: Sketch, told: Pick<Keyring, 'isBroken' | 'stranger'>]>([
  ['a key that works', { iam: { 1: 30 }, shows: '1' }, { isBroken: false, stranger: undefined }],
  [
    'a key that somebody deactivated',
    { iam: { 1: { age: 30, inactive: true } }, shows: '1' },
    { isBroken: true, stranger: undefined },
  ],
  ['a key that somebody deleted', { state: ['1'], shows: '1' }, { isBroken: true, stranger: undefined }],
  [
    'a hidden key that somebody deleted',
    { state: ['1'], record: { 1: ['taken', 30] } },
    { isBroken: true, stranger: undefined },
  ],
  ['a hidden key, and none that it could be', {}, { isBroken: true, stranger: undefined }],
  ['a key that no run gave it', { iam: { 1: 30 }, shows: 'X' }, { isBroken: false, stranger: 'AKIAX' }],
  [
    'no key, as there is no store',
    { iam: { 1: 30 }, store: 'missing' },
    { isBroken: false, stranger: undefined },
  ],
])('a store with %s', (_what, sketch, told) => {
  expect(ring(sketch)).toMatchObject(told)
})

/** Histories that can be: one of two keys is held, and the record tells nothing that did not happen. */
const histories = fc
  .record({
    held: fc.constantFrom('1', '2'),
    ages: fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { minLength: 2, maxLength: 2 }),
    isRecorded: fc.boolean(),
    confirmed: fc.boolean(),
    other: fc.constantFrom<KeyProgress>('made', 'offered', 'taken', 'refused'),
    isShown: fc.boolean(),
    hasTime: fc.boolean(),
    used: fc.option(fc.integer({ min: 0, max: 60 }), { nil: undefined }),
    anywhere: fc.boolean(),
    graceDays: fc.integer({ min: 0, max: 30 }),
  })
  .map(({ held, ages, isRecorded, confirmed, other, isShown, hasTime, used, anywhere, graceDays }) => {
    const [younger = 0, older = 0] = ages.sort((a, b) => a - b)
    const more = { anywhere, ...(used === undefined ? {} : { used }) }
    const iam = { 1: { age: older, ...more }, 2: { age: younger, ...more } }
    const given = held === '1' ? older : younger
    const another = held === '1' ? '2' : '1'
    // What was taken or offered after the one that is held would be held instead.
    const before = other === 'made' || other === 'refused' ? given : Math.max(given, older) + 1
    const sketch: Sketch = {
      iam,
      ...(isShown ? { shows: held } : {}),
      ...(hasTime ? { written: given } : {}),
      record: isRecorded
        ? { [held]: [confirmed ? 'taken' : 'offered', given], [another]: [other, before] }
        : {},
    }
    return { held, sketch, graceDays }
  })

it('whatever happened, the key that the store holds stays', () => {
  fc.assert(
    fc.property(histories, ({ held, sketch, graceDays }) => {
      const fates = fatesOf(ring(sketch, graceDays))
      expect(['current', 'unclear']).toContain(fates[held])
      if (sketch.shows !== undefined) expect(fates[held]).toBe('current')
    }),
    { numRuns: 2000 },
  )
})
