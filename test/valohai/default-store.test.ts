import { otherChanges } from '../../src/valohai/projects'
import type { StandInOptions, StandInQuirks } from '../support/valohai-stand-in'
import { configuration, connect, PROJECT_ID, rejection, stopAll, type Connected } from './helpers'

afterEach(stopAll)

const OURS = 'ours'
const PATH = `/projects/${PROJECT_ID}/`

async function withStore(quirks: StandInQuirks = {}, options: StandInOptions = {}): Promise<Connected> {
  return connect({ stores: [{ id: OURS, name: 'our-bucket', configuration }], quirks, ...options })
}

describe('makeDefault (points 1 and 2)', () => {
  it('sets it with PATCH and reads it back', async () => {
    const { client, project, standIn, writes } = await withStore()
    await expect(client.makeDefault(project, { id: OURS })).resolves.toBe('set')
    expect(standIn.state.projects[0]?.default_store).toBe(OURS)
    expect(writes()).toEqual([`PATCH ${PATH}`])
    expect(standIn.state.requests.find(({ method }) => method === 'PATCH')?.body).toEqual({
      default_store: OURS,
    })
    expect(standIn.state.requests.at(-1)).toMatchObject({ method: 'GET', path: `/api/v0${PATH}` })
  })

  it.each(['id', 'object'] as const)(
    'writes nothing where it is set already, seen as %s',
    async (defaultStoreShape) => {
      const { client, project, writes } = await withStore(
        { defaultStoreShape },
        { projects: [{ default_store: OURS }] },
      )
      await expect(client.makeDefault(project, { id: OURS })).resolves.toBe('unchanged')
      expect(writes()).toEqual([])
    },
  )

  it('writes all the same where the store may be inherited', async () => {
    const { client, project, standIn } = await withStore({ inheritedUploadStoreId: OURS })
    await expect(client.makeDefault(project, { id: OURS })).resolves.toBe('set')
    expect(standIn.state.projects[0]?.default_store).toBe(OURS)
  })

  it('writes, and reports no change, where only the store in effect is told', async () => {
    const quirks: StandInQuirks = { inheritedUploadStoreId: OURS, defaultStoreShape: 'missing' }
    const { client, project, standIn } = await withStore(quirks)
    await expect(client.makeDefault(project, { id: OURS })).resolves.toBe('unchanged')
    expect(standIn.state.projects[0]?.default_store).toBe(OURS)
  })

  it('believes the store in effect where the setting is not told', async () => {
    const { client, project } = await withStore({ defaultStoreShape: 'missing' })
    await expect(client.makeDefault(project, { id: OURS })).resolves.toBe('set')
  })

  it('looks at the project as it is now, not as it was found', async () => {
    const { client, project, standIn, writes } = await withStore()
    standIn.state.projects[0]!.default_store = OURS
    await expect(client.makeDefault(project, { id: OURS })).resolves.toBe('unchanged')
    expect(writes()).toEqual([])
  })

  it.each<[string, StandInQuirks]>([
    ['ignored', { defaultIgnoredByPatch: true }],
    ['404', { projectPatchRefused: 404 }],
    ['405', { projectPatchRefused: 405 }],
    ['501', { projectPatchRefused: 501 }],
  ])('uses PUT with the name and description just read where PATCH is %s', async (_name, quirks) => {
    const { client, project, standIn, writes } = await withStore(quirks, {
      projects: [{ name: 'renamed', description: 'since then' }],
    })
    await expect(client.makeDefault(project, { id: OURS })).resolves.toBe('set')
    expect(writes()).toEqual([`PATCH ${PATH}`, `PUT ${PATH}`])
    expect(standIn.state.requests.find(({ method }) => method === 'PUT')?.body).toEqual({
      name: 'renamed',
      description: 'since then',
      default_store: OURS,
    })
  })

  it('fails where PUT reset something else, and tells its name but not its value', async () => {
    const { client, project } = await withStore({
      defaultIgnoredByPatch: true,
      resetByProjectPut: { environment_variables: {}, execution_count: 4 },
    })
    const error = await rejection(client.makeDefault(project, { id: OURS }))
    expect(error.message).toMatch(/PUT also changed environment_variables of the project/)
    expect(error.message).not.toMatch(/live|execution_count/)
  })

  it('fails with the place to click and the id, and keeps the store, where nothing works', async () => {
    const { client, project, standIn } = await withStore({ defaultUnsupported: true })
    const error = await rejection(client.makeDefault(project, { id: OURS }))
    expect(error.message).toMatch(/^Failed to make the store ours the default of acme\/churn-model/)
    expect(error.message).toContain('Settings > General > Default upload store, choose the store ours')
    expect(standIn.state.stores).toMatchObject([{ id: OURS, deleted: false }])
  })

  it.each<[string, object]>([
    ['403', { status: 403, body: { detail: 'No.' } }],
    ['400', { status: 400, body: { default_store: ['No.'] } }],
  ])('does not go on to PUT after %s', async (_name, failure) => {
    const { client, project, writes } = await withStore({ failNext: [{ method: 'PATCH', ...failure }] })
    await expect(client.makeDefault(project, { id: OURS })).rejects.toThrow('Default upload store')
    expect(writes()).toEqual([`PATCH ${PATH}`])
  })

  it('reads what became of a PATCH whose answers were all lost', async () => {
    const { client, project } = await withStore({
      failNext: [{ method: 'PATCH', times: 99, afterEffect: true }],
    })
    await expect(client.makeDefault(project, { id: OURS })).resolves.toBe('set')
  })

  it('fails with the last error where PUT is refused too', async () => {
    const { client, project } = await withStore({
      projectPatchRefused: 405,
      failNext: [{ method: 'PUT', status: 405, body: { detail: 'Method "PUT" not allowed.' } }],
    })
    await expect(client.makeDefault(project, { id: OURS })).rejects.toThrow(
      /"PUT" not allowed.*Default upload store/s,
    )
  })
})

describe('otherChanges', () => {
  it.each<[string, object, object, string[]]>([
    ['nothing', { a: 1 }, { a: 1 }, []],
    [
      'the setting and what follows',
      { default_store: 1, upload_store_id: 1, mtime: 1 },
      { upload_store_id: 2, mtime: 2 },
      [],
    ],
    ['what moves by itself', { execution_count: 1, last_seen: 1 }, { execution_count: 2, last_seen: 2 }, []],
    ['the order of keys', { a: { x: 1, y: [1] } }, { a: { y: [1], x: 1 } }, []],
    ['a value', { a: { x: [1] } }, { a: { x: [2] } }, ['a']],
    ['a field that went', { a: 1 }, {}, ['a']],
    ['a field that came', {}, { a: 1 }, ['a']],
  ])('%s', (_name, before, after, changed) => {
    expect(otherChanges(before, after)).toEqual(changed)
  })
})

describe('clearDefault', () => {
  const AS_DEFAULT = { projects: [{ default_store: OURS }] }

  it.each<[what: string, quirks: StandInQuirks, writes: string[]]>([
    ['with PATCH', {}, [`PATCH ${PATH}`]],
    ['with PUT, where PATCH is refused', { projectPatchRefused: 405 }, [`PATCH ${PATH}`, `PUT ${PATH}`]],
    ['with PUT, where PATCH is ignored', { defaultIgnoredByPatch: true }, [`PATCH ${PATH}`, `PUT ${PATH}`]],
  ])('%s, and reads it back', async (_what, quirks, expected) => {
    const { client, project, standIn, writes } = await withStore(quirks, AS_DEFAULT)
    await expect(client.clearDefault(project, { id: OURS })).resolves.toBe('cleared')
    expect(standIn.state.projects[0]?.default_store).toBeNull()
    expect(writes()).toEqual(expected)
  })

  it('leaves another default alone', async () => {
    const { client, project, writes } = await withStore({}, { projects: [{ default_store: 'another' }] })
    await expect(client.clearDefault(project, { id: OURS })).resolves.toBe('unchanged')
    expect(writes()).toEqual([])
  })

  it('says where to do it by hand, where Valohai does not do it', async () => {
    const { client, project } = await withStore({ defaultUnsupported: true }, AS_DEFAULT)
    const { message } = await rejection(client.clearDefault(project, { id: OURS }))
    expect(message).toContain('Failed to clear the default store of acme/churn-model')
    expect(message).toContain('Settings > General > Default upload store')
  })
})
