/** Loaded before a program that must not touch a network: any try to connect or to resolve a name ends it. */
const net = require('node:net')
const dns = require('node:dns')

const refuse = () => {
  process.stderr.write('A network was used.\n')
  process.exit(99)
}
net.Socket.prototype.connect = refuse
dns.lookup = refuse
dns.promises.lookup = refuse
