#!/bin/sh
# express-oauth2-jwt-bearer 1.10.0 with express 5.1.0, Node 20 or newer.
#
# An HS256 key in a JWK is random bytes. This middleware takes a secret as text only, and verifies with the bytes of the text
# in UTF-8. It makes text of a Buffer without a word, so that most random bytes become U+FFFD, and says that the signature is
# wrong. There is no way to hand it a key that is no text. Seen:
#
#   text: 200
#   bytes of a text: 200
#   random bytes: 401 signature verification failed
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund express-oauth2-jwt-bearer@1.10.0 express@5.1.0 jose@6.2.18
cat > run.mjs <<'JS'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import express from 'express'
import { auth } from 'express-oauth2-jwt-bearer'
import { SignJWT } from 'jose'

const [issuer, audience] = ['https://users.acme.example', 'shop']
const claims = new SignJWT().setProtectedHeader({ alg: 'HS256' }).setIssuer(issuer).setAudience(audience)

async function verify(secret, key) {
  const app = express()
  app.use(auth({ secret, issuer, audience, tokenSigningAlg: 'HS256' }))
  app.use((request, response) => response.send(''))
  app.use((error, request, response, next) => response.status(error.status).send(error.message))
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const headers = { authorization: `Bearer ${await claims.setExpirationTime('1 min').sign(key)}` }
  const answer = await fetch(`http://127.0.0.1:${server.address().port}`, { headers })
  server.close()
  return `${answer.status} ${await answer.text()}`.trim()
}
const text = randomBytes(32).toString('base64url')
// Without the last one they might be UTF-8 by chance.
const bytes = Buffer.concat([randomBytes(31), Buffer.from([0xff])])
console.log('text:', await verify(text, Buffer.from(text)))
console.log('bytes of a text:', await verify(Buffer.from(text), Buffer.from(text)))
console.log('random bytes:', await verify(bytes, bytes))
process.exit()
JS
seen=$(node run.mjs)
echo "$seen"
test "$seen" = 'text: 200
bytes of a text: 200
random bytes: 401 signature verification failed'
