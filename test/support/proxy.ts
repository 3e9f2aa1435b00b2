import { once } from 'node:events'
import {
  createServer,
  request as send,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
} from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request on its way, whole. */
export interface Passing {
  readonly method: string
  /** Path and query, as they were sent. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** What becomes of a request or its answer: it is passed on, answered by this instead, or cut off. */
export type Verdict = 'pass' | 'cut' | number | Answer

/** @default - without headers and body */
export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** A server in front of another one, that does to requests what a network may. */
export interface Proxy {
  readonly url: string
  close(): Promise<void>
}

export interface ProxyOptions {
  /** Asked for each request before it is passed on. @default - passes */
  readonly before?: (request: Passing) => Verdict | Promise<Verdict>
  /** Asked for each request once it was answered, before the answer is passed on. @default - passes */
  readonly after?: (request: Passing, status: number) => Verdict | Promise<Verdict>
  /** Gives the headers that an answer is passed on with. @default - its own */
  readonly headersOf?: (
    request: Passing,
    headers: IncomingHttpHeaders,
  ) => OutgoingHttpHeaders | Promise<OutgoingHttpHeaders>
}

/**
 * Starts it on a free loopback port.
 *
 * @param target what requests are passed on to
 */
export async function startProxy(target: string, { before, after, headersOf }: ProxyOptions): Promise<Proxy> {
  const server = createServer((incoming, outgoing) => {
    void (async () => {
      const body = await read(incoming)
      const { method = '', url = '/', headers } = incoming
      const request: Passing = { method, url, headers, body: body.toString('latin1') }
      const ends = (verdict: Verdict): boolean => {
        if (verdict === 'cut') outgoing.destroy()
        else if (verdict !== 'pass') {
          const {
            status,
            headers: own,
            body: text,
          }: Answer = typeof verdict === 'number' ? { status: verdict } : verdict
          outgoing.writeHead(status, { connection: 'close', ...own }).end(text)
        }
        return verdict !== 'pass'
      }
      if (ends((await before?.(request)) ?? 'pass')) return
      const answer = await passOn(new URL(url, target), request, body)
      const answerBody = await read(answer)
      if (ends((await after?.(request, answer.statusCode ?? 0)) ?? 'pass')) return
      const answerHeaders = (await headersOf?.(request, answer.headers)) ?? answer.headers
      outgoing.writeHead(answer.statusCode ?? 502, answerHeaders).end(answerBody)
    })().catch(() => outgoing.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function passOn(at: URL, { method, headers }: Passing, body: Buffer): Promise<IncomingMessage> {
  const passedOn = send(at, { method, headers })
  passedOn.end(body)
  const [answer] = (await once(passedOn, 'response')) as [IncomingMessage]
  return answer
}

async function read(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
