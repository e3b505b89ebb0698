#!/bin/sh
# node-jose 2.2.0, Node 20 or newer.
#
# A key set may hold keys of types that a reader does not know; RFC 7517, section 5, has it ignore them. node-jose refuses
# the whole set for one Ed25519 key, so on the day that a service publishes such a key beside its P-256 key, for a change of
# algorithm, tokens of the key that stays are refused too. Seen:
#
#   P-256 alone: 1 key
#   with an Ed25519 key beside it: unsupported key type
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund node-jose@2.2.0
cat > run.mjs <<'JS'
import { generateKeyPairSync } from 'node:crypto'
import jose from 'node-jose'

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' })
const okp = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })
const read = (keys) =>
  jose.JWK.asKeyStore({ keys }).then(
    (store) => `${store.all().length} key`,
    ({ message }) => message,
  )
console.log('P-256 alone:', await read([ec]))
console.log('with an Ed25519 key beside it:', await read([ec, okp]))
JS
seen=$(node run.mjs)
echo "$seen"
test "$seen" = 'P-256 alone: 1 key
with an Ed25519 key beside it: unsupported key type'
