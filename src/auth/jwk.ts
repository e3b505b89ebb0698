/** Reads the keys of a setting: a plain secret, a JWK or a JWK Set (RFC 7517). A refusal never repeats the key. */
import { base64url, calculateJwkThumbprint } from 'jose'
import * as z from 'zod/mini'
import { ConfigError } from '../config.ts'
import { type Likeness, recognise, recogniseBytes } from './secret.ts'

/** An acceptable key, reduced to the members that this service knows. */
export type Jwk = Pure<z.infer<typeof jwkSchema>> & { kid: string }

type Pure<Key> = Key extends unknown ? Omit<Key, 'kid' | 'use' | 'key_ops'> : never

/** The public half of a key, as it is published. */
export type PublicJwk = Pick<Exclude<Jwk, { kty: 'oct' }>, 'kty' | 'kid' | 'alg' | 'crv' | 'x'> & {
  use: 'sig'
  y?: string
}

const MIN_SECRET_BYTES = 32
const TAKEN = 'taken are HS256 (a secret), ES256 (P-256) and EdDSA (Ed25519): npm run -s keys -- ES256'
/** The names that a refusal may repeat, because they are never part of a key. */
const KNOWN =
  /^(RSA|EC|OKP|oct|AKP|P-\d+|secp\d+[kr]1|X25519|X448|Ed448|[A-Z]{2,5}\d{3}|ES256K|enc|encrypt|decrypt|wrapKey|unwrapKey|deriveKey|deriveBits)$/

const kid = z.optional(z.string('has a "kid" that is no text').check(z.minLength(1, 'has an empty "kid"')))
const use = z.exactOptional(z.literal('sig', { error: ({ input }) => `has "use" ${name(input)}: only "sig" will do` }))
const keyOps = z.exactOptional(
  z.array(
    z.enum(['sign', 'verify'], {
      error: ({ input }) => `has "key_ops" with ${name(input)}: only sign and verify will do`,
    }),
    'has "key_ops" that is no list',
  ),
)

const jwkSchema = z.discriminatedUnion(
  'kty',
  [
    z.object({
      kty: z.literal('oct'),
      kid,
      use,
      key_ops: keyOps,
      alg: algorithm('HS256'),
      k: base64('k').check(
        z.refine(
          (k) => base64url.decode(k).length >= MIN_SECRET_BYTES,
          `has fewer than ${MIN_SECRET_BYTES} bytes in "k"`,
        ),
      ),
    }),
    z.object({
      kty: z.literal('EC'),
      kid,
      use,
      key_ops: keyOps,
      alg: algorithm('ES256'),
      crv: curve('P-256', 'ES256'),
      x: coordinate('x'),
      y: coordinate('y'),
      d: z.exactOptional(coordinate('d')),
    }),
    z.object({
      kty: z.literal('OKP'),
      kid,
      use,
      key_ops: keyOps,
      // RFC 9864 calls it Ed25519, and Node exports that; all verifiers know EdDSA, and some nothing else.
      alg: algorithm('EdDSA', 'Ed25519'),
      crv: curve('Ed25519', 'EdDSA'),
      x: coordinate('x'),
      d: z.exactOptional(coordinate('d')),
    }),
  ],
  { error: ({ input }) => (isObject(input) ? `has "kty" ${name(input.kty)}: ${TAKEN}` : 'is no JWK') },
)

/**
 * Reads the keys of a setting: the first signs, all verify.
 * @param setting the name of the setting, for refusals
 * @param plainKid the key id of a plain secret
 * @throws {ConfigError} naming the setting, the key by its place, what is wrong with it and what is right
 */
export async function parseKeys(setting: string, text: string, plainKid: string): Promise<[Jwk, ...Jwk[]]> {
  const entries = readEntries(setting, text, plainKid)
  const keys = await Promise.all(entries.map((entry, index) => readJwk(entry, nameKey(setting, entries, index))))
  const [signing, ...others] = joinHalves(keys)
  if (!signing) throw new ConfigError(`${setting} has no keys: ${TAKEN}`)
  if (!isPrivate(signing))
    throw new ConfigError(`${setting} must begin with a private key, which signs: it begins with a public half`)
  const joined: [Jwk, ...Jwk[]] = [signing, ...others]
  if (hasRepeated(joined.map((key) => key.kid))) throw new ConfigError(`${setting} has a key id twice`)
  if (hasRepeated(joined.map(getMaterial))) throw new ConfigError(`${setting} has a key twice`)
  return joined
}

/** Returns the material of a key, which is equal for equal keys, whatever their ids and spellings. */
export function getMaterial(jwk: Jwk): string {
  return jwk.kty === 'oct' ? base64url.encode(base64url.decode(jwk.k)) : jwk.x
}

/** Says whether a list has an entry more than once. */
export function hasRepeated(list: readonly string[]): boolean {
  return new Set(list).size < list.length
}

/**
 * Returns the public half of an asymmetric key; null for a shared secret. Only members named here are ever published.
 */
export function toPublicJwk(jwk: Jwk): PublicJwk | null {
  if (jwk.kty === 'oct') return null
  const { kty, kid, alg, crv, x } = jwk
  return jwk.kty === 'EC' ? { kty, kid, use: 'sig', alg, crv, x, y: jwk.y } : { kty, kid, use: 'sig', alg, crv, x }
}

/** Lists the keys of a setting, not yet checked. */
function readEntries(setting: string, text: string, plainKid: string): unknown[] {
  if (text.startsWith('{')) return parseJson(setting, text)
  if (text.startsWith('['))
    throw new ConfigError(`${setting} must be a plain secret, a JWK or a JWK Set, {"keys":[…]}: it is a list`)
  const secret = new TextEncoder().encode(text)
  if (secret.length < MIN_SECRET_BYTES) {
    throw new ConfigError(
      `${setting} must have at least ${MIN_SECRET_BYTES} bytes: make one with openssl rand -base64 32`,
    )
  }
  refuseLikeness(setting, recognise(text))
  return [{ kty: 'oct', kid: plainKid, k: base64url.encode(secret) }]
}

function parseJson(setting: string, text: string): unknown[] {
  try {
    const json: object = JSON.parse(text)
    if (!('keys' in json)) return [json]
    if (Array.isArray(json.keys)) return json.keys
  } catch {
    throw new ConfigError(`${setting} begins like a JWK but is not valid JSON`)
  }
  throw new ConfigError(`${setting} has "keys" that is no list`)
}

async function readJwk(entry: unknown, place: string): Promise<Jwk> {
  const { data, error } = jwkSchema.safeParse(entry)
  if (!data) throw new ConfigError(`${place} ${error.issues[0]?.message}`)
  if (data.kty === 'oct') refuseLikeness(place, recogniseBytes(base64url.decode(data.k)))
  // Runtimes refuse a key whose `use` or `key_ops` does not fit the import. Both are checked by now and dropped.
  const { kid, use: _, key_ops: __, ...key } = data
  return { ...key, kid: kid ?? (await calculateJwkThumbprint(key)) }
}

function refuseLikeness(place: string, likeness: Likeness | null): void {
  if (!likeness) return
  throw new ConfigError(`${place} looks like ${likeness.looksLike}, not like a random secret: ${likeness.instead}`)
}

/** Joins a private key and its own public half, which some tools write side by side, into one key. */
function joinHalves(keys: readonly Jwk[]): Jwk[] {
  const isHalfOf = (half: Jwk, other: Jwk) =>
    !isPrivate(half) && isPrivate(other) && half.kid === other.kid && getMaterial(half) === getMaterial(other)
  const whole = keys.map((key) => keys.find((other) => isHalfOf(key, other)) ?? key)
  return whole.filter((key, index) => whole.indexOf(key) === index)
}

/** Names a key for a refusal: by its place where there are several. */
function nameKey(setting: string, entries: readonly unknown[], index: number): string {
  return entries.length > 1 ? `${setting}: key ${index + 1}` : setting
}

function isPrivate(jwk: Jwk): boolean {
  return jwk.kty === 'oct' || jwk.d !== undefined
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

/** Repeats a known name. Any other value may be part of a key and is not repeated. */
function name(value: unknown): string {
  return typeof value === 'string' && KNOWN.test(value) ? `"${value}"` : 'missing or unknown'
}

/** The algorithm follows from the type of key (RFC 7518, RFC 8037); a key that names another is a mistake. */
function algorithm<const Algorithm extends string>(alg: Algorithm, ...aliases: string[]) {
  const error = ({ input }: { input?: unknown }) => `has "alg" ${name(input)}: a key of this type is for ${alg}`
  const accepted = z.enum([alg, ...aliases], { error })
  return z.pipe(
    z._default(accepted, alg),
    z.transform(() => alg),
  )
}

function curve<const Curve extends string>(crv: Curve, alg: string) {
  return z.literal(crv, { error: ({ input }) => `has "crv" ${name(input)}: ${alg} takes ${crv}` })
}

/** Bytes in base64url (RFC 4648, section 5). A length of one more than a multiple of four encodes no bytes. */
function base64(member: string) {
  const message = `has no base64url in "${member}"`
  return z.string(message).check(
    z.regex(/^[\w-]+$/, {
      error: `${message}: it is written without padding, and with - and _ for + and /`,
      abort: true,
    }),
    z.refine((text) => text.length % 4 !== 1, { error: message, abort: true }),
  )
}

/**
 * 32 bytes in base64url, in the one spelling whose last character has no bits to spare: the same key reads the same.
 */
function coordinate(member: string) {
  return base64(member).check(z.regex(/^[\w-]{42}[AEIMQUYcgkosw048]$/, `has no 32 bytes of base64url in "${member}"`))
}
