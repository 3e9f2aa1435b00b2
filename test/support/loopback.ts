import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import nock from 'nock'

/** One request as the loopback server got it. */
export interface LoopbackRequest {
  readonly method: string
  /** Decoded, without the query. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** @default - 200, without headers and body */
export interface LoopbackReply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Whether the answer never comes. */
  readonly hangs?: boolean
}

export interface Loopback {
  readonly url: string
  /** Everything that was asked, in order. */
  readonly requests: readonly LoopbackRequest[]
  close(): Promise<void>
}

/** Starts an HTTP server on a free loopback port that answers every request with what `answer` gives. */
export async function startLoopback(answer: (request: LoopbackRequest) => LoopbackReply): Promise<Loopback> {
  nock.enableNetConnect('127.0.0.1')
  const requests: LoopbackRequest[] = []
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      const { pathname, searchParams } = new URL(incoming.url ?? '/', 'http://loopback')
      const request: LoopbackRequest = {
        method: incoming.method ?? '',
        path: decodeURIComponent(pathname),
        query: searchParams,
        headers: incoming.headers,
        body: Buffer.concat(chunks).toString('utf8'),
      }
      requests.push(request)
      const { status = 200, headers = {}, body = '', hangs = false } = answer(request)
      if (hangs) return
      outgoing.writeHead(status, headers).end(request.method === 'HEAD' ? undefined : body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()))
        server.closeAllConnections()
      }),
  }
}

/**
 * Points the AWS SDK of this process at a loopback server, with credentials of nobody and a single attempt a
 * request, and away from whatever the person who runs the tests has configured.
 *
 * @returns puts the environment back
 */
export function pointAwsAt(url: string, variables: Readonly<Record<string, string>> = {}): () => void {
  const before = Object.entries(process.env).filter(([name]) => name.startsWith('AWS_'))
  const clear = (): void => {
    for (const name of Object.keys(process.env).filter((one) => one.startsWith('AWS_'))) {
      // eslint-disable-next-line @typescript-eslint/no-dynamic-delete
      delete process.env[name]
    }
  }
  clear()
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: url,
    AWS_MAX_ATTEMPTS: '1',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/nonexistent/config',
    AWS_SHARED_CREDENTIALS_FILE: '/nonexistent/credentials',
    AWS_ACCESS_KEY_ID: 'AKIADEPLOYER',
    AWS_SECRET_ACCESS_KEY: 'secret-of-the-deployer',
    ...variables,
  })
  return () => {
    clear()
    Object.assign(process.env, Object.fromEntries(before))
  }
}
