// Loaded with --require: writes down every address that a process connects to, in the file SOCKETS_LOG.
const { appendFileSync } = require('node:fs')
const net = require('node:net')

const { connect } = net.Socket.prototype
net.Socket.prototype.connect = function (...args) {
  const [options] = Array.isArray(args[0]) ? args[0] : args
  const { host = 'localhost', port, path } = typeof options === 'object' ? options : { port: options }
  appendFileSync(process.env.SOCKETS_LOG, `${path ?? `${host}:${port}`}\n`)
  return connect.apply(this, args)
}
