/** Both tokens: how they are signed, and when one is believed. No token string may ever reach a message. */
import { base64url, errors, type JWTPayload, jwtVerify, SignJWT } from 'jose'
import * as z from 'zod/mini'
import type { TokenKey, TokenKind, TokenKinds } from './keys.ts'

/** How far ahead of ours the clock of the server that issued a token may be. */
const CLOCK_SKEW_SECONDS = 60

const sharedClaims = {
  /** The user id. */
  sub: z.string(),
  iat: z.int(),
  exp: z.int(),
  /** The token's own id. */
  jti: z.string(),
  /** The session: all that came of one login. */
  sid: z.string(),
  /** The user's generation when the session began. */
  gen: z.int(),
}
const accessClaims = z.object({ Username: z.string(), ...sharedClaims })
const refreshClaims = z.object({
  ...sharedClaims,
  /** How often the session had rotated. */
  rot: z.int(),
  /** When the person gave the password, in Unix seconds. */
  auth_time: z.int(),
})

/** What an access token says. */
export type AccessClaims = z.infer<typeof accessClaims>
/** What a refresh token says. */
export type RefreshClaims = z.infer<typeof refreshClaims>

/** Whom a token is about. */
export interface TokenSubject {
  id: string
  username: string
  generation: number
}

/**
 * Begins a session: signs its first access and refresh token.
 * @param now Unix time in seconds
 */
export async function openSession({ access, refresh }: TokenKinds, subject: TokenSubject, now: number) {
  const sid = randomId()
  const claims = { sub: subject.id, sid, gen: subject.generation, rot: 0, auth_time: now }
  const [accessToken, refreshToken] = await Promise.all([
    signAccessToken(access, { ...subject, sid }, now),
    sign(refresh, claims, now),
  ])
  return { accessToken, refreshToken }
}

/**
 * Signs an access token of the session `sid`.
 * @param now Unix time in seconds
 */
export function signAccessToken(access: TokenKind, subject: TokenSubject & { sid: string }, now: number) {
  return sign(access, { Username: subject.username, sub: subject.id, sid: subject.sid, gen: subject.generation }, now)
}

/**
 * Verifies an access token.
 * @param now Unix time in seconds
 * @returns its claims; null for anything expired, forged, malformed or of another kind
 */
export async function verifyAccessToken(access: TokenKind, token: string, now: number): Promise<AccessClaims | null> {
  return accessClaims.safeParse(await verify(access, token, now)).data ?? null
}

/**
 * Verifies a refresh token.
 * @param now Unix time in seconds
 * @returns its claims; null for anything expired, forged, malformed or of another kind
 */
export async function verifyRefreshToken(
  refresh: TokenKind,
  token: string,
  now: number,
): Promise<RefreshClaims | null> {
  return refreshClaims.safeParse(await verify(refresh, token, now)).data ?? null
}

function sign({ key, seconds, issuer, audience }: TokenKind, claims: JWTPayload, now: number): Promise<string> {
  const token = new SignJWT(claims)
    .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'JWT' })
    .setExpirationTime(now + seconds)
    .setIssuedAt(now)
    .setJti(randomId())
  if (issuer) token.setIssuer(issuer)
  if (audience) token.setAudience(audience)
  return token.sign(key.key)
}

/** Signature first: nothing that a token says is looked at before its key and algorithm have vouched for it. */
async function verify({ key, seconds, issuer, audience }: TokenKind, token: string, now: number) {
  try {
    const { payload } = await jwtVerify(token, ({ kid }) => chooseKey(key, kid), {
      algorithms: [key.alg],
      typ: 'JWT',
      currentDate: new Date(now * 1000),
      ...(issuer ? { issuer } : {}),
      ...(audience ? { audience } : {}),
    })
    return isTimely(payload, seconds, now) ? payload : null
  } catch (error) {
    // Anything but jose's verdict is a fault of ours and must not pass for a bad token.
    if (error instanceof errors.JOSEError) return null
    throw error
  }
}

function chooseKey(key: TokenKey, kid: string | undefined): CryptoKey {
  if (kid !== key.kid) throw new errors.JWKSNoMatchingKey()
  return key.key
}

/** jose alone accepts a token without `exp`, one that lasts for ever, and one issued in the future. */
function isTimely({ iat = Number.NaN, exp = Number.NaN }: JWTPayload, seconds: number, now: number): boolean {
  return exp - iat <= seconds && iat <= now + CLOCK_SKEW_SECONDS
}

/** 128 random bits. */
function randomId(): string {
  return base64url.encode(crypto.getRandomValues(new Uint8Array(16)))
}
