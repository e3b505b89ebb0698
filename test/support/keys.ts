/** Makes new token keys, as `npm run keys` does. */
import { base64url, exportJWK, generateKeyPair, type JWK } from 'jose'

/** The algorithms that a key may have. */
export const algorithms = ['HS256', 'ES256', 'EdDSA'] as const
/** The name of an algorithm. */
export type Algorithm = (typeof algorithms)[number]

/** Makes a private key. */
export async function newKey(alg: Algorithm, kid: string = crypto.randomUUID()): Promise<JWK & { kid: string }> {
  if (alg === 'HS256') return toEntry(crypto.getRandomValues(new Uint8Array(32)), kid)
  const { privateKey } = await generateKeyPair(alg, { extractable: true })
  return { ...(await exportJWK(privateKey)), kid, alg }
}

/** A shared secret as an entry of a key set. */
export function toEntry(secret: string | Uint8Array, kid: string) {
  return { kty: 'oct', kid, alg: 'HS256', k: base64url.encode(secret) } satisfies JWK
}

/** Makes a plain secret. */
export function newSecret(): string {
  return base64url.encode(crypto.getRandomValues(new Uint8Array(32)))
}

/** The public half of a key. */
export function toPublic({ d, ...jwk }: JWK): JWK {
  return jwk
}

/** A key set as the text of a setting. */
export function setOf(...keys: JWK[]): string {
  return JSON.stringify({ keys })
}

/** Respells base64url: the last character has bits that decode to nothing, so the bytes stay the same. */
export function respell(text: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return text.slice(0, -1) + alphabet[alphabet.indexOf(text.slice(-1)) ^ 1]
}
