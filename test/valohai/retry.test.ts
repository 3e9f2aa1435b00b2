import type { MockAgent } from 'undici'
import { ValohaiError } from '../../src/valohai'
import { ValohaiHttp } from '../../src/valohai/http'
import { MAX_ATTEMPTS, retryDelay } from '../../src/valohai/retry'
import { open, ORIGIN, playHosts, rejection, fakeTime } from './helpers'

let hosts: MockAgent

beforeEach(() => {
  hosts = playHosts()
})

describe('retries (point 6)', () => {
  it('repeats a GET after a broken connection and a 5xx, and tells of it', async () => {
    hosts
      .get(ORIGIN)
      .intercept({ path: '/api/v0/a/' })
      .replyWithError(Object.assign(new Error('reset'), { code: 'ECONNRESET' }))
    hosts.get(ORIGIN).intercept({ path: '/api/v0/a/' }).reply(502, '<html>')
    hosts.get(ORIGIN).intercept({ path: '/api/v0/a/' }).reply(200, { ok: true })
    const { http, waits, told } = open(hosts)
    await expect(http.get('a/')).resolves.toEqual({ ok: true })
    expect(waits).toEqual([500, 1000])
    expect(told).toEqual([
      'Valohai gave no answer to GET a/; trying again in 0.5 s (1 of 5)',
      'Valohai answered HTTP 502 to GET a/; trying again in 1 s (2 of 5)',
    ])
  })

  it('gives up at a limit, and says Internal error (HTTP 502)', async () => {
    hosts.get(ORIGIN).intercept({ path: '/api/v0/a/' }).reply(502, '<html><h1>Bad gateway</h1>').persist()
    const { http, waits } = open(hosts)
    await expect(http.get('a/')).rejects.toThrow(/^Internal error \(HTTP 502\)$/)
    expect(waits).toHaveLength(MAX_ATTEMPTS - 1)
  })

  it('does not repeat a GET that is wrong', async () => {
    hosts.get(ORIGIN).intercept({ path: '/api/v0/a/' }).reply(404, { detail: 'Not found.' })
    await expect(open(hosts).http.get('a/')).rejects.toMatchObject({ status: 404 })
  })

  it.each(['POST', 'PUT', 'PATCH'] as const)('waits out a 429 of %s', async (method) => {
    hosts.get(ORIGIN).intercept({ path: '/api/v0/a/', method }).reply(429, {})
    hosts
      .get(ORIGIN)
      .intercept({ path: '/api/v0/a/', method })
      .reply(429, {}, { headers: { 'retry-after': '7' } })
    hosts.get(ORIGIN).intercept({ path: '/api/v0/a/', method }).reply(200, { ok: true })
    const { http, waits } = open(hosts)
    await expect(http.send(method, 'a/', {})).resolves.toEqual({ ok: true })
    expect(waits).toEqual([5000, 7000])
  })

  it.each([500, 502, 503, 504])('never repeats a POST after a %i', async (status) => {
    hosts.get(ORIGIN).intercept({ path: '/api/v0/a/', method: 'POST' }).reply(status, {})
    const { http, waits } = open(hosts)
    await expect(http.send('POST', 'a/', {})).rejects.toMatchObject({ status })
    expect(waits).toEqual([])
  })

  it('does not repeat what no wait can cure', async () => {
    const bad = Object.assign(new Error('self-signed certificate'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
    hosts.get(ORIGIN).intercept({ path: '/api/v0/a/' }).replyWithError(bad)
    const { http, waits } = open(hosts)
    await expect(http.get('a/')).rejects.toThrow(
      /Could not reach https:\/\/app.valohai.com.*NODE_EXTRA_CA_CERTS/,
    )
    expect(waits).toEqual([])
  })

  it('says so where the token cannot be sent', async () => {
    const { options } = fakeTime()
    const error = await rejection(new ValohaiHttp(ORIGIN, 'abc\ndef', options).get('a/'))
    expect(error.message).toMatch(/`valohai-token`/)
    expect(error.message).not.toContain('abc')
  })

  it.each<[string, number | undefined, string | undefined, number, number | undefined]>([
    ['GET', 503, undefined, 1, 500],
    ['GET', 503, '3', 1, 3000],
    ['GET', 501, undefined, 1, undefined],
    ['GET', undefined, undefined, 3, 2000],
    ['GET', undefined, undefined, 6, undefined],
    ['GET', 200, undefined, 1, undefined],
    ['PUT', 503, undefined, 1, 500],
    ['POST', undefined, undefined, 1, undefined],
    ['POST', 429, undefined, 1, 5000],
    ['POST', 429, '3600', 1, 60_000],
    ['POST', 429, '1', 6, undefined],
    ['POST', 400, '1', 1, undefined],
  ])('%s, status %s, Retry-After %s, attempt %i', (method, status, retryAfter, attempt, delay) => {
    const error = new ValohaiError('x', status === undefined ? {} : { status })
    expect(retryDelay({ method, attempt, error, retryAfter }, 0)).toBe(delay)
  })
})
