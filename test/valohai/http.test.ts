import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import nock from 'nock'
import { ValohaiError } from '../../src/valohai'
import { ValohaiHttp } from '../../src/valohai/http'
import { MAX_ATTEMPTS } from '../../src/valohai/retry'
import { apiUrl, nextPage, redirectTarget } from '../../src/valohai/urls'
import { connect, fakeTime, open, ORIGIN, rejection, SECRET, stopAll, TOKEN } from './helpers'

afterEach(async () => {
  await stopAll()
  nock.disableNetConnect()
})

describe('a request', () => {
  it('names the client and its version, and carries the token', async () => {
    nock(ORIGIN, {
      reqheaders: {
        authorization: `Token ${TOKEN}`,
        accept: 'application/json',
        'user-agent': /^valohai-s3-action\/\d+\.\d+\.\d+/,
      },
    })
      .get('/api/v0/users/me/')
      .reply(200, { id: 1 })
    await expect(open().http.get('users/me/')).resolves.toEqual({ id: 1 })
  })

  it('keeps the port, and drops the path, of the configured address', () => {
    expect(open('https://valohai.example:8443/login?x').http.origin).toBe('https://valohai.example:8443')
  })

  it('sends a body as JSON and takes an empty answer', async () => {
    nock(ORIGIN).patch('/api/v0/stores/1/', { name: 'ü' }).reply(204)
    await expect(open().http.send('PATCH', 'stores/1/', { name: 'ü' })).resolves.toBeUndefined()
  })

  it('redacts the token and a secret that was ever sent', async () => {
    nock(ORIGIN)
      .post('/api/v0/stores/')
      .reply(400, { detail: `no ${SECRET} for ${TOKEN}` })
    nock(ORIGIN)
      .get('/api/v0/stores/')
      .reply(400, { detail: `still ${SECRET}` })
    const { http } = open()
    const first = await rejection(
      http.send('POST', 'stores/', { configuration: { secret_access_key: SECRET } }),
    )
    expect(first.message).toBe('no *** for *** (HTTP 400)')
    expect((await rejection(http.get('stores/'))).message).toBe('still *** (HTTP 400)')
  })

  it('shows the token nowhere in itself', () => {
    expect(JSON.stringify(open().http)).not.toContain(TOKEN)
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
    const elsewhere = nock(origin).get(/.*/).reply(200, {})
    nock(ORIGIN).get('/api/v0/users/me/').reply(302, '', { location })
    const error = await rejection(open().http.get('users/me/'))
    expect(error).toBeInstanceOf(ValohaiError)
    expect(error.message).toContain(`set \`valohai-url\` to ${origin}`)
    expect(elsewhere.isDone()).toBe(false)
  })

  it('follows a GET on the same origin', async () => {
    nock(ORIGIN).get('/api/v0/a/').reply(301, '', { location: '/api/v0/b/?x=1' })
    nock(ORIGIN, { reqheaders: { authorization: `Token ${TOKEN}` } })
      .get('/api/v0/b/?x=1')
      .reply(200, { ok: true })
    await expect(open().http.get('a/')).resolves.toEqual({ ok: true })
  })

  it('gives up on a circle of redirects', async () => {
    nock(ORIGIN).persist().get('/api/v0/a/').reply(302, '', { location: '/api/v0/a/' })
    await expect(open().http.get('a/')).rejects.toThrow('redirected /api/v0/a/ over 5 times')
  })

  it('redirects no write', async () => {
    nock(ORIGIN).post('/api/v0/stores/').reply(307, '', { location: '/api/v0/stores2/' })
    const target = nock(ORIGIN).post('/api/v0/stores2/').reply(201, {})
    await expect(open().http.send('POST', 'stores/', {})).rejects.toThrow('a write is not redirected')
    expect(target.isDone()).toBe(false)
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
    const elsewhere = nock('https://internal.example').get(/.*/).reply(200, { results: [], next: null })
    nock(ORIGIN)
      .get('/api/v0/stores/')
      .query({ limit: 100 })
      .reply(200, {
        count: 2,
        next: 'https://internal.example/api/v0/stores/?page=2',
        results: [1],
      })
    nock(ORIGIN)
      .get('/api/v0/stores/?page=2')
      .reply(200, { count: 2, next: null, results: [2] })
    await expect(open().http.list('stores/')).resolves.toEqual([1, 2])
    expect(elsewhere.isDone()).toBe(false)
  })

  it('refuses a cycle', async () => {
    nock(ORIGIN).persist().get(/.*/).reply(200, { next: '/api/v0/stores/?page=2', results: [] })
    await expect(open().http.list('stores/')).rejects.toThrow('links back to a page already read')
  })

  it('bounds the pages', async () => {
    let page = 0
    nock(ORIGIN)
      .persist()
      .get(/.*/)
      .reply(200, () => ({ next: `/api/v0/stores/?page=${(page += 1)}`, results: [] }))
    await expect(open().http.list('stores/')).rejects.toThrow('over 500 pages')
  })

  it('takes a bare list, and nothing else', async () => {
    nock(ORIGIN).get(/.*/).reply(200, [1, 2])
    await expect(open().http.list('stores/')).resolves.toEqual([1, 2])
    nock(ORIGIN).get(/.*/).reply(200, { results: 'none' })
    await expect(open().http.list('stores/')).rejects.toThrow('something that is no list')
  })
})

describe('a slow or broken server', () => {
  let server: Server | undefined

  afterEach(() => {
    server?.closeAllConnections()
    server?.close()
  })

  async function serve(answer: RequestListener): Promise<string> {
    nock.enableNetConnect('127.0.0.1')
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

  it('is named when there is none', async () => {
    nock.enableNetConnect('127.0.0.1')
    await expect(open('http://127.0.0.1:9').http.get('users/me/')).rejects.toThrow(
      /Could not reach http:\/\/127.0.0.1:9: .*ECONNREFUSED.*Check `valohai-url`/,
    )
  })
})
