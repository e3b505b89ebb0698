import type { Context } from 'hono'
import { getSessionExpiry, type RefreshClaims, signAccessToken, signPair, verifyRefreshToken } from '../auth/tokens.ts'
import { type AppEnv, answer, createRouter, unixTime } from '../context.ts'
import { findSessionUser, rotateSession } from '../db/sessions.ts'
import { ApiError } from '../errors.ts'
import { logEvent } from '../log.ts'
import { limitBodySize, requireJsonType, requireUtf8 } from '../middleware/body.ts'
import { limitByAddress } from '../middleware/rate-limit.ts'
import { validateJson } from '../middleware/validate.ts'
import { refreshTokenRequest } from '../schemas/requests.ts'
import type { TokensResponse } from '../schemas/responses.ts'

/** A few such uses are retries and tabs. A session that goes on with them may have two holders. */
const GRACE_USES_PER_EVENT = 10

/** `POST /refresh-token`: one statement, with rotation or without. */
export const refreshToken = createRouter().post(
  '/refresh-token',
  limitByAddress('REFRESH_BY_ADDRESS'),
  requireJsonType,
  limitBodySize,
  requireUtf8,
  validateJson(refreshTokenRequest),
  async (c) => {
    const { config, tokens } = c.get('services')
    const { refresh_token } = c.req.valid('json')
    const now = unixTime()
    const claims = await verifyRefreshToken(tokens, refresh_token, now)
    if (!claims) throw new ApiError('invalid_token')

    const pair = config.rotation
      ? await rotate(c, claims, now)
      : { access_token: await renew(c, claims, now), refresh_token }
    return answer<TokensResponse>(c, { ...pair, status: 200 })
  },
)

/** Refreshes without rotation, as in the contract: the refresh token stays as it is until it expires. */
async function renew(c: Context<AppEnv>, claims: RefreshClaims, now: number) {
  const { store, tokens } = c.get('services')
  const user = await findSessionUser(store, claims)
  if (!user) throw new ApiError('invalid_token', { outcome: 'session_ended' })
  return signAccessToken(tokens, { ...user, sid: claims.sid }, now)
}

/**
 * Refreshes with rotation. A spent token that is used after its grace has two holders, and nobody can tell the thief
 * from the owner: it ends the session for both (RFC 9700, section 4.14.2).
 */
async function rotate(c: Context<AppEnv>, claims: RefreshClaims, now: number) {
  const { config, store, tokens } = c.get('services')
  const { sub, gen, sid, rot, auth_time } = claims
  const expiresAt = getSessionExpiry(tokens, now + tokens.refresh.seconds)
  const session = await rotateSession(store, claims, { graceSeconds: config.graceSeconds, expiresAt })
  // A session that has ended at the token's own rotation had lost its row. That is no theft.
  if (session?.ended && session.rotation > rot) {
    logEvent('refresh_token_replayed', { request: c.get('requestId'), user: sub })
    throw new ApiError('invalid_token', { outcome: 'refresh_token_replayed' })
  }
  if (!session || session.ended) throw new ApiError('invalid_token', { outcome: 'session_ended' })
  const { username, emailVerifiedAt, rotation, graceUses } = session
  if (rotation > rot && graceUses > 0 && graceUses % GRACE_USES_PER_EVENT === 0) {
    logEvent('refresh_grace_reused', { request: c.get('requestId'), user: sub, uses: graceUses })
  }
  const subject = { id: sub, username, generation: gen, emailVerifiedAt }
  return signPair(tokens, { ...subject, sid, rotation, authTime: auth_time }, now)
}
