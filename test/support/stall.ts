import { once } from 'node:events'
import { createServer, request as send, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server in front of another one, that leaves one request without an answer. */
export interface Stall {
  readonly url: string
  /** Resolved when the request has come. */
  readonly reached: Promise<void>
  close(): Promise<void>
}

/**
 * Starts it on a free loopback port.
 *
 * @param target what every request but that one is passed on to
 * @param isStalled the first request for which it is true gets no answer; those after it do
 */
export async function startStall(
  target: string,
  isStalled: (request: Pick<IncomingMessage, 'method' | 'url'>) => boolean,
): Promise<Stall> {
  let reach: (() => void) | undefined
  const reached = new Promise<void>((resolve) => (reach = resolve))
  const server = createServer((incoming, outgoing) => {
    if (reach !== undefined && isStalled(incoming)) {
      reach()
      reach = undefined
      return
    }
    const { method, url, headers } = incoming
    const passedOn = send(new URL(url ?? '/', target), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    passedOn.on('error', () => outgoing.destroy())
    incoming.pipe(passedOn)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    reached,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
