import type { Context } from 'hono'
import { answer } from '../answer.ts'
import { getSessionExpiry, type RefreshClaims, signAccessToken, signPair, verifyRefreshToken } from '../auth/tokens.ts'
import { type AppEnv, createRouter, unixTime } from '../context.ts'
import { findSessionUser, rotateSession } from '../db/store.ts'
import { ApiError } from '../errors.ts'
import { logSecurityEvent } from '../middleware/request-log.ts'
import { validateJson } from '../middleware/validate.ts'
import { refreshTokenRequest } from '../schemas/requests.ts'
import type { TokensResponse } from '../schemas/responses.ts'

/** `POST /refresh-token`: one statement, with rotation or without. */
export const refreshToken = createRouter().post(
  '/refresh-token',
  validateJson(refreshTokenRequest, 'REFRESH_BY_ADDRESS'),
  async (c) => {
    const { refresh_token } = c.req.valid('json')
    const now = unixTime()
    const claims = await verifyRefreshToken(c.get('isolate').tokens, refresh_token, now)
    if (!claims) throw new ApiError('invalid_token')

    const pair = c.get('isolate').config.rotation
      ? await rotate(c, claims, now)
      : { access_token: await renew(c, claims, now), refresh_token }
    return answer<TokensResponse, 200>(c, { ...pair, status: 200 }, 200)
  },
)

/** As the contract has it: the refresh token stays as it is until it expires. */
async function renew(c: Context<AppEnv>, claims: RefreshClaims, now: number) {
  const { store, tokens } = c.get('isolate')
  const user = await findSessionUser(store, claims)
  if (!user) throw new ApiError('invalid_token', { outcome: 'session_ended' })
  return signAccessToken(tokens, { ...user, sid: claims.sid }, now)
}

/** The token is spent; one used again after its grace has been stolen, from its owner or by the one who comes late. */
async function rotate(c: Context<AppEnv>, claims: RefreshClaims, now: number) {
  const { config, store, tokens } = c.get('isolate')
  const { sub, gen, sid, rot, auth_time } = claims
  const expiresAt = getSessionExpiry(tokens, now + tokens.refresh.seconds)
  const session = await rotateSession(store, claims, { graceSeconds: config.graceSeconds, expiresAt })
  if (session?.ended && session.rotation !== rot) {
    logSecurityEvent(c, 'refresh_token_replayed', sub)
    throw new ApiError('invalid_token', { outcome: 'refresh_token_replayed' })
  }
  if (!session || session.ended) throw new ApiError('invalid_token', { outcome: 'session_ended' })
  const { username, rotation } = session
  return signPair(tokens, { id: sub, username, generation: gen, sid, rotation, authTime: auth_time }, now)
}
