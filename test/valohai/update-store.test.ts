import type { Store } from '../../src/decide/observed'
import type { DesiredStore } from '../../src/decide/store'
import {
  configuration,
  desired,
  KEY_ID,
  OLD_STORE as seeded,
  plain,
  SECRET,
  stopAll,
  THEIRS,
  withOldStore as withStore,
  type Connected,
} from './helpers'

afterEach(stopAll)

const OURS = seeded.id
const fresh = (): { keyMadeAt: Date } => ({ keyMadeAt: new Date() })

describe('updating (point 8)', () => {
  const after = async (
    { client, project, existing }: Connected & { existing: Store },
    wanted: DesiredStore = desired,
  ): Promise<Store> => (await client.saveStore(project, existing, wanted, SECRET, fresh())).store

  it('sends the whole configuration with the secret, and the options that people set', async () => {
    const connected = await withStore()
    await expect(after(connected)).resolves.toMatchObject({
      id: OURS,
      name: 'our-bucket',
      accessKeyId: KEY_ID,
    })
    expect(connected.writes()).toEqual(['PATCH /stores/ours/'])
    expect(connected.standIn.state.requests.find(({ method }) => method === 'PATCH')?.body).toEqual({
      name: 'our-bucket',
      configuration: { ...configuration, ...THEIRS, secret_access_key: SECRET },
    })
  })

  it.each(['missing', 'null', 'masked'] as const)(
    'never sends back a secret that is %s',
    async (secretsMasked) => {
      const connected = await withStore({ quirks: { secretsMasked, accessKeyIdHidden: true } })
      await after(connected)
      expect(connected.standIn.state.stores[0]?.configuration).toEqual({
        ...configuration,
        ...THEIRS,
        secret_access_key: SECRET,
      })
    },
  )

  it.each<[string, object]>([
    ['refused', { patchRefused: true }],
    ['ignored', { storePatchIgnored: true }],
    ['ignored and the key hidden', { storePatchIgnored: true, accessKeyIdHidden: true }],
    ['ignored and all of it hidden', { storePatchIgnored: true, configurationHidden: true }],
  ])('uses PUT where PATCH is %s, and keeps who may use the store', async (_name, quirks) => {
    const stores = [{ ...seeded, name: 'our-bucket', access_mode: 'teams', teams: ['t1'], paths: { a: 'b' } }]
    const connected = await withStore({ stores, quirks })
    await after(connected)
    expect(connected.writes()).toEqual(['PATCH /stores/ours/', 'PUT /stores/ours/'])
    expect(connected.standIn.state.stores).toMatchObject([
      {
        id: OURS,
        access_mode: 'teams',
        teams: ['t1'],
        paths: { a: 'b' },
        configuration: { access_key_id: KEY_ID, secret_access_key: SECRET },
      },
    ])
  })

  it.each([404, 405, 501])('takes %i for a refusal of PATCH', async (status) => {
    const connected = await withStore({ quirks: { failNext: [{ method: 'PATCH', status, body: {} }] } })
    await after(connected)
    expect(connected.writes()).toEqual(['PATCH /stores/ours/', 'PUT /stores/ours/'])
  })

  it('does not take 403 for one', async () => {
    const connected = await withStore({ quirks: { failNext: [{ method: 'PATCH', status: 403, body: {} }] } })
    await expect(after(connected)).rejects.toThrow(/HTTP 403.*\n.*no access/)
    expect(connected.writes()).toEqual(['PATCH /stores/ours/'])
  })

  it('fails where neither is taken', async () => {
    const connected = await withStore({ quirks: { patchRefused: true, putRefused: true } })
    await expect(after(connected)).rejects.toThrow(
      'Failed to update the data store "old-name" (ours): this Valohai takes neither PATCH nor PUT',
    )
  })

  it('fails where PATCH is ignored and PUT refused, and names the fields', async () => {
    const connected = await withStore({ quirks: { storePatchIgnored: true, putRefused: true } })
    await expect(after(connected)).rejects.toThrow(
      /not as asked: name, access_key_id\. Look at the store ours/,
    )
  })

  it('does not believe in a PATCH that left no trace', async () => {
    const stores = [{ ...seeded, name: 'our-bucket' }]
    const quirks = { storePatchIgnored: true, configurationHidden: true, putRefused: true }
    await expect(after(await withStore({ stores, quirks }))).rejects.toThrow(/not as asked: the time/)
  })

  it('repeats a PATCH that was lost', async () => {
    const connected = await withStore({ quirks: { failNext: [{ method: 'PATCH', afterEffect: true }] } })
    await expect(after(connected)).resolves.toMatchObject({ accessKeyId: KEY_ID })
    expect(connected.writes()).toEqual(['PATCH /stores/ours/', 'PATCH /stores/ours/'])
  })

  it('takes a role away', async () => {
    const connected = await withStore()
    await expect(after(connected, plain)).resolves.toMatchObject({ multipartRoleArn: '' })
  })
})

describe('renaming', () => {
  it('sends the name alone', async () => {
    const { client, existing, standIn } = await withStore()
    await expect(client.changeStore(existing, { name: 'new' })).resolves.toMatchObject({
      id: OURS,
      name: 'new',
    })
    expect(standIn.state.requests.find(({ method }) => method === 'PATCH')?.body).toEqual({ name: 'new' })
    expect(standIn.state.stores[0]?.configuration).toEqual(seeded.configuration)
  })

  it.each<[string, object]>([
    ['refuses', { patchRefused: true }],
    ['ignores', { storePatchIgnored: true }],
  ])('says so where Valohai %s it', async (verb, quirks) => {
    const { client, existing } = await withStore({ quirks })
    await expect(client.changeStore(existing, { name: 'new' })).rejects.toThrow(
      new RegExp(`Failed to change .*Valohai ${verb} a change .*set \`store-name\` to "old-name"`),
    )
  })
})
