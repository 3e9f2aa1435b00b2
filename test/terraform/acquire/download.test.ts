import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import nock from 'nock'
import { httpClient } from '../../../src/http'
import { download, type DownloadOptions } from '../../../src/terraform/acquire/download'

const CONTENT = Buffer.from('a release\0\xff', 'latin1')

let server: Server
let url: string
let requests: number
let told: string[]

async function serve(...answers: readonly RequestListener[]): Promise<void> {
  server = createServer((request, response) => {
    const answer = answers[Math.min(requests, answers.length - 1)]!
    requests += 1
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/file.zip`
}

const good: RequestListener = (_request, response) => response.end(CONTENT)
const status =
  (code: number, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) =>
    response.writeHead(code, headers).end()

function get(changes: Partial<DownloadOptions> = {}): Promise<Buffer> {
  return download(url, {
    http: httpClient({}),
    info: (message) => told.push(message),
    retryBaseMs: 0,
    ...changes,
  })
}

beforeEach(() => {
  nock.enableNetConnect('127.0.0.1')
  requests = 0
  told = []
})

afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

it.each([500, 502, 503, 429, 408])('tries again after HTTP %d, and says so', async (code) => {
  await serve(status(code), status(code), good)
  expect(await get()).toEqual(CONTENT)
  expect(requests).toBe(3)
  expect(told).toEqual(Array(2).fill(`${url}: HTTP ${code}; trying again in 0 s`))
})

it('gives up after the third time', async () => {
  await serve(status(503))
  await expect(get()).rejects.toThrow(`${url} could not be downloaded (HTTP 503, 3 times)`)
  expect(requests).toBe(3)
})

it.each([400, 401, 403, 404, 407, 410, 204, 304])('does not try again after HTTP %d', async (code) => {
  await serve(status(code))
  await expect(get()).rejects.toThrow(`could not be downloaded (HTTP ${code})`)
  expect(requests).toBe(1)
})

it('tries again where the connection breaks in the middle', async () => {
  await serve((_request, response) => {
    response.writeHead(200, { 'content-length': 1000 }).write('half')
    setTimeout(() => response.destroy(), 20)
  }, good)
  expect(await get()).toEqual(CONTENT)
  expect(requests).toBe(2)
})

it.each([
  ['before the answer', () => undefined],
  ['in the middle', (_request, response) => response.writeHead(200, { 'content-length': 9 }).write('half')],
] satisfies [string, RequestListener][])(
  'does not wait for ever where nothing comes %s',
  async (_when, hang) => {
    await serve(hang, good)
    expect(await get({ silenceMs: 100 })).toEqual(CONTENT)
    expect(told).toEqual([`${url}: nothing came for 0.1 s; trying again in 0 s`])
  },
)

it('waits for a slow download as long as something comes', async () => {
  await serve((_request, response) => {
    let sent = 0
    const timer = setInterval(() => {
      response.write('x')
      sent += 1
      if (sent < 6) return
      clearInterval(timer)
      response.end()
    }, 60)
  })
  expect((await get({ silenceMs: 200 })).toString()).toBe('xxxxxx')
})

it('follows redirects, relative ones too', async () => {
  await serve(status(302, { location: '/elsewhere/file.zip' }), (request, response) =>
    response.end(request.url),
  )
  expect((await get()).toString()).toBe('/elsewhere/file.zip')
})

it('ends where redirects do not', async () => {
  await serve(status(302, { location: '/again' }))
  await expect(get()).rejects.toThrow('it redirects over 5 times')
})

it('follows none to something that is not HTTP', async () => {
  await serve(status(302, { location: 'file:///etc/passwd' }))
  await expect(get()).rejects.toThrow('redirects')
})

it('stops at once when the run is cancelled, and throws its reason', async () => {
  const controller = new AbortController()
  const reason = new Error('Cancelled by SIGINT.')
  await serve((_request, response) => {
    response.writeHead(200).write('half')
    setTimeout(() => controller.abort(reason), 20)
  })
  await expect(get({ signal: controller.signal })).rejects.toBe(reason)
  expect(requests).toBe(1)
})

it('stops when the run is cancelled between two attempts', async () => {
  const controller = new AbortController()
  const reason = new Error('Cancelled by SIGINT.')
  await serve((_request, response) => {
    response.writeHead(503).end()
    setTimeout(() => controller.abort(reason), 50)
  })
  await expect(get({ signal: controller.signal, retryBaseMs: 60_000 })).rejects.toBe(reason)
})
