import type { Failure } from '../support/valohai-stand-in'
import { connect, OLD_STORE, rejection, stopAll, withOldStore } from './helpers'

afterEach(stopAll)

const DELETE = 'DELETE /stores/ours/'

it.each<[what: string, failure: Failure | undefined, writes: string[]]>([
  ['and reads back that it is gone', undefined, [DELETE]],
  ['after an answer that was lost', { method: 'DELETE', afterEffect: true }, [DELETE, DELETE]],
  ['after a failure of Valohai', { method: 'DELETE', status: 502 }, [DELETE, DELETE]],
  ['where its answer says that it is gone', { method: 'DELETE', status: 404, afterEffect: true }, [DELETE]],
])('deletes a store, %s', async (_what, failure, expected) => {
  const { client, existing, standIn, writes } = await withOldStore({
    quirks: failure ? { failNext: [failure] } : {},
  })
  await client.deleteStore(existing)
  expect(standIn.state.stores[0]?.deleted).toBe(true)
  expect(writes()).toEqual(expected)
})

it.each<[what: string, status: number, told: string]>([
  ['that may not be deleted', 403, 'may look but not change'],
  ['that cannot be deleted by this Valohai', 405, 'Settings > Data Stores'],
  ['that is said to be missing, and is shown', 404, 'it does not exist'],
])('tells of a store %s, and where to do it by hand', async (_what, status, told) => {
  const { client, existing, standIn } = await withOldStore({
    quirks: { failNext: [{ method: 'DELETE', status, body: { detail: 'No.' } }] },
  })
  const { message } = await rejection(client.deleteStore(existing))
  expect(message).toContain(`Failed to delete the data store "${OLD_STORE.name}" (ours)`)
  expect(message).toContain(told)
  expect(message).toContain('Delete it by hand')
  expect(standIn.state.stores[0]?.deleted).toBe(false)
})

it('lists every project, each with its default store, which the list does not show', async () => {
  const { client } = await connect({
    projects: [{ default_store: 'ours' }, { id: 'p2', name: 'b' }, { id: 'p3', name: 'c' }],
  })
  expect((await client.listProjects()).map(({ name, defaultStore }) => [name, defaultStore])).toEqual([
    ['churn-model', { known: true, id: 'ours' }],
    ['b', { known: true, id: null }],
    ['c', { known: true, id: null }],
  ])
})
