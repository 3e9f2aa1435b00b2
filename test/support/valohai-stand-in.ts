import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  emptyState,
  type Fields,
  type StandInProject,
  type StandInQuirks,
  type StandInState,
  type StandInStore,
} from './valohai-stand-in-state'
import { NOT_ALLOWED, NOT_FOUND, storeRoutes, type Reply } from './valohai-stand-in-stores'

export type {
  Failure,
  LoggedRequest,
  StandInProject,
  StandInQuirks,
  StandInStore,
} from './valohai-stand-in-state'

export interface StandInOptions {
  /** @default - a random one */
  readonly token?: string
  /** Projects beside or instead of the default `acme/churn-model`. */
  readonly projects?: readonly Partial<StandInProject>[]
  readonly stores?: readonly Partial<StandInStore>[]
  /** Where S3 is: credentials are then really checked, as Valohai does. @default - not checked */
  readonly s3Endpoint?: string
  /** Entries a page at most. @default 2 */
  readonly pageSize?: number
  readonly quirks?: StandInQuirks
}

export interface StandIn {
  readonly url: string
  readonly token: string
  /** What the server holds; a test may look at it and change it. */
  readonly state: StandInState
  /** May be changed while it runs. */
  readonly quirks: StandInQuirks
  close(): Promise<void>
}

/**
 * Starts a stand-in for Valohai on a loopback port: the part of its API that `valohai-api.md` describes,
 * with state, and with every uncertainty of that page as a quirk. It prints nothing.
 */
export async function startValohaiStandIn(options: StandInOptions = {}): Promise<StandIn> {
  const state = emptyState(options.projects, options.stores)
  const quirks: StandInQuirks = options.quirks ?? {}
  const token = options.token ?? `stand-in-${randomUUID()}`
  const stores = storeRoutes(state, quirks, options.s3Endpoint)
  let url = ''

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.writeHead(500, { 'content-type': 'text/plain' })
      // The name alone: the message of a parser may quote the body, and that may hold a secret.
      response.end(`The stand-in failed: ${error instanceof Error ? error.name : 'unknown'}`)
    })
  })

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? ''
    const at = new URL(request.url ?? '/', url)
    const text = await readText(request)
    const body = text === '' ? undefined : (JSON.parse(text) as Fields)
    state.requests.push({ method, path: at.pathname, query: at.search, body, headers: request.headers })
    if (quirks.slow) await new Promise((resolve) => setTimeout(resolve, quirks.slow).unref())

    const failure = quirks.failNext?.find(
      (one) =>
        (one.times ?? 1) > 0 && (one.method ?? method) === method && (one.path ?? /^/).test(at.pathname),
    )
    if (failure) failure.times = (failure.times ?? 1) - 1
    if (quirks.rateLimit && quirks.rateLimit.times > 0) {
      quirks.rateLimit.times -= 1
      const { retryAfter } = quirks.rateLimit
      const headers: Record<string, string> = retryAfter === undefined ? {} : { 'retry-after': retryAfter }
      send(response, { status: 429, body: { detail: 'Request was throttled.' }, headers })
      return
    }
    const reply = failure && !failure.afterEffect ? undefined : await route(method, at, body, request)
    if (failure) {
      if (failure.status === undefined) response.destroy()
      else send(response, { status: failure.status, body: failure.body, headers: failure.headers ?? {} })
      return
    }
    send(response, reply ?? NOT_FOUND)
  }

  function send(response: ServerResponse, { status, body, headers }: Reply): void {
    const html = quirks.htmlErrors && status >= 400 ? `<html><h1>Error ${status}</h1></html>` : undefined
    if (html !== undefined || (typeof body === 'string' && body.startsWith('<'))) {
      response.writeHead(status, { 'content-type': 'text/html', ...headers })
      response.end(html ?? body)
      return
    }
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(body === undefined ? '' : JSON.stringify(body))
  }

  async function route(
    method: string,
    at: URL,
    body: Fields | undefined,
    request: IncomingMessage,
  ): Promise<Reply> {
    const [, kind, id, ...rest] =
      /^\/api\/v0\/(users|projects|stores)\/(?:([^/]+)\/)?$/.exec(at.pathname) ?? []
    if (!kind || rest.length > 0) return { status: 404, body: '<!doctype html><h1>Not Found</h1>' }
    if (request.headers.authorization !== `Token ${token}`) {
      return { status: 401, body: { detail: 'Invalid token.', code: 'authentication_failed' } }
    }
    if (kind === 'users') {
      return id === 'me' && method === 'GET' ? { status: 200, body: { id: 7, username: 'robot' } } : NOT_FOUND
    }
    if (kind === 'projects') {
      return id === undefined ? list(at, state.projects.map(listedProject)) : project(method, id, body)
    }
    if (id !== undefined) return stores.one(method, id, body ?? {})
    if (method === 'GET') return list(at, stores.listed())
    return method === 'POST' ? stores.create(body ?? {}) : NOT_ALLOWED(method)
  }

  /** `next` is absolute, as the API gives it, or on another host. */
  function list(at: URL, all: readonly unknown[]): Reply {
    const size = Math.min(Number(at.searchParams.get('limit') ?? Infinity), options.pageSize ?? 2)
    const offset = Number(at.searchParams.get('offset') ?? 0)
    const next = new URL(`${at.pathname}?limit=${size}&offset=${offset + size}`, quirks.nextHost ?? url)
    const cycle = new URL(`${at.pathname}?limit=${size}&offset=${offset}`, url).href
    const hasNext = offset + size < all.length
    return {
      status: 200,
      body: {
        count: all.length,
        next: quirks.nextCycle ? cycle : hasNext ? next.href : null,
        previous: null,
        results: all.slice(offset, offset + size),
      },
    }
  }

  function listedProject(one: StandInProject): Fields {
    const { id, name, description, owner } = one
    return { id, name, description, owner, urls: displayOf(one) }
  }

  function displayOf({ owner, name }: StandInProject): Fields {
    return { display: `${url}/p/${owner.username}/${name}/` }
  }

  function shownProject(one: StandInProject): Fields {
    const { default_store: own, ...fields } = one
    const shown = quirks.defaultStoreShape === 'object' && own !== null ? { id: own, name: 'a store' } : own
    return {
      ...fields,
      urls: displayOf(one),
      upload_store_id: own ?? quirks.inheritedUploadStoreId ?? null,
      ...(quirks.defaultStoreShape === 'missing' ? {} : { default_store: shown }),
    }
  }

  function project(method: string, id: string, body: Fields | undefined): Reply {
    const one = state.projects.find((candidate) => candidate.id === id)
    if (!one) return NOT_FOUND
    if (method === 'GET') return { status: 200, body: shownProject(one) }
    if (method !== 'PATCH' && method !== 'PUT') return NOT_ALLOWED(method)
    if (method === 'PATCH' && quirks.projectPatchRefused) {
      return { ...NOT_ALLOWED(method), status: quirks.projectPatchRefused }
    }
    if (method === 'PUT' && typeof body?.name !== 'string') {
      return { status: 400, body: { name: [{ message: 'This field is required.', code: 'required' }] } }
    }
    const ignored = quirks.defaultUnsupported === true || (method === 'PATCH' && quirks.defaultIgnoredByPatch)
    if (!ignored && body?.default_store === null) one.default_store = null
    if (!ignored && typeof body?.default_store === 'string') {
      if (!state.stores.some((candidate) => candidate.id === body.default_store && !candidate.deleted)) {
        return {
          status: 400,
          body: { default_store: [{ message: 'Invalid store.', code: 'does_not_exist' }] },
        }
      }
      one.default_store = body.default_store
    }
    if (typeof body?.name === 'string') one.name = body.name
    if (typeof body?.description === 'string') one.description = body.description
    if (method === 'PUT') Object.assign(one, quirks.resetByProjectPut)
    one.mtime = state.tick()
    return { status: 200, body: shownProject(one) }
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    token,
    state,
    quirks,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()))
        server.closeAllConnections()
      }),
  }
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
