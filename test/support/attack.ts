/** Sets the service up for attacks: with an asymmetric access key, a genuine token and its parts, and our own keys. */
import { base64url, importJWK, type JWK } from 'jose'
import { expect } from 'vitest'
import { post } from './client.ts'
import { newKey, setOf } from './keys.ts'
import { logInPerson } from './people.ts'
import { decode } from './tokens.ts'

/** Logs in where a new key signs access tokens, and keys of the other kinds verify too. */
export async function setUp(alg: 'ES256' | 'EdDSA') {
  const [es, ed, hs] = [await newKey('ES256'), await newKey('EdDSA'), await newKey('HS256')]
  const [key, other] = alg === 'ES256' ? [es, ed] : [ed, es]
  const settings = { ACCESS_TOKEN_KEY: setOf(key, other, hs) }
  const { accessToken, ...person } = await logInPerson(settings)
  const privateKey = await toPrivateKey(key)
  return { key, other, hs, settings, person, accessToken, ...decode(accessToken), privateKey }
}

/** Imports a private JWK, to forge with. */
export async function toPrivateKey(jwk: JWK): Promise<CryptoKey> {
  const key = await importJWK(jwk, jwk.alg)
  if (key instanceof Uint8Array) throw new TypeError('a secret has no private half')
  return key
}

/** Signs header and payload as they are, byte for byte. */
export async function signBytes(
  header: string | Uint8Array,
  payload: string | Uint8Array,
  key: CryptoKey,
): Promise<string> {
  const signed = `${base64url.encode(header)}.${base64url.encode(payload)}`
  const algorithm = key.algorithm.name === 'ECDSA' ? { name: 'ECDSA', hash: 'SHA-256' } : 'Ed25519'
  const signature = await crypto.subtle.sign(algorithm, key, new TextEncoder().encode(signed))
  return `${signed}.${base64url.encode(new Uint8Array(signature))}`
}

/** Sends a token to `POST /verify-token`, and returns the status. */
export async function verify(access_token: string, settings?: Record<string, string>): Promise<number> {
  return (await post('/verify-token', { access_token }, settings ? { settings } : {})).status
}

/** Expects the one 401 that the contract has for any fault of a token. */
export async function expectRefused(access_token: string, settings?: Record<string, string>): Promise<void> {
  const { status, text } = await post('/verify-token', { access_token }, settings ? { settings } : {})
  expect([status, text]).toEqual([401, '{"message":"Invalid Key. User Not Authorized","status":401}'])
}
