import { createRemoteJWKSet, jwtVerify } from 'jose'

let keys: ReturnType<typeof createRemoteJWKSet> | undefined

/** 3. Verify it yourself, with the published keys: from anywhere, no request but one for the keys every few minutes. */
export async function verifyByYourself(token: string, env: { USERS_URL: string }): Promise<string | null> {
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
