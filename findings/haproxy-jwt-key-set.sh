#!/bin/sh
# HAProxy 2.6.12: haproxy 2.6.12-1+deb12u4, liblua5.3-0, libopentracing1 and libopentracing-c-wrapper0 of Debian 12.
#
# jwt_verify takes the public key from a file in PEM. Of a file with the same key as a JWK Set the check of the configuration
# says "file not found", though it is there, and calls the configuration valid. The running proxy then refuses every token;
# the bare result of the converter is -5 (unknown certificate). Seen:
#
#   PEM: Configuration file is valid; 1
#   key set: file not found (keys.json); Warnings were found; Configuration file is valid; -5
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 755 "$folder"
cd "$folder"
apt-get download -qq haproxy=2.6.12-1+deb12u4 liblua5.3-0 libopentracing1 libopentracing-c-wrapper0 2>/dev/null
for package in *.deb; do dpkg-deb -x "$package" .; done
LD_LIBRARY_PATH=$(echo "$folder"/usr/lib/*-linux-gnu)
export LD_LIBRARY_PATH
cat > run.mjs <<'JS'
import { spawn, spawnSync } from 'node:child_process'
import { generateKeyPairSync, sign } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { once } from 'node:events'

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
const content = `${encode({ alg: 'ES256', kid: 'a' })}.${encode({ sub: 'jane' })}`
const signature = sign('sha256', Buffer.from(content), { key: privateKey, dsaEncoding: 'ieee-p1363' })
const token = `${content}.${signature.toString('base64url')}`

const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'a', use: 'sig', alg: 'ES256' }
writeFileSync('key.pem', publicKey.export({ format: 'pem', type: 'spki' }))
writeFileSync('keys.json', JSON.stringify({ keys: [jwk] }))

async function findFreePort() {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address()
  server.close()
  return port
}

async function ask(file) {
  const port = await findFreePort()
  const result = '%[http_auth_bearer,jwt_verify("ES256","' + file + '")]'
  writeFileSync(
    'haproxy.cfg',
    `defaults
  mode http
  timeout client 5s
frontend shop
  bind 127.0.0.1:${port}
  http-request return content-type text/plain lf-string '${result}'
`,
  )
  const { stdout, stderr } = spawnSync('usr/sbin/haproxy', ['-c', '-f', 'haproxy.cfg'], { encoding: 'utf8' })
  const check = `${stderr}${stdout}`.match(/file not found \(.*\)|Warnings were found|Configuration file is valid/g)
  const haproxy = spawn('usr/sbin/haproxy', ['-db', '-f', 'haproxy.cfg'], { stdio: 'ignore' })
  const headers = { authorization: `Bearer ${token}` }
  for (;;) {
    const response = await fetch(`http://127.0.0.1:${port}`, { headers }).catch(() => null)
    if (response === null) continue
    haproxy.kill()
    return [...check, await response.text()].join('; ')
  }
}
console.log('PEM:', await ask('key.pem'))
console.log('key set:', await ask('keys.json'))
JS
seen=$(node run.mjs)
echo "$seen"
test "$seen" = 'PEM: Configuration file is valid; 1
key set: file not found (keys.json); Warnings were found; Configuration file is valid; -5'
