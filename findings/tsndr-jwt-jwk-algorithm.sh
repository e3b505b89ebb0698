#!/bin/sh
# @tsndr/cloudflare-worker-jwt 3.2.3, Node 20 or newer.
#
# verify() takes a JWK, but not the alg in it: it verifies as HS256 unless it is told otherwise, and says that the signature
# is invalid. The token's header, the key's alg and the type of the key all say ES256. Seen:
#
#   the JWK alone: INVALID_SIGNATURE
#   and algorithm: ES256: verifies
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @tsndr/cloudflare-worker-jwt@3.2.3
cat > run.mjs <<'JS'
import { generateKeyPairSync } from 'node:crypto'
import jwt from '@tsndr/cloudflare-worker-jwt'

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const toJwk = (key) => ({ ...key.export({ format: 'jwk' }), alg: 'ES256' })
const token = await jwt.sign({ sub: 'jane' }, toJwk(privateKey), 'ES256')
const verify = (options) =>
  jwt.verify(token, toJwk(publicKey), { throwError: true, ...options }).then(
    () => 'verifies',
    ({ message }) => message,
  )
console.log('the JWK alone:', await verify({}))
console.log('and algorithm: ES256:', await verify({ algorithm: 'ES256' }))
JS
seen=$(node run.mjs)
echo "$seen"
test "$seen" = 'the JWK alone: INVALID_SIGNATURE
and algorithm: ES256: verifies'
