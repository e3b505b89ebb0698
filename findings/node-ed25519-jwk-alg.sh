#!/bin/sh
# Node 20.20.2 and 24.21.0, workerd 1.20261102.1, jose 6.2.18.
#
# An Ed25519 key that Node's Web Crypto exports as a JWK says alg "Ed25519" (RFC 9864), and workerd's says "EdDSA". Node
# imports both. workerd refuses Node's with a DataError, so a key pair made in Node and stored as it was exported cannot be
# imported by a Worker. In a key set jose finds no key for a token whose header says EdDSA, though the kid is right.
# Without alg both are content; KeyObject.export() in Node writes none. Seen:
#
#   Node exports: Ed25519
#   workerd exports: EdDSA
#   workerd imports EdDSA: yes
#   workerd imports Ed25519: DataError
#   workerd imports undefined: yes
#   jose finds the key: ERR_JWKS_NO_MATCHING_KEY
#   jose finds it without alg: yes
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund workerd@1.20261102.1 jose@6.2.18
cat > worker.mjs <<'JS'
export default {
  async fetch() {
    const { publicKey } = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])
    const jwk = await crypto.subtle.exportKey('jwk', publicKey)
    const lines = [`workerd exports: ${jwk.alg}`]
    for (const alg of ['EdDSA', 'Ed25519', undefined]) {
      const imported = crypto.subtle.importKey('jwk', { ...jwk, alg }, 'Ed25519', true, ['verify'])
      const answer = await imported.then(() => 'yes', ({ name }) => name)
      lines.push(`workerd imports ${alg}: ${answer}`)
    }
    return new Response(lines.join('\n'))
  },
}
JS
cat > config.capnp <<'CAPNP'
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [(name = "worker.mjs", esModule = embed "worker.mjs")],
    compatibilityDate = "2026-11-01",
  ))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
CAPNP
cat > run.mjs <<'JS'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createLocalJWKSet, jwtVerify, SignJWT } from 'jose'

const { privateKey, publicKey } = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])
const jwk = { ...(await crypto.subtle.exportKey('jwk', publicKey)), kid: 'a' }
console.log('Node exports:', jwk.alg)

const args = ['serve', 'config.capnp', '--control-fd=3']
const workerd = spawn('node_modules/.bin/workerd', args, { stdio: ['ignore', 'inherit', 'inherit', 'pipe'] })
const [line] = await once(workerd.stdio[3], 'data')
console.log(await (await fetch(`http://127.0.0.1:${JSON.parse(line).port}`)).text())
workerd.kill()

const token = await new SignJWT().setProtectedHeader({ alg: 'EdDSA', kid: 'a' }).sign(privateKey)
const find = (key) => jwtVerify(token, createLocalJWKSet({ keys: [key] })).then(() => 'yes', ({ code }) => code)
console.log('jose finds the key:', await find(jwk))
console.log('jose finds it without alg:', await find({ ...jwk, alg: undefined }))
JS
seen=$(node run.mjs)
echo "$seen"
test "$seen" = 'Node exports: Ed25519
workerd exports: EdDSA
workerd imports EdDSA: yes
workerd imports Ed25519: DataError
workerd imports undefined: yes
jose finds the key: ERR_JWKS_NO_MATCHING_KEY
jose finds it without alg: yes'
