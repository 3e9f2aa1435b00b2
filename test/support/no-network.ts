import { Socket } from 'node:net'
import nock from 'nock'

// A unit test that would reach a network fails instead: by nock what Node's own client sends, loopback
// included (a test of a loopback server says so with `nock.enableNetConnect('127.0.0.1')`), and by the socket
// whatever else would leave this machine, undici included, which nock does not see.
const LOOPBACK = new Set([undefined, '127.0.0.1', '::1', 'localhost'])
// eslint-disable-next-line @typescript-eslint/unbound-method -- called with its socket below
const { connect } = Socket.prototype

beforeAll(() => {
  nock.disableNetConnect()
  Socket.prototype.connect = function (this: Socket, ...parameters: unknown[]) {
    // Callers inside Node hand over arguments that are normalized already: a list in a list.
    const [target] = parameters.flat() as { host?: string }[]
    if (LOOPBACK.has(target?.host)) return Reflect.apply(connect, this, parameters) as Socket
    // Later, as a refusal by a network would be: whoever connects listens by then.
    const refusal = new Error(`A unit test must not reach ${String(target?.host)}`)
    process.nextTick(() => this.destroy(refusal))
    return this
  }
})

afterEach(() => {
  nock.cleanAll()
})

afterAll(() => {
  nock.restore()
  Socket.prototype.connect = connect
})
