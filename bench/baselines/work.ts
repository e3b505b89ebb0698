/** The cryptography that some calls need beside their statement, as bare as it comes. */
import { jwtVerify, SignJWT } from 'jose'
import { PASSWORD_ITERATIONS } from '../../src/config.ts'

const HMAC = { name: 'HMAC', hash: 'SHA-256' }

/** The kinds of work, by the names that rows give them. */
export const works = {
  /** A registration: one call of PBKDF2, with the fewest iterations that the service accepts. */
  hash: hashOnce,
  /** A refresh: jose verifies one token and signs another. */
  refresh: () => exchangeTokens(1),
  /** A refresh with rotation: jose verifies one token and signs two. */
  rotation: () => exchangeTokens(2),
}

/** The name of a kind of work. */
export type Work = keyof typeof works

async function hashOnce(): Promise<void> {
  const salt = crypto.getRandomValues(new Uint8Array(16))
  const key = await crypto.subtle.importKey('raw', salt, 'PBKDF2', false, ['deriveBits'])
  const iterations = PASSWORD_ITERATIONS.min
  await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations }, key, 256)
}

let made: Promise<{ key: CryptoKey; token: string }> | undefined

async function exchangeTokens(signed: number): Promise<void> {
  made ??= makeToken()
  const { key, token } = await made
  const { payload } = await jwtVerify(token, key)
  await Promise.all(Array.from({ length: signed }, () => sign(key, payload)))
}

async function makeToken() {
  const key = await crypto.subtle.importKey('raw', new Uint8Array(32), HMAC, false, ['sign', 'verify'])
  const [sub, sid, jti] = ['a'.repeat(24), 'b'.repeat(22), 'c'.repeat(22)]
  return { key, token: await sign(key, { sub, sid, jti, gen: 1_000_000, rot: 0, auth_time: 1_000_000_000 }) }
}

function sign(key: CryptoKey, claims: Record<string, unknown>): Promise<string> {
  const token = new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'signin', typ: 'JWT' })
  return token.setIssuedAt().setExpirationTime('1d').sign(key)
}
