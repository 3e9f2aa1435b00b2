import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  backOff,
  describeError,
  httpClient,
  isHopeless,
  parseRetryAfter,
  type HttpRequest,
} from '../src/http'

let servers: Server[] = []

afterEach(() => {
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
  servers = []
})

async function serve(answer: RequestListener): Promise<URL> {
  const started = createServer(answer)
  servers.push(started)
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve))
  return new URL(`http://127.0.0.1:${(started.address() as AddressInfo).port}/path?query`)
}

const request: HttpRequest = { limit: { exchange: 5000 }, maxBytes: 1000 }

/** Sends one byte every 100 ms, ten in all. */
const trickle: RequestListener = (_request, response) => {
  let sent = 0
  const timer = setInterval(() => {
    response.write('x')
    if ((sent += 1) < 10) return
    clearInterval(timer)
    response.end()
  }, 100)
}

describe('an exchange', () => {
  it('sends what it is given, and our name, and no more', async () => {
    const url = await serve((incoming, outgoing) => {
      outgoing.setHeader('x-several', ['one', 'two'])
      incoming.pipe(outgoing.writeHead(201, { seen: JSON.stringify([incoming.url, incoming.headers]) }))
    })
    const answer = await httpClient({})(url, { ...request, method: 'POST', headers: { a: 'b' }, body: 'ü' })
    expect(answer).toMatchObject({ status: 201, body: Buffer.from('ü') })
    expect(answer.headers['x-several']).toBe('two')
    expect(JSON.parse(answer.headers.seen!)).toEqual([
      '/path?query',
      {
        a: 'b',
        'user-agent': expect.stringMatching(/^valohai-s3-action\/\d+\.\d+\.\d+$/),
        host: url.host,
        connection: 'keep-alive',
        'content-length': '2',
      },
    ])
  })

  it('follows no redirect, and does not wait for the body of one', async () => {
    let requests = 0
    const url = await serve((_request, response) => {
      requests += 1
      response.writeHead(302, { location: '/elsewhere', 'content-length': 100 }).write('half')
    })
    const answer = await httpClient({})(url, request)
    expect(answer).toMatchObject({ status: 302, headers: { location: '/elsewhere' }, body: Buffer.alloc(0) })
    expect(requests).toBe(1)
  })

  it('ends when its time is over, though something comes', async () => {
    const url = await serve(trickle)
    await expect(httpClient({})(url, { ...request, limit: { exchange: 200 } })).rejects.toThrow(
      'no answer within 0.2 s',
    )
  })

  it('goes on as long as something comes, where silence alone is limited, and tells how far it is', async () => {
    const url = await serve(trickle)
    const told: number[] = []
    const onData = (received: number): number => told.push(received)
    const answer = await httpClient({})(url, { ...request, limit: { silence: 800 }, onData })
    expect(answer.body.toString()).toBe('xxxxxxxxxx')
    expect(told.at(-1)).toBe(10)
  })

  it('ends when an answer is larger than allowed, and that is hopeless', async () => {
    const url = await serve((_request, response) => response.end('x'.repeat(1_000_001)))
    const error: unknown = await httpClient({})(url, { ...request, maxBytes: 1_000_000 }).catch(
      (cause: unknown) => cause,
    )
    expect(error).toMatchObject({ message: 'the answer is larger than 1.0 MB' })
    expect(isHopeless(error)).toBe(true)
  })

  it('ends with the reason of its signal', async () => {
    const reason = new Error('Cancelled by SIGINT.')
    const controller = new AbortController()
    const url = await serve(() => controller.abort(reason))
    await expect(httpClient({})(url, { ...request, signal: controller.signal })).rejects.toBe(reason)
  })
})

describe('the proxy', () => {
  /** Sends one request through a proxy that refuses to connect, and tells what it was asked for. */
  async function through(
    url: string,
    variables: (proxy: string) => Record<string, string>,
  ): Promise<string[]> {
    const asked: string[] = []
    const { host } = await serve((_request, response) => response.end())
    servers.at(-1)!.on('connect', ({ url: target, headers }, socket) => {
      asked.push([target, headers['proxy-authorization'] ?? ''].join(' ').trim())
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
    })
    await expect(httpClient(variables(host))(new URL(url), request)).rejects.toThrow()
    return asked
  }

  it.each<[string, (proxy: string) => Record<string, string>, string]>([
    ['HTTPS_PROXY', (proxy) => ({ HTTPS_PROXY: `http://${proxy}` }), 'app.example:443'],
    [
      'https_proxy, first',
      (proxy) => ({ https_proxy: `http://${proxy}`, HTTPS_PROXY: 'x' }),
      'app.example:443',
    ],
    ['no scheme', (proxy) => ({ HTTPS_PROXY: proxy }), 'app.example:443'],
    [
      'a password',
      (proxy) => ({ HTTPS_PROXY: `http://me:pw@${proxy}` }),
      `app.example:443 Basic ${Buffer.from('me:pw').toString('base64')}`,
    ],
    ['NO_PROXY of others', (proxy) => ({ HTTPS_PROXY: proxy, NO_PROXY: 'a.example' }), 'app.example:443'],
  ])('is asked where it is given as %s', async (_how, variables, connect) => {
    expect(await through('https://app.example/', variables)).toEqual([connect])
  })

  it.each(['app.example', '.example', 'other, example', '*'])(
    'is not asked with NO_PROXY %s',
    async (hosts) => {
      expect(
        await through('https://app.example/', (proxy) => ({ HTTPS_PROXY: proxy, NO_PROXY: hosts })),
      ).toEqual([])
    },
  )

  it.each(['https://127.0.0.1:9/', 'https://localhost:9/'])('is not asked for %s', async (url) => {
    expect(await through(url, (proxy) => ({ HTTPS_PROXY: proxy }))).toEqual([])
  })

  it('comes from the environment that is given, not from that of the process', async () => {
    process.env.HTTPS_PROXY = 'http://127.0.0.1:9'
    try {
      expect(await through('https://app.example/', (proxy) => ({ HTTPS_PROXY: proxy }))).toHaveLength(1)
      expect(await through('https://app.example/', () => ({}))).toEqual([])
    } finally {
      delete process.env.HTTPS_PROXY
    }
  })

  it('is told about where it is no URL, without its value', () => {
    expect(() => httpClient({ HTTPS_PROXY: 'http://me:s3cret@' })).toThrow(
      /^HTTPS_PROXY is not a URL\. (?!.*s3cret)/,
    )
  })
})

describe('waits', () => {
  it.each<[string | undefined, number | undefined]>([
    [undefined, undefined],
    ['', undefined],
    ['soon', undefined],
    ['7', 7000],
    ['0', 1000],
    ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
    ['Wed, 31 Dec 2025 00:00:00 GMT', 1000],
  ])('reads Retry-After: %s', (header, ms) => {
    expect(parseRetryAfter(header, Date.parse('2026-01-01T00:00:00Z'))).toBe(ms)
  })

  it('back off', () => {
    expect([1, 2, 3].map((attempt) => backOff(attempt))).toEqual([500, 1000, 2000])
    expect(backOff(2, 2000)).toBe(4000)
  })
})

it.each<[unknown, string]>([
  [Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
  [Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }), 'connect ECONNREFUSED'],
  [Object.assign(new Error('self-signed'), { code: 'DEPTH_ZERO' }), 'self-signed (DEPTH_ZERO)'],
  [new TypeError(''), 'TypeError'],
  ['text', 'text'],
])('describes %p as %j', (error, text) => {
  expect(describeError(error)).toBe(text)
})
