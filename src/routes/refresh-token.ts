import { getSessionExpiry, type RefreshClaims, signAccessToken, signPair, verifyRefreshToken } from '../auth/tokens.ts'
import { type Bindings, createRouter, unixTime } from '../context.ts'
import { refreshTokenRequest, type TokensResponse } from '../contract.ts'
import { findSessionUser, rotateSession } from '../db/sessions.ts'
import { ApiError } from '../errors.ts'
import { logEvent } from '../log.ts'
import { validateJson } from '../middleware/validate.ts'

/** `POST /refresh-token`: one statement, with rotation or without. */
export const refreshToken = createRouter().post('/refresh-token', validateJson(refreshTokenRequest), async (c) => {
  const { refresh_token } = c.req.valid('json')
  const now = unixTime()
  const claims = await verifyRefreshToken(c.env.tokens, refresh_token, now)
  if (!claims) throw new ApiError('invalid_token')

  const pair = c.env.config.rotation
    ? await rotate(c.env, claims, now)
    : { access_token: await renew(c.env, claims, now), refresh_token }
  return c.json<TokensResponse, 200>({ ...pair, status: 200 }, 200)
})

/** As the contract has it: the refresh token stays as it is until it expires. */
async function renew({ database, tokens }: Bindings, claims: RefreshClaims, now: number): Promise<string> {
  const user = await findSessionUser(database, claims)
  if (!user) throw new ApiError('invalid_token')
  return signAccessToken(tokens, { ...user, sid: claims.sid }, now)
}

/** The token is spent; one used again after its grace has been stolen, from its owner or by the one who comes late. */
async function rotate({ config, database, tokens }: Bindings, claims: RefreshClaims, now: number) {
  const { sub, gen, sid, rot, auth_time } = claims
  const expiresAt = getSessionExpiry(tokens, now + tokens.refresh.seconds)
  const session = await rotateSession(database, claims, { graceSeconds: config.graceSeconds, expiresAt })
  if (session?.ended && session.rotation !== rot)
    logEvent('warn', 'refresh_token_replayed', { user: sub, session: sid })
  if (!session || session.ended) throw new ApiError('invalid_token')
  const { username, rotation } = session
  return signPair(tokens, { id: sub, username, generation: gen, sid, rotation, authTime: auth_time }, now)
}
