/** Signs and verifies access and refresh tokens (RFC 7519, RFC 8725). No token string may ever reach a message. */
import { base64url, errors, type JWTHeaderParameters, type JWTPayload, jwtVerify, SignJWT } from 'jose'
import * as z from 'zod/mini'
import type { TokenKind, TokenKinds } from './keys.ts'

/** How far ahead of our clock `iat` may be, because the clocks of servers differ. */
const CLOCK_SKEW_SECONDS = 60
/** jose (6.2.18) also takes padding and white space, which RFC 7515, section 2, does not allow. */
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+$/

const sharedClaims = {
  /** The user id. */
  sub: z.string(),
  iat: z.int(),
  exp: z.int(),
  /** The token's own id. */
  jti: z.string(),
  /** The session: the same in every token that descends from one login. */
  sid: z.string(),
  /** The user's generation when the session began. */
  gen: z.int(),
}

const accessClaims = z.object({
  Username: z.string(),
  ...sharedClaims,
  /** Whether the user's email was verified when the token was issued (OpenID Connect Core 1.0, section 5.1). */
  email_verified: z.exactOptional(z.literal(true)),
})

const refreshClaims = z.object({
  ...sharedClaims,
  /** How often the session had rotated. */
  rot: z.int(),
  /** When the person gave the password, in Unix seconds. */
  auth_time: z.int(),
})

/** The claims of an access token. */
export type AccessClaims = z.infer<typeof accessClaims>
/** The claims of a refresh token. */
export type RefreshClaims = z.infer<typeof refreshClaims>

/** The user that a token names. */
export interface TokenSubject {
  id: string
  username: string
  generation: number
  /** When the email was verified; null where it was not. */
  emailVerifiedAt: Date | null
}

/** The data that the tokens of a session share. */
export interface Session extends TokenSubject {
  sid: string
  rotation: number
  /** When the person gave the password, in Unix seconds. */
  authTime: number
}

/**
 * Begins a session: signs its first access and refresh token.
 * @param now Unix time in seconds
 * @returns both tokens, in compact serialization (RFC 7515)
 */
export function openSession(
  kinds: TokenKinds,
  { id, username, generation, emailVerifiedAt }: TokenSubject,
  now: number,
) {
  const subject = { id, username, generation, emailVerifiedAt }
  return signPair(kinds, { ...subject, sid: randomId(), rotation: 0, authTime: now }, now)
}

/**
 * Signs an access and a refresh token of a session. The refresh token ends with the session at the latest.
 * @param now Unix time in seconds
 * @returns both tokens, in compact serialization (RFC 7515)
 */
export async function signPair(kinds: TokenKinds, session: Session, now: number) {
  const [access_token, refresh_token] = await Promise.all([
    signAccessToken(kinds, session, now),
    signRefreshToken(kinds, session, now),
  ])
  return { access_token, refresh_token }
}

/**
 * Signs an access token of a session.
 * @param now Unix time in seconds
 */
export function signAccessToken({ access }: TokenKinds, session: TokenSubject & { sid: string }, now: number) {
  const { id, username, generation, sid, emailVerifiedAt } = session
  const verified = emailVerifiedAt && { email_verified: true }
  const times = { iat: now, exp: now + access.seconds }
  return sign(access, { Username: username, sub: id, sid, gen: generation, ...verified, ...times })
}

function signRefreshToken({ refresh, sessionSeconds }: TokenKinds, session: Session, now: number) {
  const { id, generation, sid, rotation, authTime } = session
  const exp = Math.min(now + refresh.seconds, authTime + sessionSeconds)
  return sign(refresh, { sub: id, sid, gen: generation, rot: rotation, auth_time: authTime, iat: now, exp })
}

/**
 * Verifies an access token.
 * @param now Unix time in seconds
 * @returns its claims; null for anything expired, forged, malformed or of another kind
 */
export async function verifyAccessToken(
  { access }: TokenKinds,
  token: string,
  now: number,
): Promise<AccessClaims | null> {
  return accessClaims.safeParse(await verify(access, token, { now })).data ?? null
}

/**
 * Verifies a refresh token.
 * @param now Unix time in seconds
 * @returns its claims; null for anything expired, forged, malformed or of another kind, or of a session that is too old
 */
export async function verifyRefreshToken(
  { refresh, sessionSeconds }: TokenKinds,
  token: string,
  now: number,
): Promise<RefreshClaims | null> {
  const { data: claims } = refreshClaims.safeParse(await verify(refresh, token, { now }))
  return claims && now < claims.auth_time + sessionSeconds ? claims : null
}

/**
 * Verifies a refresh token that may have expired. Use it only to end the session.
 * @param now Unix time in seconds
 * @returns its claims; null for anything forged, malformed or of another kind
 */
export async function verifyForLogout(
  { refresh }: TokenKinds,
  token: string,
  now: number,
): Promise<RefreshClaims | null> {
  const payload = await verify(refresh, token, { now, clockTolerance: Number.MAX_SAFE_INTEGER })
  return refreshClaims.safeParse(payload).data ?? null
}

/**
 * Returns the latest instant at which any token of a session can be valid, because an access token may be issued in the
 * last second of the refresh token.
 * @param refreshExpiry the `exp` of its last refresh token, in Unix seconds
 * @returns Unix time in seconds
 */
export function getSessionExpiry({ access }: TokenKinds, refreshExpiry: number): number {
  return refreshExpiry + access.seconds + CLOCK_SKEW_SECONDS
}

/** Signs claims as a token of a kind. */
export function sign({ typ, signing, issuer, audiences }: TokenKind, claims: JWTPayload): Promise<string> {
  const [only, ...others] = audiences
  const configured = {
    ...(issuer && { iss: issuer }),
    ...(only && { aud: others.length > 0 ? [...audiences] : only }),
  }
  return new SignJWT({ ...claims, jti: randomId(), ...configured })
    .setProtectedHeader({ alg: signing.alg, kid: signing.kid, typ })
    .sign(signing.key)
}

/**
 * Verifies a token of a kind: the signature first, with a key and algorithm of ours, and no claim is read before (RFC
 * 8725, section 3.1).
 * @returns its claims, of whatever form; null for anything expired, forged or of another kind
 */
export async function verify(
  { typ, verifying, seconds, issuer, audiences }: TokenKind,
  token: string,
  { now, clockTolerance = 0 }: { now: number; clockTolerance?: number },
): Promise<JWTPayload | null> {
  if (!COMPACT.test(token)) return null
  try {
    const { payload } = await jwtVerify(token, (header) => chooseKey(verifying, header), {
      typ,
      currentDate: new Date(now * 1000),
      clockTolerance,
      ...(issuer && { issuer }),
      ...(audiences.length > 0 && { audience: [...audiences] }),
    })
    return isTimely(payload, seconds, now) ? payload : null
  } catch (error) {
    // Any other error is a fault of ours and must not look like a bad token.
    if (error instanceof errors.JOSEError) return null
    throw error
  }
}

function chooseKey(keys: TokenKind['verifying'], { kid, alg, crit }: JWTHeaderParameters): CryptoKey {
  const chosen = kid === undefined ? undefined : keys.get(kid)
  // We understand no critical header, though jose knows one (RFC 7515, section 4.1.11).
  if (!chosen || chosen.alg !== alg || crit) throw new errors.JWKSNoMatchingKey()
  return chosen.key
}

/**
 * Checks the lifetime: jose alone accepts a token without `exp`, one that lasts for ever, and one issued in the future.
 */
function isTimely({ iat = Number.NaN, exp = Number.NaN }: JWTPayload, seconds: number, now: number): boolean {
  return exp - iat <= seconds && iat <= now + CLOCK_SKEW_SECONDS
}

/** Returns 128 random bits. */
function randomId(): string {
  return base64url.encode(crypto.getRandomValues(new Uint8Array(16)))
}
