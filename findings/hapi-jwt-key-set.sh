#!/bin/sh
# @hapi/jwt 3.2.4 with @hapi/hapi 21.4.4, Node 20 or newer.
#
# @hapi/jwt verifies ES256 with a key in PEM, and lists the algorithm among those that it supports. From the URL of a key set
# it takes RSA keys alone: with any other set the server does not even start, for it holds "no valid keys". Seen:
#
#   P-256 in PEM: 200
#   P-256 in a set: JWKS endpoint response contained no valid keys
#   RSA in a set: starts
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @hapi/jwt@3.2.4 @hapi/hapi@21.4.4 2>/dev/null
cat > run.mjs <<'JS'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import Hapi from '@hapi/hapi'
import Jwt from '@hapi/jwt'

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const toJwk = ({ publicKey }, alg) => ({ ...publicKey.export({ format: 'jwk' }), kid: 'a', use: 'sig', alg })
const pem = (key, type) => key.export({ format: 'pem', type })

const sets = createServer(({ url }, response) => {
  const key = url === '/ec' ? toJwk(ec, 'ES256') : toJwk(rsa, 'RS256')
  response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ keys: [key] }))
})
await once(sets.listen(0, '127.0.0.1'), 'listening')
const uri = (path) => `http://127.0.0.1:${sets.address().port}/${path}`

async function start(keys) {
  const server = Hapi.server()
  await server.register(Jwt)
  const verify = { aud: false, iss: false, sub: false }
  server.auth.strategy('jwt', 'jwt', { keys, verify, validate: () => ({ isValid: true }) })
  server.route({ path: '/', method: 'GET', options: { auth: 'jwt' }, handler: () => 'ok' })
  await server.initialize()
  return server
}
const describe = (starting) => starting.then(() => 'starts', ({ message }) => message)

const server = await start({ key: pem(ec.publicKey, 'spki'), algorithms: ['ES256'] })
const token = Jwt.token.generate({}, { key: pem(ec.privateKey, 'pkcs8'), algorithm: 'ES256' }, { ttlSec: 60 })
const { statusCode } = await server.inject({ url: '/', headers: { authorization: `Bearer ${token}` } })
console.log('P-256 in PEM:', statusCode)
console.log('P-256 in a set:', await describe(start({ uri: uri('ec') })))
console.log('RSA in a set:', await describe(start({ uri: uri('rsa') })))
sets.close()
sets.closeAllConnections()
process.exit()
JS
seen=$(node run.mjs)
echo "$seen"
test "$seen" = 'P-256 in PEM: 200
P-256 in a set: JWKS endpoint response contained no valid keys
RSA in a set: starts'
