import { ValohaiClient } from '../../src/valohai'
import { isDefault, notFoundMessage } from '../../src/valohai/projects'
import { configuration, connect, fakeTime, PROJECT_ID, project, rejection, stopAll } from './helpers'

afterEach(stopAll)

const seeded = {
  projects: [
    { id: '0185c0de-0000-4000-8000-00000000000a', owner: { id: 9, username: 'other' } },
    { id: '0185c0de-0000-4000-8000-00000000000b', name: 'Churn-Model' },
    { id: '0185c0de-0000-4000-8000-00000000000c', name: 'third' },
    {},
  ],
}

describe('findProject', () => {
  it.each(['acme/churn-model', PROJECT_ID, PROJECT_ID.toUpperCase()])('finds %s', async (reference) => {
    const { client, standIn, writes } = await connect(seeded)
    await expect(client.findProject(reference)).resolves.toMatchObject({
      id: PROJECT_ID,
      name: 'churn-model',
      owner: { id: 42, username: 'acme' },
      defaultStore: { known: true, id: null },
      displayUrl: `${standIn.url}/p/acme/churn-model/`,
    })
    expect(standIn.state.requests[0]).toMatchObject({ method: 'GET', path: '/api/v0/users/me/' })
    expect(standIn.state.requests.at(-1)?.path).toBe(`/api/v0/projects/${PROJECT_ID}/`)
    expect(writes()).toEqual([])
  })

  it('tells near matches and who asked', async () => {
    const { client } = await connect(seeded)
    await expect(client.findProject('Acme/churn-model')).rejects.toThrow(
      /Acme\/churn-model does not exist, or the token's user \(robot\) has no access.*sees 4 projects.*Did you mean other\/churn-model or acme\/Churn-Model or acme\/churn-model\?/,
    )
  })

  it('says nothing of near matches where there are none', () => {
    expect(notFoundMessage([project], 'a/b', 'me')).not.toContain('Did you mean')
  })

  it('refuses a name that two projects have', async () => {
    const { client } = await connect({ projects: [{}, { id: 'twin' }] })
    await expect(client.findProject('acme/churn-model')).rejects.toThrow(`${PROJECT_ID}, twin`)
  })

  it('explains a wrong token (point 10)', async () => {
    const { standIn } = await connect()
    const client = new ValohaiClient(standIn.url, 'expired-one', fakeTime().options)
    const error = await rejection(client.findProject('acme/churn-model'))
    expect(error.message).toMatch(/^Failed to check the Valohai token at http.*Invalid token.*expired/s)
    expect(error.message).not.toContain('expired-one')
  })

  it('explains a project out of reach (point 10)', async () => {
    const { client } = await connect()
    await expect(client.findProject(PROJECT_ID.replace(/1$/, '9'))).rejects.toThrow(
      /^Failed to find the Valohai project .*\n.*has no access to it/,
    )
  })

  it('explains a host that is no Valohai (point 10)', async () => {
    const { client } = await connect({ quirks: { failNext: [{ status: 404, body: '<html>nginx</html>' }] } })
    await expect(client.findProject(PROJECT_ID)).rejects.toThrow(/check the host in `valohai-url`/)
  })

  it('explains a page where JSON was due', async () => {
    const { client } = await connect({ quirks: { failNext: [{ status: 200, body: '<html>Log in</html>' }] } })
    await expect(client.findProject(PROJECT_ID)).rejects.toThrow(/did not answer as Valohai's API/)
  })
})

describe('isDefault (point 2)', () => {
  it.each([
    [{ known: true, id: 's' } as const, undefined, true],
    [{ known: true, id: 'other' } as const, 's', false],
    [{ known: true, id: null } as const, 's', false],
    [{ known: false } as const, 's', true],
    [{ known: false } as const, 'other', false],
    [{ known: false } as const, undefined, false],
  ])('%j and in effect %s: %s', (defaultStore, inEffect, expected) => {
    const one = { ...project, defaultStore, ...(inEffect === undefined ? {} : { uploadStoreId: inEffect }) }
    expect(isDefault(one, { id: 's' })).toBe(expected)
  })
})

describe('findStore (points 3 and 4)', () => {
  const wanted = { name: 'our-bucket', bucket: 'our-bucket' }
  const others = Array.from({ length: 5 }, (_, i) => ({
    id: `o${i}`,
    name: `o${i}`,
    configuration: { bucket: `o${i}` },
  }))
  const ours = { id: 'ours', name: 'our-bucket', configuration }

  it('reads every page, on the configured host', async () => {
    const { client, project: one } = await connect({
      stores: [...others, ours],
      quirks: { nextHost: 'https://evil.example' },
    })
    await expect(client.findStore(one, wanted)).resolves.toMatchObject({
      id: 'ours',
      accessKeyId: configuration.access_key_id,
    })
  })

  it('finds none', async () => {
    const { client, project: one } = await connect({ stores: others })
    await expect(client.findStore(one, wanted)).resolves.toBeUndefined()
  })

  it('refuses a cycle of pages', async () => {
    const { client, project: one } = await connect({ stores: others, quirks: { nextCycle: true } })
    await expect(client.findStore(one, wanted)).rejects.toThrow('links back to a page already read')
  })

  it('takes the project as an object (point 5)', async () => {
    const { client, project: one } = await connect({ stores: [ours], quirks: { projectAsObject: true } })
    await expect(client.findStore(one, wanted)).resolves.toMatchObject({ id: 'ours', projectId: PROJECT_ID })
  })

  it.each(['missing', 'null', 'masked'] as const)(
    'does with a key that is %s (point 8)',
    async (secretsMasked) => {
      const { client, project: one } = await connect({
        stores: [ours],
        quirks: { secretsMasked, accessKeyIdHidden: true },
      })
      const found = await client.findStore(one, wanted)
      expect(found).toMatchObject({ id: 'ours', bucket: 'our-bucket' })
      expect(found).not.toHaveProperty('accessKeyId')
    },
  )

  it('knows its store by the name where the configuration is hidden', async () => {
    const { client, project: one } = await connect({
      stores: [...others, ours],
      quirks: { configurationHidden: true },
    })
    await expect(client.findStore(one, wanted)).resolves.toMatchObject({ id: 'ours' })
  })

  it('reads the stores that the list tells too little of', async () => {
    const renamed = { ...ours, name: 'renamed' }
    const theirs = { id: 'theirs', name: 'theirs', project: 'p2', configuration: { bucket: 'theirs' } }
    const {
      client,
      project: one,
      standIn,
    } = await connect({
      stores: [...others, theirs, renamed],
      quirks: { configurationNotListed: true },
    })
    await expect(client.findStore(one, wanted)).resolves.toMatchObject({ id: 'ours', bucket: 'our-bucket' })
    expect(standIn.state.requests.map(({ path }) => path)).not.toContain('/api/v0/stores/theirs/')
  })

  it('lists the ids of duplicates', async () => {
    const { client, project: one } = await connect({
      stores: [
        { ...ours, id: 'a', name: 'a' },
        { ...ours, id: 'b', name: 'b' },
      ],
    })
    await expect(client.findStore(one, wanted)).rejects.toThrow(/more than one store.*a \("a"\), b \("b"\)/)
  })

  it('refuses a name taken in another project of the owner', async () => {
    const { client, project: one } = await connect({ stores: [{ ...ours, project: 'p2' }] })
    await expect(client.findStore(one, wanted)).rejects.toThrow(
      /taken by the store ours .* in the project p2/,
    )
  })

  it('links to the project’s stores', async () => {
    const { client, project: one, standIn } = await connect({ stores: [ours] })
    const found = await client.findStore(one, wanted)
    expect(client.storeUrl(one, found!)).toBe(`${standIn.url}/p/acme/churn-model/settings/data-stores/`)
  })
})
