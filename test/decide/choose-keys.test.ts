import * as fc from 'fast-check'
import { chooseKeys, type KeyChoice, type KeyQuestion } from '../../src/decide/choose-keys'
import { keyring } from '../../src/decide/keys'
import type { KeyProgress } from '../../src/decide/observed'
import type { StoreSpec } from '../../src/store/spec'
import { ago, worldOf, type Sketch } from '../support/observed'
import { defaultOptions } from '../support/options'

interface Question extends Sketch {
  readonly wish?: KeyQuestion['wish']
  readonly reasons?: readonly string[]
  readonly graceDays?: number
  readonly maxAgeDays?: number
}

function choose({ wish = 'apply', reasons = [], graceDays = 7, maxAgeDays, ...sketch }: Question): KeyChoice {
  const observed = worldOf(sketch)
  const spec: StoreSpec = {
    ...defaultOptions('my-bucket'),
    keyGraceDays: graceDays,
    maxKeyAgeDays: maxAgeDays,
  }
  return chooseKeys({ wish, spec, observed, ring: keyring(observed, graceDays), reasons })
}

const REASONS = ['the region of the store is set']
const ONE = { iam: { 1: 30 }, shows: '1' } as const
/** The first of two in its grace, and after it. */
const RETIRING = { iam: { 1: 90, 2: 3 }, shows: '2', record: { 2: ['taken', 3] } } as const
const DUE = { iam: { 1: 90, 2: 30 }, shows: '2', record: { 2: ['taken', 30] } } as const
const UNCLEAR = { iam: { 1: 90, 2: 30 } } as const
const FOREIGN = { iam: { 1: 30, X: 5 }, shows: '1' } as const

type Expected = Pick<KeyChoice, 'generations' | 'newGeneration' | 'first'>

const keeps = (...generations: string[]): Expected => ({ generations, newGeneration: undefined, first: [] })
const makes = (newGeneration: string, others: string[] = [], first: string[] = []): Expected => ({
  generations: [...others, newGeneration],
  newGeneration,
  first,
})

it.each<[what: string, question: Question, expected: Expected]>([
  ['the first key', { store: 'missing', reasons: REASONS }, makes('1')],
  ['the first key of a plan without Valohai', { store: 'unasked' }, keeps('1')],
  ['nothing to do', ONE, keeps('1')],
  ['a new one beside the current', { ...ONE, reasons: REASONS }, makes('2', ['1'])],
  ['nothing to do within the grace', RETIRING, keeps('1', '2')],
  ['what is due goes', DUE, keeps('2')],
  [
    'what is due goes first where a new one is needed',
    { ...DUE, reasons: REASONS },
    makes('3', ['2'], ['1']),
  ],
  [
    'what is due stays in a plan without Valohai',
    { iam: { 1: 90, 2: 30 }, store: 'unasked' },
    keeps('1', '2'),
  ],
  [
    'with no grace, the one that a store had before somebody gave it another',
    { iam: { 1: 30 }, shows: 'Z', record: { 1: ['taken', 30] }, graceDays: 0, reasons: REASONS },
    makes('2'),
  ],
  [
    'in its grace that one stays',
    { iam: { 1: 30 }, shows: 'Z', record: { 1: ['taken', 30] }, reasons: REASONS },
    makes('2', ['1']),
  ],
  [
    'one that another store may have stays',
    {
      iam: { 1: 30 },
      shows: 'Z',
      store: { id: 'store-2' },
      record: { 1: ['taken', 30] },
      graceDays: 0,
      reasons: REASONS,
    },
    makes('2', ['1']),
  ],
  ['what no store took goes', { ...RETIRING, shows: '1', record: { 2: ['made', 3] } }, keeps('1')],
  [
    'a lost one goes before the state does, and its number is not used again',
    { iam: { 1: 30, X: 1 }, shows: '1', record: { 2: ['asked', 1] }, reasons: REASONS },
    makes('3', ['1']),
  ],
  [
    'a number that was ever given out is not used again',
    { ...ONE, record: { 9: ['refused', 1] }, reasons: REASONS },
    makes('10', ['1']),
  ],
  ['a rotation', { ...ONE, wish: 'rotate-key' }, makes('2', ['1'])],
  ['a rotation within the grace was done already', { ...RETIRING, wish: 'rotate-key' }, keeps('1', '2')],
  ['a rotation without a grace', { ...ONE, wish: 'rotate-key', graceDays: 0 }, makes('2')],
  [
    'a rotation of a key that leaked within the grace of another',
    { ...RETIRING, wish: 'rotate-key', graceDays: 0 },
    makes('3', [], ['1']),
  ],
  ['a key of its age limit', { ...ONE, maxAgeDays: 30 }, makes('2', ['1'])],
  ['a key below its age limit', { ...ONE, maxAgeDays: 31 }, keeps('1')],
  [
    'one that was deactivated is replaced where there is room',
    { iam: { 1: { age: 30, inactive: true } }, shows: '1', reasons: REASONS },
    makes('2', ['1']),
  ],
  [
    'one that was deactivated gives way in its grace',
    { ...RETIRING, iam: { 1: { age: 90, inactive: true }, 2: 3 }, reasons: REASONS },
    makes('3', ['2'], ['1']),
  ],
  ['keys that the store may hold stay', UNCLEAR, keeps('1', '2')],
])('%s', (_what, question, expected) => {
  expect(choose(question)).toMatchObject({ ...expected, waits: [] })
})

describe('without room', () => {
  it.each<[what: string, question: Question, key: string, until: Date | undefined]>([
    ['waits for the grace to end', { ...RETIRING, reasons: REASONS }, 'AKIA1', ago(-4)],
    [
      'waits for a person, where the other key is one made by hand',
      { ...FOREIGN, reasons: REASONS },
      'AKIAX',
      undefined,
    ],
    [
      'waits for a person, where the store may hold either',
      { ...UNCLEAR, reasons: REASONS },
      'AKIA1',
      undefined,
    ],
  ])('%s', (_what, question, key, until) => {
    const { waits, newGeneration, first } = choose(question)
    expect(waits).toEqual([{ what: REASONS[0], key, until }])
    expect([newGeneration, first]).toEqual([undefined, []])
  })

  it('each reason waits, the age of the key as well', () => {
    const { waits } = choose({ ...RETIRING, reasons: REASONS, maxAgeDays: 2 })
    expect(waits.map(({ what }) => what)).toEqual([
      ...REASONS,
      'the key is replaced, as it is older than 2 days',
    ])
  })

  it.each<[what: string, question: Question, message: RegExp]>([
    [
      'a rotation',
      { ...FOREIGN, wish: 'rotate-key' },
      /valohai-my-bucket has:\n(.*\n)*- .*AKIAX .*made by hand.*\nFind out who uses AKIAX/,
    ],
    [
      'a rotation with more to do',
      { ...RETIRING, wish: 'rotate-key', reasons: REASONS },
      /Run again after 2026-03-05; or set key-grace-days: 0.*AKIA1/,
    ],
    [
      'a store that has no key',
      { iam: { X: 9, Y: 8 }, store: 'missing', reasons: REASONS },
      /Find out who uses AKIAX/,
    ],
    [
      'a store whose key is gone',
      { ...UNCLEAR, state: ['1', '2', '3'], shows: '3', reasons: REASONS },
      /does not show which of them the store holds/,
    ],
  ])('stops %s', (_what, question, message) => {
    expect(() => choose(question)).toThrow(message)
  })
})

it.each<[what: string, question: Question, words: RegExp]>([
  [
    'a rotation that was done already',
    { ...RETIRING, wish: 'rotate-key' },
    /AKIA2 is current, and AKIA1.*until 2026-03-05.*key-grace-days: 0/,
  ],
  [
    'a key that was deactivated',
    { iam: { 1: { age: 30, inactive: true } }, shows: '1' },
    /AKIA1 was deactivated by somebody/,
  ],
  [
    'a key that no run gave the store',
    { iam: { 1: 30 }, shows: 'X' },
    /holds the access key AKIAX, which no run has given it/,
  ],
  [
    'keys of which the store may hold either',
    UNCLEAR,
    /AKIA1 and AKIA2 the store holds, so neither is removed/,
  ],
  ['a key made by hand', FOREIGN, /AKIAX.*made by hand.*is not touched/],
])('tells of %s', (_what, question, words) => {
  const { warnings, notes } = choose(question)
  expect([...warnings, ...notes]).toEqual([expect.stringMatching(words)])
})

const keySketch = fc.record({
  age: fc.integer({ min: 0, max: 60 }),
  used: fc.integer({ min: 0, max: 60 }),
  inactive: fc.boolean(),
  anywhere: fc.boolean(),
})
const progress = fc.tuple(
  fc.constantFrom<KeyProgress>('asked', 'made', 'offered', 'taken', 'refused'),
  fc.integer({ min: 0, max: 60 }),
)
const optional = { requiredKeys: [] }

/** Any world at all, whether it can be or not. */
const questions: fc.Arbitrary<Question> = fc
  .record({
    keys: fc.uniqueArray(fc.tuple(fc.constantFrom('1', '2', '3', 'X', 'Y'), keySketch), {
      maxLength: 2,
      selector: ([name]) => name,
    }),
    inState: fc.boolean(),
    record: fc.option(fc.record({ 1: progress, 2: progress, 3: progress, 4: progress }, optional)),
    more: fc.record(
      {
        shows: fc.constantFrom('1', '2', '3', 'X', 'Z'),
        written: fc.integer({ min: 0, max: 60 }),
        store: fc.constantFrom('missing' as const, 'deleted' as const, 'unasked' as const),
        wish: fc.constantFrom('apply' as const, 'rotate-key' as const),
        reasons: fc.constant(REASONS),
        maxAgeDays: fc.integer({ min: 31, max: 90 }),
      },
      optional,
    ),
    graceDays: fc.integer({ min: 0, max: 30 }),
  })
  .map(({ keys, inState, record, more, graceDays }) => ({
    iam: Object.fromEntries(keys),
    ...(inState ? {} : { state: [] }),
    record,
    ...more,
    graceDays,
  }))

it('in any world IAM has two keys at most at any time, and what a store may hold stays', () => {
  fc.assert(
    fc.property(questions, (question) => {
      const ring = keyring(worldOf(question), question.graceDays ?? 7)
      let choice: KeyChoice
      try {
        choice = choose(question)
      } catch (error) {
        expect((error as Error).message).toContain('IAM allows two')
        return
      }
      const { generations, first, newGeneration } = choice
      const gone = ring.keys.filter(
        ({ fate, generation, isInState }) =>
          (isInState && first.includes(generation ?? '')) ||
          (!isInState && (fate === 'unused' || fate === 'due')),
      )
      const atOnce = ring.keys.length - gone.length + (newGeneration === undefined ? 0 : 1)
      expect(atOnce).toBeLessThanOrEqual(2)
      for (const { fate, generation = '', isActive } of ring.keys) {
        if (fate === 'current' || fate === 'unclear') expect(first).not.toContain(isActive ? generation : '')
        // Of a store that shows somebody's key it is known that it has none of these.
        const mayGo = ring.stranger !== undefined && question.graceDays === 0
        if (fate === 'unclear' && generation !== '' && !mayGo) expect(generations).toContain(generation)
      }
    }),
    { numRuns: 3000 },
  )
})
