import { once } from 'node:events'
import { createServer, request as send, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request on its way, whole. */
export interface Passing {
  readonly method: string
  /** Path and query, as they were sent. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** What becomes of a request or its answer: it is passed on, answered with a status instead, or cut off. */
export type Verdict = 'pass' | 'cut' | number

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
}

/**
 * Starts it on a free loopback port.
 *
 * @param target what requests are passed on to
 */
export async function startProxy(target: string, { before, after }: ProxyOptions): Promise<Proxy> {
  const server = createServer((incoming, outgoing) => {
    void (async () => {
      const body = await read(incoming)
      const { method = '', url = '/', headers } = incoming
      const request: Passing = { method, url, headers, body: body.toString('latin1') }
      const ends = (verdict: Verdict): boolean => {
        if (verdict === 'cut') outgoing.destroy()
        else if (verdict !== 'pass') outgoing.writeHead(verdict, { connection: 'close' }).end()
        return verdict !== 'pass'
      }
      if (ends((await before?.(request)) ?? 'pass')) return
      const answer = await passOn(new URL(url, target), request, body)
      const answerBody = await read(answer)
      if (ends((await after?.(request, answer.statusCode ?? 0)) ?? 'pass')) return
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers).end(answerBody)
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
