import * as fc from 'fast-check'
import { decideKeys, type KeyDecision, type KeySituation } from '../../src/decide/keys'

const NOTHING: KeySituation = {
  generations: [],
  held: undefined,
  mayHoldAny: false,
  storeNeedsSecret: true,
  secretAtHand: false,
}

const ROWS: [what: string, situation: Partial<KeySituation>, decision: KeyDecision][] = [
  ['nothing yet', {}, { stages: [['1']], final: '1' }],
  ['nothing yet, and nobody asks Valohai', { storeNeedsSecret: false }, { stages: [['1']], final: '1' }],
  [
    'the store holds the key',
    { generations: ['1'], held: '1', storeNeedsSecret: false },
    { stages: [['1']], final: '1' },
  ],
  [
    'the store holds the key, and its settings are not as asked',
    { generations: ['1'], held: '1' },
    { stages: [['1', '2']], final: '2' },
  ],
  ['a key that the store has not, nor ever will', { generations: ['4'] }, { stages: [['5']], final: '5' }],
  ['two such keys', { generations: ['1', '2'] }, { stages: [['2'], ['3']], final: '3' }],
  [
    'the store holds the older of two, as a rotation died before it was given the newer',
    { generations: ['1', '2'], held: '1', storeNeedsSecret: false },
    { stages: [['1']], final: '1' },
  ],
  [
    'the store holds the older of two, and its settings are not as asked',
    { generations: ['1', '2'], held: '1' },
    { stages: [['1'], ['1', '3']], final: '3' },
  ],
  [
    'the store holds the newer of two, as a rotation died before the older was removed',
    { generations: ['1', '2'], held: '2', storeNeedsSecret: false },
    { stages: [['2']], final: '2' },
  ],
  [
    'the store holds the newer of two, and its settings are not as asked',
    { generations: ['1', '2'], held: '2' },
    { stages: [['2'], ['2', '3']], final: '3' },
  ],
  [
    'the API hides the key, so the store may hold the one there is',
    { generations: ['1'], mayHoldAny: true },
    { stages: [['1', '2']], final: '2' },
  ],
  [
    'the API hides the key, and there is none it could be',
    { mayHoldAny: true },
    { stages: [['1']], final: '1' },
  ],
  [
    'the API hides the key, and its time tells which one it is',
    { generations: ['1'], held: '1', mayHoldAny: true, storeNeedsSecret: false },
    { stages: [['1']], final: '1' },
  ],
  [
    'the secret is at hand in plain, the store is missing',
    { generations: ['1'], secretAtHand: true },
    { stages: [['1']], final: '1' },
  ],
  [
    'the secret is at hand, the store holds the key and is not as asked',
    { generations: ['1'], held: '1', secretAtHand: true },
    { stages: [['1']], final: '1' },
  ],
  [
    'the secret of the newest is at hand, the store is missing, and there is an older key',
    { generations: ['1', '2'], secretAtHand: true },
    { stages: [['2']], final: '2' },
  ],
  [
    'generations of two digits',
    { generations: ['9', '10'], held: '10' },
    { stages: [['10'], ['10', '11']], final: '11' },
  ],
]

it.each(ROWS)('%s', (_what, situation, decision) => {
  expect(decideKeys({ ...NOTHING, ...situation })).toEqual(decision)
})

/** Any situation that can be: at most two keys, and the store holds one of them or none. */
const situations = fc
  .uniqueArray(fc.integer({ min: 1, max: 30 }), { maxLength: 2 })
  .map((generations) => generations.sort((a, b) => a - b).map(String))
  .chain((generations) =>
    fc.record({
      generations: fc.constant(generations),
      held: fc.constantFrom(undefined, ...generations),
      mayHoldAny: fc.boolean(),
      storeNeedsSecret: fc.boolean(),
      secretAtHand: generations.length === 0 ? fc.constant(false) : fc.boolean(),
    }),
  )
  // A store that holds none of the keys has to be given one.
  .map((one): KeySituation =>
    one.generations.length > 0 && one.held === undefined ? { ...one, storeNeedsSecret: true } : one,
  )

describe('in any situation', () => {
  const always = (claim: (situation: KeySituation, decision: KeyDecision) => void): void =>
    fc.assert(
      fc.property(situations, (situation) => claim(situation, decideKeys(situation))),
      { numRuns: 2000 },
    )

  /** Sets of keys there are at one time: before, while one stage replaces another, and at the end. */
  const moments = (situation: KeySituation, { stages, final }: KeyDecision): Set<string>[] => {
    const sets = [situation.generations, ...stages, [final]]
    // Terraform adds and removes in one apply in no order that could be relied on.
    return sets.slice(1).map((set, index) => new Set([...(sets[index] ?? []), ...set]))
  }

  it('IAM never has more than two keys', () => {
    always((situation, decision) => {
      for (const keys of moments(situation, decision)) expect(keys.size).toBeLessThanOrEqual(2)
    })
  })

  it('the key that the store holds stays until the store was written', () => {
    always(({ held }, { stages }) => {
      if (held !== undefined) for (const stage of stages) expect(stage).toContain(held)
    })
  })

  it('one key that the store may hold, where nobody knows which, stays until the store was written', () => {
    always(({ generations, mayHoldAny, secretAtHand }, { stages }) => {
      if (!mayHoldAny || secretAtHand || generations.length !== 1) return
      for (const stage of stages) expect(stage).toContain(generations[0])
    })
  })

  it('the last one is there before the store is written, the highest of its stage or what the store holds', () => {
    always((_, { stages, final }) => {
      const last = stages.at(-1)!
      expect(last).toContain(final)
      expect(Math.max(...last.map(Number))).toBe(Number(final))
    })
  })

  it('the secret of the last one can be had, or the store has it already', () => {
    always(({ generations, held, storeNeedsSecret, secretAtHand }, { final }) => {
      const isNew = !generations.includes(final)
      const isAtHand = secretAtHand && final === generations.at(-1)
      const isWithTheStore = final === held && !storeNeedsSecret
      expect(isNew || isAtHand || isWithTheStore).toBe(true)
    })
  })

  it('a generation that is there is never made again', () => {
    always(({ generations }, { final }) => {
      if (!generations.includes(final)) {
        expect(Number(final)).toBeGreaterThan(Math.max(0, ...generations.map(Number)))
      }
    })
  })

  it('deciding again in the state it ends in changes nothing', () => {
    always((situation, { final }) => {
      const after = { ...situation, generations: [final], held: final, storeNeedsSecret: false }
      expect(decideKeys(after)).toEqual({ stages: [[final]], final })
    })
  })
})
