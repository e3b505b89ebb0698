/**
 * The keys that sign and verify tokens, imported once per isolate. Keys come from the configuration, never from a
 * token.
 */
import { base64url } from 'jose'
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
  /** The `typ` header, set and required. */
  readonly typ: 'JWT' | 'proof+jwt'
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

/** Every kind of token. Each has keys of its own, so that a key of one kind never verifies another. */
export interface TokenKinds {
  readonly access: TokenKind
  readonly refresh: TokenKind
  readonly proof: TokenKind
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

/** Separates the derived keys from any other that may once be derived of the same secret (RFC 5869, section 3.2). */
const PROOF_INFO = new TextEncoder().encode('acme-user proof')

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
  const [access, refresh, proof] = await Promise.all([
    importKeys('ACCESS_TOKEN_KEY', accessKeys),
    importKeys('REFRESH_TOKEN_KEY', refreshKeys),
    deriveProofKeys(refreshKeys),
  ])
  return {
    access: { typ: 'JWT', ...access, seconds: accessTokenSeconds, issuer, audiences },
    refresh: { typ: 'JWT', ...refresh, seconds: refreshTokenSeconds, issuer, audiences },
    proof: { typ: 'proof+jwt', ...proof, seconds: config.proofSeconds, issuer, audiences },
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

/** Derives a key for proofs from each refresh key, under its id: proofs need no secret of their own. */
async function deriveProofKeys(jwks: [Jwk, ...Jwk[]]): Promise<Pick<TokenKind, 'signing' | 'verifying'>> {
  const [first, ...others] = jwks
  const keys = await Promise.all([deriveProofKey(first), ...others.map(deriveProofKey)] as const)
  return { signing: keys[0], verifying: new Map(keys.map((key) => [key.kid, key])) }
}

async function deriveProofKey(jwk: Jwk): Promise<TokenKey> {
  const secret = base64url.decode(getMaterial(jwk))
  const material = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey'])
  const rules = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: PROOF_INFO }
  const form = { ...ALGORITHMS.HS256, length: 256 }
  const key = await crypto.subtle.deriveKey(rules, material, form, false, ['sign', 'verify'])
  return { kid: jwk.kid, alg: 'HS256', key }
}
