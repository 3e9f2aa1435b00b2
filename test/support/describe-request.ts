import type { Passing } from './proxy'

const UUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g

/** A request in a few words that are the same in every run: `IAM CreateUser`, `S3 PUT /my-bucket?cors`. */
export function describeRequest(request: Passing): string {
  const { method, url, headers, body } = request
  const { pathname, searchParams } = new URL(url, 'http://loopback')
  const path = decodeURIComponent(pathname).replace(UUID, '<uuid>')
  if (pathname.startsWith('/api/v0/')) return `Valohai ${method} ${path}`
  const action = actionOf(request)
  if (action !== undefined) {
    const [, service = 'aws'] =
      /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(headers.authorization ?? '') ?? []
    return `${service.toUpperCase()} ${action}`
  }
  const names = [...searchParams.keys()].filter((name) => name !== 'x-id').sort()
  const query = names.length === 0 ? '' : `?${names.join('&')}`
  return `S3 ${method} ${path}${query}${noteOf(path, method, body)}`
}

/** Whether a request changes something, or makes credentials. */
export function isWrite(request: Passing): boolean {
  const action = actionOf(request)
  return action === undefined ? !/^(GET|HEAD)$/.test(request.method) : !/^(Get|List)/.test(action)
}

/** IAM's and STS's operations stand in the body. */
function actionOf({ url, body }: Passing): string | undefined {
  return url === '/' ? (new URLSearchParams(body).get('Action') ?? undefined) : undefined
}

/** What a write of the run lock says: of how many keys, how far the last one came, and that it is free. */
function noteOf(path: string, method: string, body: string): string {
  if (method !== 'PUT' || !path.endsWith('.run-lock')) return ''
  const keys = [...body.matchAll(/"progress": "(\w+)"/g)].map(([, progress]) => progress ?? '')
  const free = body.includes('"isHeld": false') ? 'free, ' : ''
  return ` (${free}${keys.length === 0 ? 'no key' : `key ${keys.length} ${keys.at(-1) ?? ''}`})`
}
