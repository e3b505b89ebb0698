/**
 * The keys that sign and verify tokens, imported once per isolate. Keys come from the configuration, never from a
 * token.
 */
import { type Config, ConfigError } from '../config.ts'
import { getMaterial, hasRepeated, type Jwk, type PublicJwk, parseKeys, toPublicJwk } from './jwk.ts'

/** One key and the only algorithm it may be used with (RFC 8725, section 3.1). */
export interface TokenKey {
  readonly kid: string
  readonly alg: Jwk['alg']
  readonly key: CryptoKey
}

/** The keys and rules to sign and verify one kind of token. */
export interface TokenKind {
  readonly signing: TokenKey
  /** By key id: every key of the set, the signing one among them. */
  readonly verifying: ReadonlyMap<string, TokenKey>
  /** The lifetime of a new token, and the longest lifetime that is accepted. */
  readonly seconds: number
  /** The `iss` claim, set and required where configured. */
  readonly issuer: string | undefined
  /** The `aud` claim, set where configured; a token of any of them is accepted. */
  readonly audiences: readonly string[]
}

/** Both kinds of token. Each has keys of its own, so that a key of one kind never verifies the other. */
export interface TokenKinds {
  readonly access: TokenKind
  readonly refresh: TokenKind
  /** The keys with which other services may verify access tokens themselves; none where they are a shared secret. */
  readonly publicKeys: PublicJwk[]
  /** How long a session lasts from its login, however often it is refreshed. */
  readonly sessionSeconds: number
}

/** How long others may keep the published keys. So a new key must be published this long before it signs. */
export const PUBLISHED_SECONDS = 300

const ALGORITHMS = {
  HS256: { name: 'HMAC', hash: 'SHA-256' },
  ES256: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  EdDSA: { name: 'Ed25519' },
} as const

/**
 * Imports the keys of both settings.
 * @throws {ConfigError} that names the setting with a weak, malformed, mismatched or repeated key
 */
export async function importTokenKinds(config: Config): Promise<TokenKinds> {
  const accessKeys = await parseKeys('ACCESS_TOKEN_KEY', config.accessTokenKey, 'signin_1')
  const refreshKeys = await parseKeys('REFRESH_TOKEN_KEY', config.refreshTokenKey, 'signin_2')
  // Only this service verifies refresh tokens, so they need no public key.
  if (refreshKeys.some(({ kty }) => kty !== 'oct')) throw new ConfigError('REFRESH_TOKEN_KEY must be HS256')
  if (hasRepeated([...accessKeys, ...refreshKeys].map(getMaterial))) {
    throw new ConfigError('REFRESH_TOKEN_KEY must differ from ACCESS_TOKEN_KEY')
  }
  const { issuer, audiences, accessTokenSeconds, refreshTokenSeconds } = config
  const [access, refresh] = await Promise.all([
    importKeys('ACCESS_TOKEN_KEY', accessKeys),
    importKeys('REFRESH_TOKEN_KEY', refreshKeys),
  ])
  return {
    access: { ...access, seconds: accessTokenSeconds, issuer, audiences },
    refresh: { ...refresh, seconds: refreshTokenSeconds, issuer, audiences },
    publicKeys: accessKeys.map(toPublicJwk).filter((jwk) => jwk !== null),
    sessionSeconds: config.sessionSeconds,
  }
}

async function importKeys(setting: string, jwks: [Jwk, ...Jwk[]]): Promise<Pick<TokenKind, 'signing' | 'verifying'>> {
  try {
    const signing = await importKey(jwks[0], 'sign')
    const verifying = await Promise.all(jwks.map((jwk) => importKey(jwk, 'verify')))
    await requirePair(signing, verifying[0])
    return { signing, verifying: new Map(verifying.map((key) => [key.kid, key])) }
  } catch {
    throw new ConfigError(`${setting} has a key whose parts do not belong together`)
  }
}

async function importKey(jwk: Jwk, usage: 'sign' | 'verify'): Promise<TokenKey> {
  const { kid, alg } = jwk
  // The public half alone where it suffices: runtimes refuse to verify with a private key.
  const half = usage === 'verify' ? (toPublicJwk(jwk) ?? jwk) : jwk
  return { kid, alg, key: await crypto.subtle.importKey('jwk', half, ALGORITHMS[alg], false, [usage]) }
}

/** Signs and verifies a probe, because not every runtime notices that the halves belong to two different keys. */
async function requirePair(signing: TokenKey, verifying: TokenKey | undefined): Promise<void> {
  const probe = new Uint8Array(32)
  const signature = await crypto.subtle.sign(ALGORITHMS[signing.alg], signing.key, probe)
  const pair = verifying && (await crypto.subtle.verify(ALGORITHMS[signing.alg], verifying.key, signature, probe))
  if (!pair) throw new TypeError('not a pair')
}
