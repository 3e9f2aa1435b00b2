import { readBucket } from './describe-aws'
import type { Emulator } from './emulator'
import { startProxy, type Answer, type Passing, type Proxy } from './proxy'
import { answerPreflight, corsHeaders } from './s3-cors'

/**
 * Starts a server in front of the emulator that answers as S3 does what the emulator does not: browsers, which that
 * asks for the last CORS rule alone and lets read everything; and whether a bucket's policy makes it public. Both by
 * what the bucket has at that moment.
 */
export async function startS3Front(emulator: Pick<Emulator, 'url'>): Promise<Proxy> {
  const bucketOf = ({ url }: Passing) => {
    const [, name = ''] = new URL(url, emulator.url).pathname.split('/')
    return readBucket(emulator, name)
  }
  return startProxy(emulator.url, {
    before: async (request) => {
      if (request.method === 'OPTIONS') {
        return answerPreflight((await bucketOf(request)).cors ?? [], request.headers)
      }
      return /[?&]policyStatus\b/.test(request.url) ? policyStatus((await bucketOf(request)).policy) : 'pass'
    },
    headersOf: async (request, headers) => {
      const { origin } = request.headers
      const own = Object.entries(headers).filter(
        ([name]) => name !== 'vary' && !name.startsWith('access-control-'),
      )
      const rules = origin === undefined ? [] : ((await bucketOf(request)).cors ?? [])
      return { ...Object.fromEntries(own), ...corsHeaders(rules, { method: request.method, origin }) }
    },
  })
}

/** A policy is public where it lets everybody in, without a condition that narrows whom. */
function policyStatus(policy: unknown): Answer {
  const xml = { 'content-type': 'application/xml' }
  if (policy === undefined) {
    return { status: 404, headers: xml, body: '<Error><Code>NoSuchBucketPolicy</Code></Error>' }
  }
  const { Statement = [] } = policy as { Statement?: readonly Record<string, unknown>[] }
  const isPublic = Statement.some(
    ({ Effect, Principal, Condition }) => Effect === 'Allow' && Principal === '*' && Condition === undefined,
  )
  const body = `<PolicyStatus xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsPublic>${String(isPublic)}</IsPublic></PolicyStatus>`
  return { status: 200, headers: xml, body }
}
