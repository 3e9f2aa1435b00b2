import { startProxy, type Passing, type Proxy } from './proxy'

/** A server in front of another one, that leaves one request without an answer. */
export interface Stall extends Proxy {
  /** Resolved when the request has come. */
  readonly reached: Promise<void>
}

/**
 * Starts it on a free loopback port.
 *
 * @param target what every request but that one is passed on to
 * @param isStalled the first request for which it is true gets no answer; those after it do
 */
export async function startStall(target: string, isStalled: (request: Passing) => boolean): Promise<Stall> {
  let reach: (() => void) | undefined
  const reached = new Promise<void>((resolve) => (reach = resolve))
  const proxy = await startProxy(target, {
    before: (request) => {
      if (reach === undefined || !isStalled(request)) return 'pass'
      reach()
      reach = undefined
      return new Promise(() => undefined)
    },
  })
  return { ...proxy, reached }
}
