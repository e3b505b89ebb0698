/**
 * Hashes passwords with a chain of PBKDF2-HMAC-SHA-256 links (RFC 8018; OWASP Password Storage Cheat Sheet), into a
 * string that names its own cost. No password and no hash may ever leave this file in a message.
 */
import { PASSWORD_ITERATIONS } from '../config.ts'
import { logEvent } from '../log.ts'
import { takeTurn } from './turns.ts'

/** Workers refuse a call that asks for more (cloudflare/workerd#1346). */
const MAX_LINK_ITERATIONS = 100_000
/** A link takes about 6 ms, which is as long as a token check may have to wait for it. */
const LINK_ITERATIONS = 50_000
const SALT_BYTES = 16
const HASH_BYTES = 32
const STORED_HASH =
  /^\$(?:sha1\(([A-Za-z0-9+/]{0,344})\)-)?pbkdf2-sha256-chain\$i=(\d{1,8}),r=(\d{1,8})\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})$/

/** The parts of a stored hash. */
interface StoredHash {
  /** The salt of the legacy digest that the chain begins with; undefined where it begins with the password. */
  legacySalt: Uint8Array | undefined
  iterationsPerLink: number
  links: number
  salt: Uint8Array
  hash: Uint8Array
}

/** The costs of hashes, in PBKDF2 iterations in all. */
export interface PasswordCosts {
  /** The cost of a new hash. */
  readonly current: number
  /** The cost of the costliest hash known, which failures cost too. It grows when the isolate meets a costlier hash. */
  largest: number
}

/** The result of comparing a password with a stored hash. */
export interface PasswordCheck {
  valid: boolean
  /** The password is right, but its hash has another cost than a new one, or wraps a legacy digest. */
  outdated: boolean
}

/**
 * Hashes a password for storage, with a new salt.
 * @param iterations PBKDF2 iterations in all, spread over links
 * @param pause called between two links. Where no other request waits for this thread, it need not take turns.
 * @returns `$pbkdf2-sha256-chain$i=<per link>,r=<links>$<salt>$<hash>`
 */
export async function hashPassword(password: string, iterations: number, pause = takeTurn): Promise<string> {
  return `$${await hashSecret(encodePassword(password), iterations, pause)}`
}

/**
 * Wraps the digest that an earlier ACME service stored in a hash fit to be stored: the chain begins with the digest in
 * place of the password.
 * @param digest SHA-1 of salt and password, 20 bytes
 * @param salt the salt of the digest, in UTF-8; at most 256 bytes
 * @param iterations PBKDF2 iterations in all, spread over links
 * @param pause called between two links, as in `hashPassword`
 * @returns `$sha1(<salt of the digest>)-pbkdf2-sha256-chain$i=<per link>,r=<links>$<salt>$<hash>`
 */
export async function wrapLegacyDigest(
  digest: Uint8Array,
  salt: Uint8Array,
  iterations: number,
  pause = takeTurn,
): Promise<string> {
  return `$sha1(${toBase64(salt)})-${await hashSecret(digest, iterations, pause)}`
}

/**
 * Compares a password with a stored hash in constant time. A failure does the work of the costliest hash, whatever the
 * stored one asked for, so that its duration reveals neither a missing user nor the cost of a hash.
 * @param stored null where there is no such user; a hash that cannot be read, or whose cost is not accepted, fails
 * @param costs its `largest` is raised when the stored hash costs more
 */
export async function verifyPassword(
  password: string,
  stored: string | null,
  costs: PasswordCosts,
): Promise<PasswordCheck> {
  const parsed = stored === null ? null : parseStoredHash(stored)
  const spent = parsed ? parsed.iterationsPerLink * parsed.links : 0
  if (spent > costs.largest) noteCostlier(costs, spent)
  if (parsed && (await matches(password, parsed))) return { valid: true, outdated: isOutdated(parsed, costs.current) }
  await spendIterations(costs.largest - spent)
  return { valid: false, outdated: false }
}

/** Brings a password to NFKC, so that two encodings of one text are one password (NIST SP 800-63B). */
export function normalizePassword(password: string): string {
  return password.normalize('NFKC')
}

/** Raises the cost of failures, and tells the operator: until now, a stranger's login failed faster than a user's. */
function noteCostlier(costs: PasswordCosts, iterations: number): void {
  costs.largest = iterations
  logEvent('costlier_hash', { iterations })
}

async function matches(password: string, stored: StoredHash): Promise<boolean> {
  const { legacySalt, iterationsPerLink, links, salt, hash } = stored
  const secret = legacySalt ? await digestLegacy(password, legacySalt) : encodePassword(password)
  const derived = await deriveChain(secret, salt, { iterationsPerLink, links })
  // HMAC pads its key with zeros and the encoder replaces lone surrogates: such passwords would pass for others.
  const unambiguous = !password.includes('\0') && password.isWellFormed()
  return crypto.subtle.timingSafeEqual(derived, hash) && unambiguous
}

function isOutdated({ legacySalt, iterationsPerLink, links }: StoredHash, iterations: number): boolean {
  const current = splitIterations(iterations)
  return legacySalt !== undefined || iterationsPerLink !== current.iterationsPerLink || links !== current.links
}

/** Digests a password as the earlier services did: as typed, without NFKC. */
async function digestLegacy(password: string, salt: Uint8Array): Promise<Uint8Array> {
  const salted = new Uint8Array([...salt, ...new TextEncoder().encode(password)])
  return new Uint8Array(await crypto.subtle.digest('SHA-1', salted))
}

async function hashSecret(secret: Uint8Array, iterations: number, pause: typeof takeTurn): Promise<string> {
  const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES))
  const chain = splitIterations(iterations)
  const hash = await deriveChain(secret, salt, chain, pause)
  return `pbkdf2-sha256-chain$i=${chain.iterationsPerLink},r=${chain.links}$${toBase64(salt)}$${toBase64(hash)}`
}

async function deriveChain(
  secret: Uint8Array,
  salt: Uint8Array,
  { iterationsPerLink, links }: Pick<StoredHash, 'iterationsPerLink' | 'links'>,
  pause = takeTurn,
): Promise<Uint8Array> {
  let key = await deriveLink(secret, salt, iterationsPerLink)
  for (let link = 1; link < links; link++) {
    await pause()
    key = await deriveLink(key, salt, iterationsPerLink)
  }
  return key
}

async function deriveLink(secret: Uint8Array, salt: Uint8Array, iterations: number): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey('raw', secret, 'PBKDF2', false, ['deriveBits'])
  const parameters = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations }
  return new Uint8Array(await crypto.subtle.deriveBits(parameters, key, HASH_BYTES * 8))
}

/** Does the work of a chain of that many iterations, turns included. */
async function spendIterations(iterations: number): Promise<void> {
  if (iterations <= 0) return
  const nothing = new Uint8Array(HASH_BYTES)
  await deriveChain(nothing, nothing, splitIterations(iterations))
}

function splitIterations(iterations: number) {
  const links = Math.ceil(iterations / LINK_ITERATIONS)
  return { iterationsPerLink: Math.ceil(iterations / links), links }
}

function parseStoredHash(stored: string): StoredHash | null {
  const match = STORED_HASH.exec(stored)
  if (!match) return null
  const legacySalt = match[1] === undefined ? undefined : fromBase64(match[1])
  const [iterationsPerLink, links] = [Number(match[2]), Number(match[3])]
  const total = iterationsPerLink * links
  const accepted = total >= PASSWORD_ITERATIONS.min && total <= PASSWORD_ITERATIONS.max
  if (!accepted || iterationsPerLink > MAX_LINK_ITERATIONS) return null
  return { legacySalt, iterationsPerLink, links, salt: fromBase64(match[4]), hash: fromBase64(match[5]) }
}

function encodePassword(password: string): Uint8Array {
  return new TextEncoder().encode(normalizePassword(password))
}

function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll('=', '')
}

function fromBase64(text = ''): Uint8Array {
  return new Uint8Array(Array.from(atob(text), (character) => character.charCodeAt(0)))
}
