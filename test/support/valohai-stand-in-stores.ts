import { randomUUID } from 'node:crypto'
import { checkCredentials } from './valohai-stand-in-s3'
import type { Fields, StandInQuirks, StandInState, StandInStore } from './valohai-stand-in-state'

/** What the stand-in answers. */
export interface Reply {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Record<string, string>
}

export const NOT_FOUND: Reply = { status: 404, body: { detail: 'Not found.' } }
export const NOT_ALLOWED = (method: string): Reply => ({
  status: 405,
  body: { detail: `Method "${method}" not allowed.` },
})

/** The part of the stand-in's API under `stores/`. */
export function storeRoutes(
  state: StandInState,
  quirks: StandInQuirks,
  s3Endpoint: string | undefined,
): {
  /** Entries of `GET stores/`. */
  listed(): Fields[]
  /** `POST stores/` */
  create(body: Fields): Promise<Reply>
  /** `stores/{id}/` */
  one(method: string, id: string, body: Fields): Promise<Reply>
} {
  function shownStore(one: StandInStore): Fields {
    const { configuration, ...fields } = one
    const project = quirks.projectAsObject && one.project !== null ? { id: one.project } : one.project
    const base = { ...fields, project, urls: {}, ...(quirks.mtimeMissing ? { mtime: undefined } : {}) }
    if (quirks.configurationHidden) return base
    const hidden = ['secret_access_key', ...(quirks.accessKeyIdHidden ? ['access_key_id'] : [])]
    const shown: Fields = {
      multipart_upload_iam_role: '',
      kms_key_arn: '',
      endpoint_url: '',
      role_arn: '',
      ...configuration,
    }
    for (const key of hidden) {
      if (quirks.secretsMasked === 'null') shown[key] = null
      else if (quirks.secretsMasked === 'masked') shown[key] = '********'
      // eslint-disable-next-line @typescript-eslint/no-dynamic-delete
      else delete shown[key]
    }
    return { ...base, configuration: shown }
  }

  function listedStore(one: StandInStore): Fields {
    const { configuration, ...fields } = shownStore(one)
    return quirks.configurationNotListed ? fields : { ...fields, configuration }
  }

  async function create(body: Fields): Promise<Reply> {
    const problems = await storeProblems(undefined, body)
    if (problems) return { status: 400, body: problems }
    const owner = state.projects.find(({ id }) => id === body.project)?.owner.id ?? 7
    const time = state.tick()
    const created = {
      teams: [],
      paths: {},
      owner,
      ...body,
      id: randomUUID(),
      deleted: false,
      ctime: time,
      mtime: time,
    }
    const one = created as unknown as StandInStore
    if (quirks.roleIgnoredByPost) {
      one.configuration = { ...one.configuration, multipart_upload_iam_role: '' }
    }
    state.stores.push(one)
    return { status: 201, body: shownStore(one) }
  }

  async function one(method: string, id: string, body: Fields): Promise<Reply> {
    const store = state.stores.find((candidate) => candidate.id === id && !candidate.deleted)
    if (!store) return NOT_FOUND
    if (method === 'GET') return { status: 200, body: shownStore(store) }
    if (method === 'DELETE') {
      store.deleted = true
      return { status: 204 }
    }
    if (method !== 'PATCH' && method !== 'PUT') return NOT_ALLOWED(method)
    if (method === 'PATCH' && quirks.patchRefused) return NOT_ALLOWED(method)
    if (method === 'PUT' && quirks.putRefused) return NOT_ALLOWED(method)
    if (method === 'PATCH' && quirks.storePatchIgnored) return { status: 200, body: shownStore(store) }
    const problems = await storeProblems(store, method === 'PUT' ? body : { ...store, ...body })
    if (problems) return { status: 400, body: problems }
    if (method === 'PUT') Object.assign(store, { access_mode: 'single_project', teams: [], paths: {} })
    Object.assign(store, body, { id: store.id, mtime: state.tick() })
    return { status: 200, body: shownStore(store) }
  }

  /** What is wrong with a store, in the API's shape; `undefined` for nothing. */
  async function storeProblems(current: StandInStore | undefined, body: Fields): Promise<Fields | undefined> {
    const required = { message: 'This field is required.', code: 'required' }
    for (const field of [
      'name',
      'type',
      'configuration',
      ...(quirks.ownerRequired && !current ? ['owner'] : []),
    ]) {
      if (body[field] === undefined) return { [field]: [required] }
    }
    if (String(body.name).length > 64)
      return { name: [{ message: 'Too long (64 at most).', code: 'max_length' }] }
    const owner = body.owner ?? state.projects.find(({ id }) => id === body.project)?.owner.id
    const taken = state.stores.some(
      (one) => !one.deleted && one.id !== current?.id && one.name === body.name && one.owner === owner,
    )
    if (taken) return { name: [{ message: 'A store with this name already exists.', code: 'unique' }] }
    const configuration = body.configuration as Record<string, string>
    // Without new credentials there is nothing to check.
    if (configuration === current?.configuration) return undefined
    for (const key of ['bucket', 'access_key_id', 'secret_access_key']) {
      if (!configuration[key]) return { configuration: { [key]: [required] } }
    }
    const refusal = {
      message: 'Could not write a test file with these credentials.',
      code: 'invalid_credentials',
    }
    if ((quirks.credentialsRejectedTimes ?? 0) > 0) {
      quirks.credentialsRejectedTimes = (quirks.credentialsRejectedTimes ?? 0) - 1
      return { configuration: [refusal] }
    }
    if (s3Endpoint === undefined) return undefined
    const failure = await checkCredentials(s3Endpoint, configuration)
    return failure === undefined
      ? undefined
      : { configuration: [{ ...refusal, message: `${refusal.message} ${failure}` }] }
  }

  return { listed: () => state.stores.map(listedStore), create, one }
}
