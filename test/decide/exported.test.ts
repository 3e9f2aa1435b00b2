import { keyOfExport } from '../../src/decide/exported'
import { worldOf } from '../support/observed'

test.each<[what: string, anywhere: boolean, isImported: boolean, id: string | undefined]>([
  ['that a run made', false, false, undefined],
  ['that exported Terraform made', true, false, 'AKIA1'],
  ['that people made, and a run took over', true, true, undefined],
])('a key %s', (_what, anywhere, isImported, id) => {
  const { state } = worldOf({ iam: { 1: { age: 3, anywhere } }, shows: '1' })
  const keys = state.keys.map((key) => ({ ...key, isImported }))
  expect(keyOfExport({ ...state, keys })?.id).toBe(id)
})

test('it is told for as long as it is there: also beside its successor', () => {
  const { state } = worldOf({ iam: { 1: { age: 3, anywhere: true }, 2: 1 }, shows: '2' })
  expect(keyOfExport(state)?.id).toBe('AKIA1')
})
