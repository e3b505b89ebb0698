/**
 * Passwords at rest: a chain of PBKDF2-HMAC-SHA-256 links (OWASP Password Storage Cheat Sheet), in a string that
 * describes itself. No password and no hash may ever leave this file in a message.
 */

import { PASSWORD_ITERATIONS } from '../config.ts'

/** Workers refuse a call that asks for more (cloudflare/workerd#1346). */
const MAX_LINK_ITERATIONS = 100_000
/** A link holds the isolate for about 1 ms: measured, the largest at which 16 logins delay a token check less than one login lasts. */
const LINK_ITERATIONS = 7_500
/** How long a login may keep the isolate while nobody else wants it: to offer it takes a millisecond each time. */
const MAX_LINKS_PER_TURN = 24
/** How long everybody waits for a turn, as long as there are few enough who want one. */
const ROUND_MS = 16
/** What a timer takes by itself. */
const TIMER_MS = 3
const SALT_BYTES = 16
const HASH_BYTES = 32
const STORED_HASH =
  /^\$(?:sha1\(([A-Za-z0-9+/]{0,344})\)-)?pbkdf2-sha256-chain\$i=(\d{1,8}),r=(\d{1,8})\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})$/

/** What a stored hash says of itself. */
interface StoredHash {
  /** Where the chain begins with a legacy digest: the salt of that. */
  legacySalt: Uint8Array | undefined
  iterationsPerLink: number
  links: number
  salt: Uint8Array
  hash: Uint8Array
}

/** What came of comparing a password with a stored hash. */
export interface PasswordCheck {
  valid: boolean
  /** The password is right, but its hash was made at another cost than the one asked for now, or of a legacy digest. */
  outdated: boolean
}

/**
 * Hashes a password for storage.
 * @param iterations PBKDF2 iterations in all, spread over links
 * @returns `$pbkdf2-sha256-chain$i=<per link>,r=<links>$<salt>$<hash>`
 */
export async function hashPassword(password: string, iterations: number): Promise<string> {
  return `$${await hashSecret(encodePassword(password), iterations)}`
}

/**
 * Makes of the digest that an earlier ACME service stored a hash fit to be stored: the chain begins with the digest in
 * place of the password.
 * @param digest SHA-1 of salt and password, 20 bytes
 * @param salt the salt of the digest, in UTF-8; at most 256 bytes
 * @param iterations PBKDF2 iterations in all, spread over links
 * @returns `$sha1(<salt of the digest>)-pbkdf2-sha256-chain$i=<per link>,r=<links>$<salt>$<hash>`
 */
export async function wrapLegacyDigest(digest: Uint8Array, salt: Uint8Array, iterations: number): Promise<string> {
  return `$sha1(${toBase64(salt)})-${await hashSecret(digest, iterations)}`
}

/**
 * Compares a password with a stored hash in constant time. A failure does at least `iterations` of work, whatever the
 * stored hash asked for, so that its duration tells neither a missing user nor a cheap hash from a wrong password.
 * @param stored null where there is no such user
 * @param iterations PBKDF2 iterations in all that the configuration asks for
 */
export async function verifyPassword(
  password: string,
  stored: string | null,
  iterations: number,
): Promise<PasswordCheck> {
  const parsed = stored === null ? null : parseStoredHash(stored)
  if (parsed && (await matches(password, parsed))) {
    const current = splitIterations(iterations)
    return {
      valid: true,
      outdated:
        parsed.iterationsPerLink !== current.iterationsPerLink ||
        parsed.links !== current.links ||
        parsed.legacySalt !== undefined,
    }
  }
  await spendIterations(iterations - (parsed ? parsed.iterationsPerLink * parsed.links : 0))
  return { valid: false, outdated: false }
}

async function matches(password: string, stored: StoredHash): Promise<boolean> {
  const { legacySalt, iterationsPerLink, links, salt, hash } = stored
  const secret = legacySalt ? await digestLegacy(password, legacySalt) : encodePassword(password)
  const derived = await deriveChain(secret, salt, iterationsPerLink, links)
  // HMAC pads its key with zeros and the encoder replaces lone surrogates: such passwords would pass for others.
  const unambiguous = !password.includes('\0') && password.isWellFormed()
  return crypto.subtle.timingSafeEqual(derived, hash) && unambiguous
}

/** What the earlier services stored, of the password as it was typed. */
async function digestLegacy(password: string, salt: Uint8Array): Promise<Uint8Array> {
  const salted = new Uint8Array([...salt, ...new TextEncoder().encode(password)])
  return new Uint8Array(await crypto.subtle.digest('SHA-1', salted))
}

async function hashSecret(secret: Uint8Array, iterations: number): Promise<string> {
  const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES))
  const { iterationsPerLink, links } = splitIterations(iterations)
  const hash = await deriveChain(secret, salt, iterationsPerLink, links)
  return `pbkdf2-sha256-chain$i=${iterationsPerLink},r=${links}$${toBase64(salt)}$${toBase64(hash)}`
}

async function deriveChain(
  secret: Uint8Array,
  salt: Uint8Array,
  iterationsPerLink: number,
  links: number,
): Promise<Uint8Array> {
  const takeTurn = createTurns()
  let key = await deriveLink(secret, salt, iterationsPerLink)
  for (let link = 1; link < links; link++) {
    await takeTurn()
    key = await deriveLink(key, salt, iterationsPerLink)
  }
  return key
}

async function deriveLink(secret: Uint8Array, salt: Uint8Array, iterations: number) {
  const key = await crypto.subtle.importKey('raw', secret, 'PBKDF2', false, ['deriveBits'])
  const parameters = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations }
  return new Uint8Array(await crypto.subtle.deriveBits(parameters, key, HASH_BYTES * 8))
}

async function spendIterations(iterations: number): Promise<void> {
  const nothing = new Uint8Array(HASH_BYTES)
  const takeTurn = createTurns()
  for (let left = iterations; left > 0; left -= LINK_ITERATIONS) {
    await takeTurn()
    await deriveLink(nothing, nothing, Math.min(left, LINK_ITERATIONS))
  }
}

/**
 * Returns a function to await between links, which lets other requests run when their turn has come. A promise alone
 * does not: only a timer leaves the isolate to others. The later it comes back, the more of them there are, and the
 * shorter are the turns.
 */
function createTurns(): () => Promise<void> {
  let linksPerTurn = 1
  let linksLeft = linksPerTurn
  return async () => {
    if (--linksLeft > 0) return
    const left = Date.now()
    await new Promise((resolve) => setTimeout(resolve, 0))
    const lateMs = Date.now() - left
    const share = lateMs > TIMER_MS ? Math.floor((linksPerTurn * ROUND_MS) / lateMs) : linksPerTurn * 4
    linksPerTurn = Math.max(1, Math.min(share, MAX_LINKS_PER_TURN))
    linksLeft = linksPerTurn
  }
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

/** The form in which passwords are compared: what two keyboards encode differently is one password (NIST SP 800-63B). */
export function normalizePassword(password: string): string {
  return password.normalize('NFKC')
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
