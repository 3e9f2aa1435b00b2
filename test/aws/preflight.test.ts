import { preflight } from '../../src/aws/preflight'
import { pointAwsAt, startLoopback, type Loopback, type LoopbackReply } from '../support/loopback'

const PLACE = { name: 'my-bucket', region: 'eu-west-1' }
const ACCOUNT = { id: '123456789012' }
const ORIGIN = 'https://app.valohai.com'

interface Rule {
  readonly origins: readonly string[]
  readonly methods: readonly string[]
}
const GUIDE: Rule[] = [
  { origins: ['*'], methods: ['GET'] },
  { origins: [ORIGIN], methods: ['POST'] },
]

let server: Loopback
let restore: () => void

/** Answers browsers as S3 does: by the first rule that matches, and with 403 where none does. */
async function startBucket(rules: readonly Rule[]): Promise<void> {
  server = await startLoopback(({ method, headers }): LoopbackReply => {
    const origin = String(headers.origin)
    const wanted = String(headers['access-control-request-method'])
    if (method !== 'OPTIONS') return { status: 500 }
    const rule = rules.find(
      ({ origins, methods }) =>
        methods.includes(wanted) &&
        origins.some((one) => new RegExp(`^${one.replace('*', '.*')}$`).test(origin)),
    )
    if (rule === undefined)
      return {
        status: 403,
        body: '<Error><Code>AccessForbidden</Code><Message>CORSResponse</Message></Error>',
      }
    return {
      headers: {
        'access-control-allow-origin': rule.origins.includes('*') ? '*' : origin,
        'access-control-allow-methods': rule.methods.join(', '),
      },
    }
  })
  restore = pointAwsAt(server.url)
}

afterEach(async () => {
  restore()
  await server.close()
})

it.each<[string, Rule[], boolean, boolean]>([
  ["the guide's rules", GUIDE, true, true],
  ['no rules', [], false, false],
  ['another origin', [GUIDE[0]!, { origins: ['https://other.example'], methods: ['POST'] }], false, true],
  ['a wildcard', [{ origins: ['https://*.valohai.com'], methods: ['GET', 'POST'] }], true, false],
  ['everybody and everything', [{ origins: ['*'], methods: ['GET', 'PUT', 'POST'] }], true, true],
  ['another method', [{ origins: ['*'], methods: ['PUT'] }], false, false],
])('%s', async (_what, rules, uploads, downloads) => {
  await startBucket(rules)
  await expect(preflight(PLACE, ACCOUNT, ORIGIN)).resolves.toEqual({ uploads, downloads })
})

it('asks as a browser does, unsigned', async () => {
  await startBucket(GUIDE)
  await preflight(PLACE, ACCOUNT, ORIGIN)
  const posted = server.requests.find(({ headers }) => headers['access-control-request-method'] === 'POST')
  expect(posted).toMatchObject({ method: 'OPTIONS', path: '/my-bucket/', headers: { origin: ORIGIN } })
  for (const { headers } of server.requests) expect(headers).not.toHaveProperty('authorization')
})

it('says nothing of a bucket that does not answer', async () => {
  await startBucket(GUIDE)
  await server.close()
  await expect(preflight(PLACE, ACCOUNT, ORIGIN)).resolves.toBeUndefined()
  await startBucket(GUIDE)
})
