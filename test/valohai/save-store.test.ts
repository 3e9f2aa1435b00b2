import { ValohaiError } from '../../src/valohai'
import { asksForOwner, freshKeyDelay } from '../../src/valohai/refusals'
import { flattenProblems } from '../../src/valohai/errors'
import { emptyState } from '../support/valohai-stand-in-state'
import {
  configuration,
  connect,
  desired,
  KEY_ID,
  PROJECT_ID,
  rejection,
  ROLE,
  SECRET,
  stopAll,
  withOldStore,
} from './helpers'

afterEach(stopAll)

const fresh = (): { keyMadeAt: Date } => ({ keyMadeAt: new Date() })
const old = { keyMadeAt: new Date(Date.now() - 3_600_000) }
describe('creating (point 9)', () => {
  it('sends what the contract says, reads it back, and leaves the owner out', async () => {
    const { client, project, standIn, writes } = await connect()
    const saved = await client.saveStore(project, undefined, desired, SECRET, fresh())
    expect(saved).toMatchObject({ action: 'created', store: { name: 'our-bucket', accessKeyId: KEY_ID } })
    expect(writes()).toEqual(['POST /stores/'])
    expect(standIn.state.requests.find(({ method }) => method === 'POST')?.body).toEqual({
      name: 'our-bucket',
      type: 's3',
      access_mode: 'single_project',
      project: PROJECT_ID,
      allow_read: true,
      allow_write: true,
      configuration: { ...configuration, secret_access_key: SECRET },
    })
    expect(standIn.state.requests.at(-1)).toMatchObject({
      method: 'GET',
      path: `/api/v0/stores/${saved.store.id}/`,
    })
  })

  it('tells the owner where the API asks for it', async () => {
    const { client, project, standIn } = await connect({ quirks: { ownerRequired: true } })
    await client.saveStore(project, undefined, desired, SECRET, fresh())
    expect(standIn.state.stores).toMatchObject([{ owner: 42 }])
    expect(standIn.state.requests.filter(({ method }) => method === 'POST')).toHaveLength(2)
  })

  it('sends again what the API left out', async () => {
    const { client, project, writes } = await connect({ quirks: { roleIgnoredByPost: true } })
    const { store } = await client.saveStore(project, undefined, desired, SECRET, fresh())
    expect(store.multipartRoleArn).toBe(ROLE)
    expect(writes()).toEqual(['POST /stores/', `PATCH /stores/${store.id}/`])
  })

  it('works where everything is hidden', async () => {
    const { client, project, standIn } = await connect({ quirks: { configurationHidden: true } })
    await expect(client.saveStore(project, undefined, desired, SECRET, fresh())).resolves.toMatchObject({
      action: 'created',
    })
    expect(standIn.state.stores).toHaveLength(1)
  })

  it('tells a refusal by field and code, without the secret', async () => {
    const { client, project } = await connect({
      quirks: {
        failNext: [
          { method: 'POST', status: 400, body: { name: [{ message: `Bad ${SECRET}`, code: 'invalid' }] } },
        ],
      },
    })
    await expect(client.saveStore(project, undefined, desired, SECRET, fresh())).rejects.toThrow(
      'Failed to create the data store "our-bucket" in acme/churn-model: name: Bad *** (invalid) (HTTP 400)',
    )
  })
})

describe('a POST that is lost (point 6)', () => {
  it.each<[string, object]>([
    ['a reset', {}],
    ['a 502', { status: 502, body: '<html>' }],
    ['a success that is no JSON', { status: 201, body: '<html>' }],
    ['a success without a body', { status: 201 }],
  ])('makes one store after %s that came after the effect', async (_name, failure) => {
    const { client, project, standIn } = await connect({
      quirks: { failNext: [{ method: 'POST', afterEffect: true, ...failure }] },
    })
    const saved = await client.saveStore(project, undefined, desired, SECRET, fresh())
    expect(standIn.state.stores.map(({ id }) => id)).toEqual([saved.store.id])
    expect(standIn.state.requests.filter(({ method }) => method === 'POST')).toHaveLength(1)
  })

  it('makes one store after a time-out that came after the effect', async () => {
    const { client, project, standIn, waits } = await connect({}, { timeoutMs: 100 })
    standIn.quirks.slow = 250
    const saving = client.saveStore(project, undefined, desired, SECRET, fresh())
    setTimeout(() => (standIn.quirks.slow = 0), 50)
    await new Promise((resolve) => setTimeout(resolve, 400))
    const { store } = await saving
    expect(waits.length).toBeGreaterThan(0)
    expect(standIn.state.stores.filter(({ deleted }) => !deleted).map(({ id }) => id)).toEqual([store.id])
  })

  it.each<[string, object]>([
    ['a reset', {}],
    ['a 502', { status: 502 }],
  ])('is repeated after %s without effect', async (_name, failure) => {
    const { client, project, standIn, told } = await connect({
      quirks: { failNext: [{ method: 'POST', times: 2, ...failure }] },
    })
    await client.saveStore(project, undefined, desired, SECRET, fresh())
    expect(standIn.state.stores).toHaveLength(1)
    const paths = standIn.state.requests.map(({ method, path }) => `${method} ${path.replace('/api/v0', '')}`)
    expect(paths.slice(0, 5)).toEqual([
      'POST /stores/',
      'GET /stores/',
      'POST /stores/',
      'GET /stores/',
      'POST /stores/',
    ])
    expect(told.join()).toContain('does not list it; trying again')
  })

  it('that does its work late is found by the name it took', async () => {
    const { client, project, standIn } = await connect(
      { quirks: { failNext: [{ method: 'POST' }] } },
      {
        info: (message) => {
          if (!message.includes('does not list it')) return
          standIn.state.stores.push(
            ...emptyState([], [{ id: 'late', name: 'our-bucket', configuration }]).stores,
          )
        },
      },
    )
    const { store } = await client.saveStore(project, undefined, desired, SECRET, fresh())
    expect(store.id).toBe('late')
    expect(standIn.state.stores).toHaveLength(1)
  })

  it('is not repeated for ever', async () => {
    const { client, project, standIn } = await connect({
      quirks: { failNext: [{ method: 'POST', times: 99, status: 500, body: {} }] },
    })
    await expect(client.saveStore(project, undefined, desired, SECRET, fresh())).rejects.toThrow('HTTP 500')
    expect(standIn.state.requests.filter(({ method }) => method === 'POST')).toHaveLength(4)
  })

  it('is not repeated after 501', async () => {
    const { client, project, writes } = await connect({
      quirks: { failNext: [{ method: 'POST', status: 501, body: {} }] },
    })
    await expect(client.saveStore(project, undefined, desired, SECRET, fresh())).rejects.toThrow('HTTP 501')
    expect(writes()).toHaveLength(1)
  })

  it('waits out a 429', async () => {
    const { client, project, standIn, waits } = await connect({ quirks: { rateLimit: { times: 2 } } })
    await client.saveStore(project, undefined, desired, SECRET, fresh())
    expect(waits).toEqual([5000, 5000])
    expect(standIn.state.stores).toHaveLength(1)
  })
})

describe('a fresh key (point 7)', () => {
  it('is tried again while Valohai cannot use it', async () => {
    const { client, project, standIn, told } = await connect({ quirks: { credentialsRejectedTimes: 3 } })
    await client.saveStore(project, undefined, desired, SECRET, fresh())
    expect(standIn.state.stores).toHaveLength(1)
    expect(told[0]).toBe('Valohai cannot use the new access key yet; trying again in 2 s')
  })

  it('is tried again on an update', async () => {
    const { client, project, existing, standIn } = await withOldStore({
      quirks: { credentialsRejectedTimes: 3 },
    })
    await client.saveStore(project, existing, desired, SECRET, fresh())
    expect(standIn.state.stores[0]?.configuration.secret_access_key).toBe(SECRET)
  })

  it('is given up on after about a minute', async () => {
    const { client, project, waits } = await connect({ quirks: { credentialsRejectedTimes: 99 } })
    const error = await rejection(client.saveStore(project, undefined, desired, SECRET, fresh()))
    expect(error.message).toContain('test file')
    const total = waits.reduce((sum, ms) => sum + ms, 0)
    expect(total).toBeGreaterThanOrEqual(50_000)
    expect(total).toBeLessThanOrEqual(75_000)
  })

  it('is not tried again when it is old', async () => {
    const { client, project, waits } = await connect({ quirks: { credentialsRejectedTimes: 1 } })
    await expect(client.saveStore(project, undefined, desired, SECRET, old)).rejects.toThrow('test file')
    expect(waits).toEqual([])
  })

  const now = Date.parse('2026-01-01T00:00:10Z')
  const made = new Date('2026-01-01T00:00:00Z')
  const refusal = (body: unknown, status = 400): ValohaiError =>
    new ValohaiError('x', { status, problems: flattenProblems(body) })

  it.each<[string, unknown, boolean]>([
    ['the key', { configuration: { access_key_id: ['Invalid'] } }, true],
    ['the secret', { configuration: { secret_access_key: [{ message: 'Wrong', code: 'x' }] } }, true],
    ['the test file', { configuration: ['Could not write a test file to the bucket'] }, true],
    ['credentials', { non_field_errors: [{ message: 'Invalid credentials', code: 'x' }] }, true],
    ['an error of S3', { detail: 'InvalidAccessKeyId: no such AWS Access Key Id' }, true],
    [
      'credentials by its code',
      { configuration: [{ message: 'Refused', code: 'invalid_credentials' }] },
      true,
    ],
    ['the region', { configuration: { region: ['Unknown region'] } }, false],
    ['the bucket', { configuration: { bucket: ['No bucket called my-secret-bucket'] } }, false],
    ['the name', { name: ['The store with credentials exists'] }, false],
    ['the key and the name', { configuration: { access_key_id: ['Invalid'] }, name: ['Taken'] }, false],
    ['nothing', {}, false],
  ])('a 400 that speaks of %s is tried again: %#', (_name, body, again) => {
    expect(freshKeyDelay(refusal(body), made, 1, now) !== undefined).toBe(again)
  })

  it('only a 400 is', () => {
    const body = { configuration: { access_key_id: ['Invalid'] } }
    expect(freshKeyDelay(refusal(body, 403), made, 1, now)).toBeUndefined()
    expect(freshKeyDelay(new Error('credentials'), made, 1, now)).toBeUndefined()
  })

  it('has limits in time, whatever the clocks say', () => {
    const error = refusal({ detail: 'Invalid credentials' })
    const at = (seconds: number): number | undefined =>
      freshKeyDelay(error, made, 9, made.getTime() + seconds * 1000)
    expect(at(0)).toBe(10_000)
    expect(at(59)).toBe(2000)
    expect(at(60)).toBeUndefined()
    expect(at(-3600)).toBeUndefined()
  })

  it('an owner that is missing is another matter', () => {
    expect(asksForOwner(refusal({ owner: ['Required'] }))).toBe(true)
    expect(asksForOwner(refusal({ name: ['Required'] }))).toBe(false)
  })
})
