#!/bin/sh
# hono 4.13.19, express-jwt 8.5.1 and koa-jwt 4.0.4 with jwks-rsa 4.1.0, express-oauth2-jwt-bearer 1.10.0, @fastify/jwt 10.2.8
# with get-jwks 11.0.3; Node 20 or newer.
#
# A good token comes while the key set cannot be read, for its server answers 503. Nothing is wrong with the token, and three
# of these say so with a 500. The other two answer 401, upon which a client throws the token away or logs its user out.
# Each is asked anew, with nothing in its cache. Seen:
#
#   hono/jwk: 200, with the set away 500
#   express-jwt: 200, with the set away 500
#   koa-jwt: 200, with the set away 401
#   express-oauth2-jwt-bearer: 200, with the set away 401
#   @fastify/jwt: 200, with the set away 500
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund hono@4.13.19 express@5.1.0 express-jwt@8.5.1 jwks-rsa@4.1.0 koa@3.1.1 \
  koa-jwt@4.0.4 express-oauth2-jwt-bearer@1.10.0 fastify@5.6.2 @fastify/jwt@10.2.8 get-jwks@11.0.3 jose@6.2.18 2>/dev/null
cat > run.mjs <<'JS'
import { once } from 'node:events'
import { createServer } from 'node:http'
import fastifyJwt from '@fastify/jwt'
import express from 'express'
import { expressjwt } from 'express-jwt'
import { auth } from 'express-oauth2-jwt-bearer'
import Fastify from 'fastify'
import buildGetJwks from 'get-jwks'
import { Hono } from 'hono'
import { jwk } from 'hono/jwk'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import jwksRsa from 'jwks-rsa'
import Koa from 'koa'
import koaJwt from 'koa-jwt'

const { privateKey, publicKey } = await generateKeyPair('ES256')
const key = { ...(await exportJWK(publicKey)), kid: 'a', use: 'sig', alg: 'ES256' }
const [issuer, audience] = ['https://users.acme.example', 'shop']
const token = await new SignJWT({ sub: 'jane' })
  .setProtectedHeader({ alg: 'ES256', kid: 'a', typ: 'JWT' })
  .setIssuer(issuer)
  .setAudience(audience)
  .setIssuedAt()
  .setExpirationTime('1 min')
  .sign(privateKey)
const headers = { authorization: `Bearer ${token}` }

let away = false
const sets = createServer((request, response) => {
  response.setHeader('Content-Type', 'application/json').writeHead(away ? 503 : 200)
  response.end(JSON.stringify(away ? { message: 'away' } : { keys: [key] }))
})
await once(sets.listen(0, '127.0.0.1'), 'listening')
const domain = `http://127.0.0.1:${sets.address().port}`
const jwksUri = `${domain}/.well-known/jwks.json`

async function ask(listener) {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { status } = await fetch(`http://127.0.0.1:${server.address().port}`, { headers })
  server.close()
  return status
}
const quiet = (error, request, response, next) => response.status(error.status ?? 500).end()
const inExpress = (middleware) => ask(express().use(middleware, (request, response) => response.end(), quiet))

const verifiers = {
  'hono/jwk': async () => {
    const app = new Hono().get('/', jwk({ jwks_uri: jwksUri, alg: ['ES256'] }), (c) => c.text(''))
    app.onError((error, c) => c.text('', 500))
    return (await app.request('/', { headers })).status
  },
  'express-jwt': () => inExpress(expressjwt({ secret: jwksRsa.expressJwtSecret({ jwksUri }), algorithms: ['ES256'] })),
  'koa-jwt': () => {
    const app = new Koa().use(koaJwt({ secret: jwksRsa.koaJwtSecret({ jwksUri }) })).use((c) => (c.body = 'ok'))
    return ask(app.on('error', () => {}).callback())
  },
  'express-oauth2-jwt-bearer': () => inExpress(auth({ jwksUri, issuer, audience })),
  '@fastify/jwt': async () => {
    const jwks = buildGetJwks()
    const app = Fastify()
    app.register(fastifyJwt, { decode: { complete: true }, secret: (_, { header }) => jwks.getPublicKey({ ...header, domain }) })
    app.get('/', (request) => request.jwtVerify())
    return (await app.inject({ url: '/', headers })).statusCode
  },
}
for (const [name, verify] of Object.entries(verifiers)) {
  away = false
  const before = await verify()
  away = true
  console.log(`${name}: ${before}, with the set away ${await verify()}`)
}
process.exit()
JS
seen=$(node run.mjs)
echo "$seen"
test "$seen" = 'hono/jwk: 200, with the set away 500
express-jwt: 200, with the set away 500
koa-jwt: 200, with the set away 401
express-oauth2-jwt-bearer: 200, with the set away 401
@fastify/jwt: 200, with the set away 500'
