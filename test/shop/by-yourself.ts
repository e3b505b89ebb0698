import { createRemoteJWKSet, jwtVerify } from 'jose'

let keys: ReturnType<typeof createRemoteJWKSet> | undefined

/**
 * 3. Verify it yourself, with the published keys: from anywhere, no request but one for the keys every few minutes.
 * Throws unless the token is good: the `code` of jose's error says why, `ERR_JWT_EXPIRED` for one.
 */
export async function verifyByYourself(token: string, env: { USERS_URL: string }): Promise<string> {
  keys ??= createRemoteJWKSet(new URL(`${env.USERS_URL}/.well-known/jwks.json`), { cacheMaxAge: 300_000 })
  const { payload } = await jwtVerify<{ sub: string }>(token, keys, {
    // Each published key names its own algorithm, and verifies no other.
    algorithms: ['ES256', 'EdDSA'],
    typ: 'JWT',
    requiredClaims: ['sub', 'exp'],
  })
  return payload.sub
}
