import { isNewSince, wasLost } from '../../src/decide/record'

const since = '2026-03-01T12:00:00.500Z'
const asked = { before: ['AKIAOLD'], since }
const key = (id: string, created: string): { id: string; created: Date } => ({
  id,
  created: new Date(created),
})

describe('a key that IAM made for a run', () => {
  test.each([
    ['made in the second in which it was asked for', key('AKIANEW', '2026-03-01T12:00:00Z'), true],
    ['made before', key('AKIANEW', '2026-03-01T11:59:59Z'), false],
    // Made by hand a moment before the run asked: IAM's whole seconds alone do not tell.
    ['there already when the run asked', key('AKIAOLD', '2026-03-01T12:00:00Z'), false],
  ])('%s', (_, made, expected) => {
    expect(isNewSince(made, asked)).toBe(expected)
    const record = { keys: [{ ...asked, generation: '2', progress: 'asked' as const }] }
    expect(wasLost(made, record)).toBe(expected)
  })

  test('a key made long after nobody waited for it any more is somebody else’s', () => {
    const record = { keys: [{ ...asked, generation: '2', progress: 'asked' as const }] }
    expect(wasLost(key('AKIANEW', '2026-03-01T12:14:00Z'), record)).toBe(true)
    expect(wasLost(key('AKIANEW', '2026-03-01T12:16:00Z'), record)).toBe(false)
  })
})
