/** Makes the configurations of the service for the verifiers, and tokens as the service would make them at other times. */
import { createPublicKey, randomBytes } from 'node:crypto'
import { decodeJwt, exportJWK, generateKeyPair, importJWK, type JWK, type JWTPayload, SignJWT } from 'jose'
import { KEYS, type Situation } from './snippet.ts'

export const ISSUER = 'https://users.acme.example'
export const AUDIENCE = 'shop'

/** A situation, and what brings the service into it. */
export interface Configuration extends Situation {
  settings: Record<string, string>
  /** The key that signs, with its private half. */
  signer: JWK & { kid: string; alg: string }
}

/** Makes each situation, with keys of its own. */
export function createConfigurations(): Promise<Configuration[]> {
  const situations = KEYS.flatMap((key) => [false, true].map((claims) => ({ key, claims })))
  return Promise.all(situations.map(createConfiguration))
}

async function createConfiguration({ key, claims }: Situation): Promise<Configuration> {
  const signer = await makeKey(key)
  const keys = key === 'mixed' ? { keys: [signer, await makeKey('EdDSA')] } : signer
  // A plain secret is text, of which the key is the bytes.
  const accessKey = key === 'secret' ? Buffer.from(String(signer.k), 'base64url').toString() : JSON.stringify(keys)
  const names = claims ? { TOKEN_ISSUER: ISSUER, TOKEN_AUDIENCE: AUDIENCE } : {}
  return { key, claims, signer, settings: { ACCESS_TOKEN_KEY: accessKey, ...names } }
}

async function makeKey(key: Situation['key']): Promise<Configuration['signer']> {
  if (key === 'secret') {
    const k = Buffer.from(randomBytes(32).toString('base64url')).toString('base64url')
    return { kty: 'oct', kid: 'signin_1', alg: 'HS256', k }
  }
  if (key === 'JWK') return { kty: 'oct', kid: 'jwk', alg: 'HS256', k: randomBytes(32).toString('base64url') }
  const alg = key === 'EdDSA' ? 'EdDSA' : 'ES256'
  const { privateKey } = await generateKeyPair(alg, { extractable: true })
  return { ...(await exportJWK(privateKey)), kid: alg.toLowerCase(), use: 'sig', alg }
}

/** Signs the claims of a token anew, with some of them changed and, for a forgery, with a key that is not the service's. */
export async function signLike(token: string, { kid, ...signer }: Configuration['signer'], changes: JWTPayload) {
  const header = { alg: signer.alg, kid, typ: 'JWT' }
  return new SignJWT({ ...decodeJwt(token), ...changes }).setProtectedHeader(header).sign(await importJWK(signer))
}

/** Makes another key under the same name. */
export async function impersonate({ key, signer }: Configuration): Promise<Configuration['signer']> {
  return { ...(await makeKey(key)), kid: signer.kid }
}

/** The public half of an asymmetric key in PEM. */
export function toPem(signer: JWK): string {
  const { d: _, ...key } = signer
  return createPublicKey({ key, format: 'jwk' }).export({ format: 'pem', type: 'spki' }).toString()
}
