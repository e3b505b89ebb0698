/** What may be configured as a key: a plain secret, a JWK or a JWK Set (RFC 7517). A refusal names the setting, never the key. */
import { base64url } from 'jose'
import * as z from 'zod/mini'
import { ConfigError } from '../config.ts'

/** An acceptable key, reduced to the members that this service knows. */
export type Jwk = z.infer<typeof jwkSetSchema>['keys'][number]

const MIN_SECRET_BYTES = 32

const kid = z.string().check(z.minLength(1))
const use = z.exactOptional(z.literal('sig'))
/** 32 bytes in base64url, in the one spelling whose last character has no bits to spare: the same key reads the same. */
const coordinate = z.string().check(z.regex(/^[\w-]{42}[AEIMQUYcgkosw048]$/))
/** At least 32 bytes in base64url; no number of bytes has one character more than a multiple of four. */
const secret = z.string().check(
  z.regex(/^[\w-]{43,}$/),
  z.refine((k) => k.length % 4 !== 1),
)

/** The algorithm follows from the type of key (RFC 7518, RFC 8037); a key that names another is a mistake. */
const only = <const Algorithm extends string>(alg: Algorithm) => z._default(z.literal(alg), alg)

const jwkSchema = z.discriminatedUnion('kty', [
  z.object({ kty: z.literal('oct'), kid, use, alg: only('HS256'), k: secret }),
  z.object({
    kty: z.literal('EC'),
    kid,
    use,
    alg: only('ES256'),
    crv: z.literal('P-256'),
    x: coordinate,
    y: coordinate,
    d: z.exactOptional(coordinate),
  }),
  z.object({
    kty: z.literal('OKP'),
    kid,
    use,
    alg: only('EdDSA'),
    crv: z.literal('Ed25519'),
    x: coordinate,
    d: z.exactOptional(coordinate),
  }),
])

const jwkSetSchema = z.object({ keys: z.array(jwkSchema).check(z.minLength(1)) })

/**
 * Reads the keys of a setting: the first signs, all verify.
 * @param plainKid the key id of a plain secret
 * @throws {ConfigError}
 */
export function parseKeys(setting: string, text: string, plainKid: string): [Jwk, ...Jwk[]] {
  const { success, data, error } = jwkSetSchema.safeParse(toJwkSet(setting, text, plainKid))
  if (!success) throw new ConfigError(`${setting} is not a usable key: ${error.issues[0]?.path.join('.')} is wrong`)
  const [signing, ...others] = data.keys
  if (!signing || !isPrivate(signing)) throw new ConfigError(`${setting} must begin with a private key, which signs`)
  const keys: [Jwk, ...Jwk[]] = [signing, ...others]
  if (hasRepeated(keys.map((key) => key.kid))) throw new ConfigError(`${setting} has a key id twice`)
  if (hasRepeated(keys.map(getMaterial))) throw new ConfigError(`${setting} has a key twice`)
  return keys
}

/** What makes a key the same key, whatever its id and spelling. */
export function getMaterial(jwk: Jwk): string {
  return jwk.kty === 'oct' ? base64url.encode(base64url.decode(jwk.k)) : jwk.x
}

/** Whether something is in a list more than once. */
export function hasRepeated(list: readonly string[]): boolean {
  return new Set(list).size < list.length
}

/** What others may know of a key. */
export type PublicJwk = Pick<Exclude<Jwk, { kty: 'oct' }>, 'kty' | 'kid' | 'alg' | 'crv' | 'x'> & {
  use: 'sig'
  y?: string
}

/** The public half of an asymmetric key; null for a shared secret. Only members named here are ever published. */
export function toPublicJwk(jwk: Jwk): PublicJwk | null {
  if (jwk.kty === 'oct') return null
  const { kty, kid, alg, crv, x } = jwk
  return jwk.kty === 'EC' ? { kty, kid, use: 'sig', alg, crv, x, y: jwk.y } : { kty, kid, use: 'sig', alg, crv, x }
}

function toJwkSet(setting: string, text: string, plainKid: string): unknown {
  if (/^\s*\{/.test(text)) return parseJson(setting, text)
  // A public key in PEM taken for an HMAC secret would let anyone who knows it sign (RFC 8725, section 2.1).
  if (/^\s*(\[|-----BEGIN)/.test(text)) throw new ConfigError(`${setting} must be a plain secret, a JWK or a JWK Set`)
  const secret = new TextEncoder().encode(text)
  if (secret.length < MIN_SECRET_BYTES) throw new ConfigError(`${setting} must have at least ${MIN_SECRET_BYTES} bytes`)
  return { keys: [{ kty: 'oct', kid: plainKid, k: base64url.encode(secret) }] }
}

function parseJson(setting: string, text: string): object {
  try {
    const json: object = JSON.parse(text)
    return 'keys' in json ? json : { keys: [json] }
  } catch {
    throw new ConfigError(`${setting} begins like a JWK but is not valid JSON`)
  }
}

function isPrivate(jwk: Jwk): boolean {
  return jwk.kty === 'oct' || jwk.d !== undefined
}
