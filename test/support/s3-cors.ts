import type { IncomingHttpHeaders } from 'node:http'
import type { CORSRule } from '@aws-sdk/client-s3'
import type { Answer } from './proxy'

/** What a browser says of a request that a page of another origin makes. */
interface Asked {
  readonly origin: string
  readonly method: string
  /** Headers that the page sets, in lower case. */
  readonly headers: readonly string[]
}

/**
 * What S3 answers where a browser asks before it sends a request, as AWS documents it ("How does Amazon S3 evaluate the
 * CORS configuration on a bucket").
 */
export function answerPreflight(rules: readonly CORSRule[], headers: IncomingHttpHeaders): Answer {
  const origin = headers.origin
  const method = headers['access-control-request-method']
  if (origin === undefined || method === undefined) {
    return refusal(400, 'BadRequest', 'Insufficient information. Origin request header needed.')
  }
  const wanted = headers['access-control-request-headers'] ?? ''
  const asked = {
    origin,
    method,
    headers: wanted
      .toLowerCase()
      .split(/[,\s]+/)
      .filter(Boolean),
  }
  const rule = ruleFor(rules, asked)
  if (rule !== undefined) return { status: 200, headers: headersBy(rule, asked) }
  const why =
    rules.length === 0 ? 'CORS is not enabled for this bucket.' : 'This CORS request is not allowed.'
  return refusal(403, 'AccessForbidden', `CORSResponse: ${why}`)
}

/** The headers by which S3 lets a page read the answer to a request that it sent. */
export function corsHeaders(
  rules: readonly CORSRule[],
  { method, origin }: { readonly method: string; readonly origin: string | undefined },
): Record<string, string> {
  if (origin === undefined) return {}
  const asked = { origin, method, headers: [] }
  const rule = ruleFor(rules, asked)
  return rule === undefined ? {} : headersBy(rule, asked)
}

/** The first rule that has the origin, the method, and every header asked for. */
function ruleFor(rules: readonly CORSRule[], { origin, method, headers }: Asked): CORSRule | undefined {
  return rules.find(
    ({ AllowedOrigins = [], AllowedMethods = [], AllowedHeaders = [] }) =>
      AllowedMethods.includes(method) &&
      AllowedOrigins.some((one) => fits(one, origin)) &&
      headers.every((header) => AllowedHeaders.some((one) => fits(one.toLowerCase(), header))),
  )
}

/** `*` in a rule stands for anything, once. */
function fits(pattern: string, text: string): boolean {
  const [start = '', end] = pattern.split('*')
  if (end === undefined) return pattern === text
  return text.length >= start.length + end.length && text.startsWith(start) && text.endsWith(end)
}

function headersBy(rule: CORSRule, { origin, headers }: Asked): Record<string, string> {
  const isForAll = rule.AllowedOrigins?.includes('*') === true
  return {
    'access-control-allow-origin': isForAll ? '*' : origin,
    ...(isForAll ? {} : { 'access-control-allow-credentials': 'true' }),
    'access-control-allow-methods': (rule.AllowedMethods ?? []).join(', '),
    ...(headers.length > 0 && { 'access-control-allow-headers': headers.join(', ') }),
    ...(rule.ExposeHeaders !== undefined && {
      'access-control-expose-headers': rule.ExposeHeaders.join(', '),
    }),
    ...(rule.MaxAgeSeconds !== undefined && { 'access-control-max-age': String(rule.MaxAgeSeconds) }),
    vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
  }
}

const refusal = (status: number, code: string, message: string): Answer => ({
  status,
  headers: { 'content-type': 'application/xml' },
  body: `<Error><Code>${code}</Code><Message>${message}</Message></Error>`,
})
