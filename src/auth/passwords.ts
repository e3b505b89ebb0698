/**
 * Passwords at rest: a chain of PBKDF2-HMAC-SHA-256 links (OWASP Password Storage Cheat Sheet), in a string that
 * describes itself. No password and no hash may ever leave this file in a message.
 */

import { PASSWORD_ITERATIONS } from '../config.ts'

/** Workers refuse a call that asks for more (cloudflare/workerd#1346). */
const MAX_LINK_ITERATIONS = 100_000
/** 6 ms of the isolate. Measured: smaller links, and more turns between them, cost a login over a twentieth of its time. */
const LINK_ITERATIONS = 50_000
/** How many links a chain computes at a time while it has the isolate to itself. */
const LINKS_ALONE = 4
/** When turns come so late they are too close to each other. */
const LATE_MS = 15
const MAX_TURN_MS = 20
const MAX_WAIT_MS = 1_000
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

/** As a chain of so many would, turns included. */
async function spendIterations(iterations: number): Promise<void> {
  if (iterations <= 0) return
  const nothing = new Uint8Array(HASH_BYTES)
  const { iterationsPerLink, links } = splitIterations(iterations)
  await deriveChain(nothing, nothing, iterationsPerLink, links)
}

/** What the chains of an isolate know of each other. Of one that is cut off nothing remains but the turn it had asked for. */
const turns = { taken: 0, spacingMs: 6, nextAt: 0 }

/**
 * Returns a function to await between links, which lets others run. A promise alone does not: only a timer leaves the
 * isolate to them. Turns are handed out one behind the other, so that a request waits for a few of them at most: chains
 * that come back all at once compute all at once.
 */
function createTurns(): () => Promise<void> {
  let linksLeft = 1
  return async () => {
    if (--linksLeft > 0) return
    const { taken } = turns
    const now = Date.now()
    const turnAt = Math.min(Math.max(now, turns.nextAt), now + MAX_WAIT_MS)
    turns.nextAt = turnAt + turns.spacingMs
    await new Promise((resolve) => setTimeout(resolve, turnAt - now))
    // How long a turn lasts shows in how late the next ones are: a clock stands still while something is computed.
    const spacingMs = turns.spacingMs * (Date.now() - turnAt > LATE_MS ? 1.05 : 0.95)
    turns.spacingMs = Math.max(1, Math.min(spacingMs, MAX_TURN_MS))
    linksLeft = turns.taken === taken ? LINKS_ALONE : 1
    turns.taken++
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
