/** The keys that sign and verify tokens, imported once per isolate. Keys come from the configuration, never from a token. */
import type { Config } from '../config.ts'

/** One key and the only algorithm it may be used with (RFC 8725, section 3.1). */
export interface TokenKey {
  readonly kid: string
  readonly alg: 'HS256'
  readonly key: CryptoKey
}

/** Everything that makes one kind of token and judges it. */
export interface TokenKind {
  readonly key: TokenKey
  /** The lifetime given to a token, and the longest that one is accepted with. */
  readonly seconds: number
  /** The `iss` claim, set and required where configured. */
  readonly issuer: string | undefined
  /** The `aud` claim, set and required where configured. */
  readonly audience: string | undefined
}

/** Access and refresh tokens have keys of their own: what verifies one kind can never vouch for the other. */
export interface TokenKinds {
  readonly access: TokenKind
  readonly refresh: TokenKind
}

/** Imports the configured secrets. Their key ids are those of the published contract. */
export async function importTokenKinds(config: Config): Promise<TokenKinds> {
  const { issuer, audience, accessTokenSeconds, refreshTokenSeconds } = config
  const [accessKey, refreshKey] = await Promise.all([
    importSecret('signin_1', config.accessTokenKey),
    importSecret('signin_2', config.refreshTokenKey),
  ])
  return {
    access: { key: accessKey, seconds: accessTokenSeconds, issuer, audience },
    refresh: { key: refreshKey, seconds: refreshTokenSeconds, issuer, audience },
  }
}

async function importSecret(kid: string, secret: string): Promise<TokenKey> {
  const bytes = new TextEncoder().encode(secret)
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  return { kid, alg: 'HS256', key: await crypto.subtle.importKey('raw', bytes, algorithm, false, ['sign', 'verify']) }
}
