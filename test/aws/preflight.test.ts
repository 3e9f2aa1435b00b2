import type { CORSRule } from '@aws-sdk/client-s3'
import { preflight } from '../../src/aws/preflight'
import { pointAwsAt, startLoopback, type Loopback } from '../support/loopback'
import { answerPreflight } from '../support/s3-cors'

const PLACE = { name: 'my-bucket', region: 'eu-west-1' }
const ACCOUNT = { id: '123456789012' }
const ORIGIN = 'https://app.valohai.com'

const GET_BY_ALL: CORSRule = { AllowedOrigins: ['*'], AllowedMethods: ['GET'] }
const GUIDE: CORSRule[] = [GET_BY_ALL, { AllowedOrigins: [ORIGIN], AllowedMethods: ['POST'] }]

let server: Loopback
let restore: () => void

/** Answers browsers as S3 does. */
async function startBucket(rules: readonly CORSRule[]): Promise<void> {
  server = await startLoopback(({ method, headers }) =>
    method === 'OPTIONS' ? answerPreflight(rules, headers) : { status: 500 },
  )
  restore = pointAwsAt(server.url)
}

afterEach(async () => {
  restore()
  await server.close()
})

it.each<[string, CORSRule[], boolean, boolean]>([
  ["the guide's rules", GUIDE, true, true],
  ['no rules', [], false, false],
  [
    'another origin',
    [GET_BY_ALL, { AllowedOrigins: ['https://other.example'], AllowedMethods: ['POST'] }],
    false,
    true,
  ],
  [
    'a wildcard',
    [{ AllowedOrigins: ['https://*.valohai.com'], AllowedMethods: ['GET', 'POST'] }],
    true,
    false,
  ],
  [
    'everybody and everything',
    [{ AllowedOrigins: ['*'], AllowedMethods: ['GET', 'PUT', 'POST'] }],
    true,
    true,
  ],
  ['another method', [{ AllowedOrigins: ['*'], AllowedMethods: ['PUT'] }], false, false],
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
