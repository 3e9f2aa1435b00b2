import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { MockAgent } from 'undici'
import { ValohaiError } from '../../src/valohai'
import { ValohaiHttp } from '../../src/valohai/http'
import { MAX_ATTEMPTS } from '../../src/valohai/retry'
import { apiUrl, nextPage, redirectTarget } from '../../src/valohai/urls'
import { connect, fakeTime, open, ORIGIN, playHosts, rejection, SECRET, stopAll, TOKEN } from './helpers'

let hosts: MockAgent

beforeEach(() => {
  hosts = playHosts()
})

afterEach(stopAll)

describe('a request', () => {
  it('names the client and its version, and carries the token', async () => {
    hosts
      .get(ORIGIN)
      .intercept({
        path: '/api/v0/users/me/',
        headers: {
          authorization: `Token ${TOKEN}`,
          accept: 'application/json',
          'user-agent': /^valohai-s3-action\/\d+\.\d+\.\d+/,
        },
      })
      .reply(200, { id: 1 })
    await expect(open(hosts).http.get('users/me/')).resolves.toEqual({ id: 1 })
  })

  it('keeps the port, and drops the path, of the configured address', () => {
    expect(open(hosts, 'https://valohai.example:8443/login?x').http.origin).toBe(
      'https://valohai.example:8443',
    )
  })

  it('sends a body as JSON and takes an empty answer', async () => {
    hosts
      .get(ORIGIN)
      .intercept({ path: '/api/v0/stores/1/', method: 'PATCH', body: '{"name":"ü"}' })
      .reply(204)
    await expect(open(hosts).http.send('PATCH', 'stores/1/', { name: 'ü' })).resolves.toBeUndefined()
  })

  it('redacts the token and a secret that was ever sent', async () => {
    hosts
      .get(ORIGIN)
      .intercept({ path: '/api/v0/stores/', method: 'POST' })
      .reply(400, { detail: `no ${SECRET} for ${TOKEN}` })
    hosts
      .get(ORIGIN)
      .intercept({ path: '/api/v0/stores/' })
      .reply(400, { detail: `still ${SECRET}` })
    const { http } = open(hosts)
    const first = await rejection(
      http.send('POST', 'stores/', { configuration: { secret_access_key: SECRET } }),
    )
    expect(first.message).toBe('no *** for *** (HTTP 400)')
    expect((await rejection(http.get('stores/'))).message).toBe('still *** (HTTP 400)')
  })

  it('shows the token nowhere in itself', () => {
    expect(JSON.stringify(open(hosts).http)).not.toContain(TOKEN)
  })
})

describe('the token stays at its origin', () => {
  it.each([
    ['https://evil.example/api/v0/users/me/', 'https://evil.example'],
    ['//evil.example/', 'https://evil.example'],
    ['http://app.valohai.com/api/v0/users/me/', 'http://app.valohai.com'],
    ['https://app.valohai.com:8443/', 'https://app.valohai.com:8443'],
    ['https://app.valohai.com@evil.example/', 'https://evil.example'],
  ])('refuses a redirect to %s and names the likely `valohai-url`', async (location, origin) => {
    hosts.get(origin).intercept({ path: /.*/ }).reply(200, {})
    hosts.get(ORIGIN).intercept({ path: '/api/v0/users/me/' }).reply(302, '', { headers: { location } })
    const error = await rejection(open(hosts).http.get('users/me/'))
    expect(error).toBeInstanceOf(ValohaiError)
    expect(error.message).toContain(`set \`valohai-url\` to ${origin}`)
    expect(hosts.pendingInterceptors()).toHaveLength(1)
  })

  it('follows a GET on the same origin', async () => {
    hosts
      .get(ORIGIN)
      .intercept({ path: '/api/v0/a/' })
      .reply(301, '', { headers: { location: '/api/v0/b/?x=1' } })
    hosts
      .get(ORIGIN)
      .intercept({ path: '/api/v0/b/?x=1', headers: { authorization: `Token ${TOKEN}` } })
      .reply(200, { ok: true })
    await expect(open(hosts).http.get('a/')).resolves.toEqual({ ok: true })
  })

  it('gives up on a circle of redirects', async () => {
    hosts
      .get(ORIGIN)
      .intercept({ path: '/api/v0/a/' })
      .reply(302, '', { headers: { location: '/api/v0/a/' } })
      .persist()
    await expect(open(hosts).http.get('a/')).rejects.toThrow('redirected /api/v0/a/ over 5 times')
  })

  it('redirects no write', async () => {
    hosts
      .get(ORIGIN)
      .intercept({ path: '/api/v0/stores/', method: 'POST' })
      .reply(307, '', { headers: { location: '/api/v0/stores2/' } })
    hosts.get(ORIGIN).intercept({ path: '/api/v0/stores2/', method: 'POST' }).reply(201, {})
    await expect(open(hosts).http.send('POST', 'stores/', {})).rejects.toThrow('a write is not redirected')
    expect(hosts.pendingInterceptors()).toHaveLength(1)
  })

  it('refuses a redirect without a target', () => {
    expect(() => redirectTarget('GET', new URL(ORIGIN), undefined, 302)).toThrow('without saying where')
  })

  it.each([
    ['https://evil.example/api/v0/stores/?offset=2', `${ORIGIN}/api/v0/stores/?offset=2`],
    ['/api/v0/stores/?offset=2', `${ORIGIN}/api/v0/stores/?offset=2`],
    ['//evil.example/api/', `${ORIGIN}/api/`],
    ['https://a.example//evil.example/x', `${ORIGIN}//evil.example/x`],
    ['data:.evil.example/', `${ORIGIN}/.evil.example/`],
    ['https://me:pw@app.valohai.com/x', `${ORIGIN}/x`],
  ])('keeps only path and query of next: %s (point 4)', (next, url) => {
    expect(nextPage(ORIGIN, next)?.href).toBe(url)
  })

  it.each([null, undefined, ''])('takes %j as the last page', (next) => {
    expect(nextPage(ORIGIN, next)).toBeUndefined()
  })

  it.each([7, {}, 'https://'])('refuses %j as a link', (next) => {
    expect(() => nextPage(ORIGIN, next)).toThrow('is no URL')
  })

  it('builds addresses on the origin', () => {
    expect(apiUrl(ORIGIN, 'stores/?limit=1').href).toBe(`${ORIGIN}/api/v0/stores/?limit=1`)
  })
})

describe('lists (point 4)', () => {
  it('follows a link to another host on the configured one', async () => {
    hosts.get('https://internal.example').intercept({ path: /.*/ }).reply(200, { results: [], next: null })
    hosts
      .get(ORIGIN)
      .intercept({ path: '/api/v0/stores/', query: { limit: 100 } })
      .reply(200, {
        count: 2,
        next: 'https://internal.example/api/v0/stores/?page=2',
        results: [1],
      })
    hosts
      .get(ORIGIN)
      .intercept({ path: '/api/v0/stores/?page=2' })
      .reply(200, { count: 2, next: null, results: [2] })
    await expect(open(hosts).http.list('stores/')).resolves.toEqual([1, 2])
    expect(hosts.pendingInterceptors()).toHaveLength(1)
  })

  it('refuses a cycle', async () => {
    hosts
      .get(ORIGIN)
      .intercept({ path: /.*/ })
      .reply(200, { next: '/api/v0/stores/?page=2', results: [] })
      .persist()
    await expect(open(hosts).http.list('stores/')).rejects.toThrow('links back to a page already read')
  })

  it('bounds the pages', async () => {
    let page = 0
    hosts
      .get(ORIGIN)
      .intercept({ path: /.*/ })
      .reply(200, () => ({ next: `/api/v0/stores/?page=${(page += 1)}`, results: [] }))
      .persist()
    await expect(open(hosts).http.list('stores/')).rejects.toThrow('over 500 pages')
  })

  it('takes a bare list, and nothing else', async () => {
    hosts.get(ORIGIN).intercept({ path: /.*/ }).reply(200, [1, 2])
    await expect(open(hosts).http.list('stores/')).resolves.toEqual([1, 2])
    hosts.get(ORIGIN).intercept({ path: /.*/ }).reply(200, { results: 'none' })
    await expect(open(hosts).http.list('stores/')).rejects.toThrow('something that is no list')
  })
})

describe('a slow or broken server', () => {
  let server: Server | undefined

  afterEach(() => {
    server?.closeAllConnections()
    server?.close()
  })

  async function serve(answer: RequestListener): Promise<string> {
    const started = createServer(answer)
    server = started
    await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(started.address() as AddressInfo).port}`
  }

  it('is given up on when no answer comes in time', async () => {
    const { standIn } = await connect({ quirks: { slow: 5000 } })
    const http = new ValohaiHttp(standIn.url, TOKEN, { ...fakeTime().options, timeoutMs: 50 })
    await expect(http.send('POST', 'stores/', {})).rejects.toThrow('no answer within 0.05 s')
  })

  it('is given up on when the answer never ends', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.write('{"a":')
    })
    const http = new ValohaiHttp(url, TOKEN, { ...fakeTime().options, timeoutMs: 100 })
    await expect(http.send('POST', 'stores/', {})).rejects.toThrow('no answer within 0.1 s')
  })

  it('is asked again when the connection breaks in mid-answer', async () => {
    let calls = 0
    const url = await serve((_request, response) => {
      calls += 1
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' })
      response.write('{"a":', () => response.destroy())
    })
    await expect(new ValohaiHttp(url, TOKEN, fakeTime().options).get('a/')).rejects.toThrow('Could not reach')
    expect(calls).toBe(MAX_ATTEMPTS)
  })

  it('is given up on at once when its answer would fill the memory', async () => {
    let calls = 0
    const url = await serve((_request, response) => {
      calls += 1
      response.end(Buffer.alloc(51_000_000, ' '))
    })
    await expect(new ValohaiHttp(url, TOKEN, fakeTime().options).get('a/')).rejects.toThrow(
      `${url} did not answer as Valohai's API: the answer is larger than 50.0 MB. Check \`valohai-url\``,
    )
    expect(calls).toBe(1)
  })

  it('is named when there is none', async () => {
    await expect(open(undefined, 'http://127.0.0.1:9').http.get('users/me/')).rejects.toThrow(
      /Could not reach http:\/\/127.0.0.1:9: .*ECONNREFUSED.*Check `valohai-url`/,
    )
  })
})
