// The test network listens on every interface; this preload keeps it to 127.0.0.1.
const { Server } = require('node:net')

const listen = Server.prototype.listen

Server.prototype.listen = function (...given) {
  const [where, host] = given
  if (/^\d+$/.test(String(where)) && typeof host !== 'string') {
    given.splice(1, 0, '127.0.0.1')
  } else if (where && typeof where === 'object' && 'port' in where && !where.host) {
    given[0] = { ...where, host: '127.0.0.1' }
  }
  return listen.apply(this, given)
}
