import { ValohaiClient } from '../../src/valohai'
import type { Store } from '../../src/decide/observed'
import { notFoundMessage } from '../../src/valohai/projects'
import type { StandInOptions } from '../support/valohai-stand-in'
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

describe('findProjects', () => {
  it.each(['acme/churn-model', PROJECT_ID, PROJECT_ID.toUpperCase()])('finds %s', async (reference) => {
    const { client, standIn, writes } = await connect(seeded)
    await expect(client.findProjects([reference])).resolves.toMatchObject([
      {
        id: PROJECT_ID,
        name: 'churn-model',
        owner: { id: 42, username: 'acme' },
        defaultStore: { known: true, id: null },
        displayUrl: `${standIn.url}/p/acme/churn-model/`,
      },
    ])
    expect(standIn.state.requests[0]).toMatchObject({ method: 'GET', path: '/api/v0/users/me/' })
    expect(standIn.state.requests.at(-1)?.path).toBe(`/api/v0/projects/${PROJECT_ID}/`)
    expect(writes()).toEqual([])
  })

  it('tells near matches and who asked', async () => {
    const { client } = await connect(seeded)
    await expect(client.findProjects(['Acme/churn-model'])).rejects.toThrow(
      /Acme\/churn-model does not exist, or the token's user \(robot\) has no access.*sees 4 projects.*Did you mean other\/churn-model or acme\/Churn-Model or acme\/churn-model\?/,
    )
  })

  it('says nothing of near matches where there are none', () => {
    expect(notFoundMessage([project], 'a/b', 'me')).not.toContain('Did you mean')
  })

  it('refuses a name that two projects have', async () => {
    const { client } = await connect({ projects: [{}, { id: 'twin' }] })
    await expect(client.findProjects(['acme/churn-model'])).rejects.toThrow(`${PROJECT_ID}, twin`)
  })

  it('explains a wrong token (point 10)', async () => {
    const { standIn } = await connect()
    const client = new ValohaiClient(standIn.url, 'expired-one', fakeTime().options)
    const error = await rejection(client.findProjects(['acme/churn-model']))
    expect(error.message).toMatch(/^Failed to check the Valohai token at http.*Invalid token.*expired/s)
    expect(error.message).not.toContain('expired-one')
  })

  it('explains a project out of reach (point 10)', async () => {
    const { client } = await connect()
    await expect(client.findProjects([PROJECT_ID.replace(/1$/, '9')])).rejects.toThrow(
      /^Failed to find the Valohai project .*\n.*has no access to it/,
    )
  })

  it('explains a host that is no Valohai (point 10)', async () => {
    const { client } = await connect({ quirks: { failNext: [{ status: 404, body: '<html>nginx</html>' }] } })
    await expect(client.findProjects([PROJECT_ID])).rejects.toThrow(/check the host in `valohai-url`/)
  })

  it('explains a page where JSON was due', async () => {
    const { client } = await connect({ quirks: { failNext: [{ status: 200, body: '<html>Log in</html>' }] } })
    await expect(client.findProjects([PROJECT_ID])).rejects.toThrow(/did not answer as Valohai's API/)
  })
})

describe('listStores (points 3 to 5)', () => {
  const others = Array.from({ length: 5 }, (_, i) => ({
    id: `o${i}`,
    name: `o${i}`,
    configuration: { bucket: `o${i}` },
  }))
  const ours = { id: 'ours', name: 'our-bucket', configuration }
  const seen = async (options: StandInOptions): Promise<Store | undefined> => {
    const { client, project: one } = await connect(options)
    return (await client.listStores([one])).find(({ id }) => id === 'ours')
  }

  it('reads every page, on the configured host', async () => {
    const { client, project: one } = await connect({
      stores: [...others, ours],
      quirks: { nextHost: 'https://evil.example' },
    })
    const ids = (await client.listStores([one])).map(({ id }) => id)
    expect(ids).toEqual([...others.map(({ id }) => id), 'ours'])
  })

  it('refuses a cycle of pages', async () => {
    await expect(seen({ stores: others, quirks: { nextCycle: true } })).rejects.toThrow(
      'links back to a page already read',
    )
  })

  it('takes the project as an object', async () => {
    const found = await seen({ stores: [ours], quirks: { projectAsObject: true } })
    expect(found).toMatchObject({ projectId: PROJECT_ID, accessKeyId: configuration.access_key_id })
  })

  it.each(['missing', 'null', 'masked'] as const)(
    'does with a key that is %s (point 8)',
    async (secretsMasked) => {
      const found = await seen({ stores: [ours], quirks: { secretsMasked, accessKeyIdHidden: true } })
      expect(found).toMatchObject({ bucket: 'our-bucket' })
      expect(found).not.toHaveProperty('accessKeyId')
    },
  )

  it('reads the stores of the project that the list tells too little of', async () => {
    const theirs = { id: 'theirs', name: 'theirs', project: 'p2', configuration: { bucket: 'theirs' } }
    const {
      client,
      project: one,
      standIn,
    } = await connect({
      stores: [...others, theirs, ours],
      quirks: { configurationNotListed: true },
    })
    expect(await client.listStores([one])).toContainEqual(
      expect.objectContaining({ id: 'ours', bucket: 'our-bucket' }),
    )
    expect(standIn.state.requests.map(({ path }) => path)).not.toContain('/api/v0/stores/theirs/')
  })
})

describe('readStore', () => {
  it('shows one that was deleted as that', async () => {
    const body = { id: 'ours', name: 'n', type: 's3', deleted: true }
    const { client } = await connect({ quirks: { failNext: [{ status: 200, body }] } })
    await expect(client.readStore('ours')).resolves.toMatchObject({ id: 'ours', deleted: true })
  })

  it.each([403, 404])('shows none where the answer is %d: Valohai does not tell why', async (status) => {
    const { client } = await connect({ quirks: { failNext: [{ status, body: {} }] } })
    await expect(client.readStore('ours')).resolves.toBeUndefined()
  })

  it('fails where Valohai does', async () => {
    const { client } = await connect({ quirks: { failNext: [{ status: 400, body: {} }] } })
    await expect(client.readStore('ours')).rejects.toThrow(/^Failed to read the data store ours/)
  })
})
