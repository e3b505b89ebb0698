/** A Worker of the shop that trusts the user service's tokens in each of the ways that README.md shows. */
import { createRemoteJWKSet, jwtVerify } from 'jose'
import type { UserService } from '../../src/index.ts'

interface Env {
  USERS: Service<UserService>
  USERS_URL: string
}

/** 1. Ask over HTTP: from anywhere, one request for each token. */
async function verifyOverHttp(token: string, env: Env): Promise<boolean> {
  const response = await fetch(`${env.USERS_URL}/verify-token`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ access_token: token }),
  })
  return response.ok
}

/** 2. Ask over a service binding: from Workers of the same account, without a request over the network. */
async function verifyOverBinding(token: string, env: Env): Promise<string | null> {
  const claims = await env.USERS.verifyToken(token)
  return claims?.sub ?? null
}

/** 3. Verify it yourself, with the published keys: from anywhere, no request but one for the keys every few minutes. */
async function verifyByYourself(token: string, env: Env): Promise<string | null> {
  keys ??= createRemoteJWKSet(new URL(`${env.USERS_URL}/.well-known/jwks.json`), { cacheMaxAge: 300_000 })
  try {
    const { payload } = await jwtVerify(token, keys, {
      algorithms: ['ES256'],
      typ: 'JWT',
      requiredClaims: ['sub', 'exp'],
    })
    return payload.sub ?? null
  } catch {
    return null
  }
}

let keys: ReturnType<typeof createRemoteJWKSet> | undefined

export default {
  async fetch(request, env) {
    const token = request.headers.get('Authorization')?.replace('Bearer ', '') ?? ''
    const binding = await verifyOverBinding(token, env)
    return Response.json({
      http: await verifyOverHttp(token, env),
      binding,
      jwks: await verifyByYourself(token, env),
      user: await env.USERS.getUser(binding),
    })
  },
} satisfies ExportedHandler<Env>
