/**
 * A program of its own, which takes an issuer, an audience and tokens, and knows nothing else of the service. It prints
 * what each client says of each token. NODE_EXTRA_CA_CERTS makes it trust the issuer's certificate.
 */
import { auth } from 'express-oauth2-jwt-bearer'
import { Hono } from 'hono'
import { jwk } from 'hono/jwk'
import type { JwtVariables } from 'hono/jwt'
import { discoveryRequest, processDiscoveryResponse } from 'oauth4webapi'

const [issuer = '', audience = '', ...tokens] = process.argv.slice(2)

const answers = tokens.map(async (token) => {
  const headers = { authorization: `Bearer ${token}` }
  return {
    'express-oauth2-jwt-bearer': await askExpress(headers),
    'oauth4webapi and hono/jwk, oidc': await askHono(headers, 'oidc'),
    'oauth4webapi and hono/jwk, oauth2': await askHono(headers, 'oauth2'),
  }
})
console.log(JSON.stringify(await Promise.all(answers)))

type Headers = Record<'authorization', string>

/** The middleware of Express, with the parts of a request that it reads. */
async function askExpress(headers: Headers): Promise<unknown> {
  const parts = { method: 'GET', protocol: 'https', originalUrl: '/', query: {}, body: {} }
  const request = { ...parts, headers, get: () => 'shop.example', is: () => false, auth: { payload: { sub: '' } } }
  const error: unknown = await new Promise((resolve) => auth({ issuerBaseURL: issuer, audience })(request, {}, resolve))
  return error instanceof Error ? error.message : request.auth.payload.sub
}

/** Hono takes the address of the keys, which oauth4webapi finds by the issuer. */
async function askHono(headers: Headers, algorithm: 'oidc' | 'oauth2'): Promise<unknown> {
  const expected = new URL(issuer)
  const { jwks_uri = '' } = await processDiscoveryResponse(expected, await discoveryRequest(expected, { algorithm }))
  const shop = new Hono<{ Variables: JwtVariables<{ sub: string }> }>()
    .use(jwk({ jwks_uri, alg: ['ES256', 'EdDSA'], verification: { iss: issuer, aud: audience } }))
    .get('/', (c) => c.text(c.get('jwtPayload').sub))
  const answer = await shop.request('/', { headers })
  return answer.ok ? answer.text() : answer.headers.get('WWW-Authenticate')
}
