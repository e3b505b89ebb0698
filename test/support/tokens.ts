/** Forges tokens, with our keys and with others. */
import { env } from 'cloudflare:workers'
import { base64url, decodeJwt, decodeProtectedHeader, SignJWT } from 'jose'

/** The bytes of the configured secrets. */
export const secrets = {
  access: new TextEncoder().encode(env.ACCESS_TOKEN_KEY),
  refresh: new TextEncoder().encode(env.REFRESH_TOKEN_KEY),
}

/** Takes a token apart, without verifying it. */
export function decode(token: string) {
  return { header: decodeProtectedHeader(token), claims: decodeJwt(token) }
}

/** Signs any header and claims. Members that are undefined are left out. */
export function forge(
  header: Record<string, unknown>,
  claims: Record<string, unknown>,
  key: CryptoKey | Uint8Array,
): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: 'HS256', ...header }).sign(key, { crit: {} })
}

/** Makes a compact token of parts as they are, without signing. */
export function assemble(header: unknown, claims: unknown, signature = ''): string {
  return `${encode(header)}.${encode(claims)}.${signature}`
}

function encode(value: unknown): string {
  return base64url.encode(typeof value === 'string' ? value : JSON.stringify(value))
}
