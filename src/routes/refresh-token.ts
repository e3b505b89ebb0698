import { signAccessToken, verifyRefreshToken } from '../auth/tokens.ts'
import { createRouter, unixTime } from '../context.ts'
import { refreshTokenRequest, type TokensResponse } from '../contract.ts'
import { findSubject } from '../db/users.ts'
import { ApiError } from '../errors.ts'
import { validateJson } from '../middleware/validate.ts'

/** `POST /refresh-token`: one statement; the refresh token is returned as it was given, until it expires. */
export const refreshToken = createRouter().post('/refresh-token', validateJson(refreshTokenRequest), async (c) => {
  const { database, tokens } = c.env
  const { refresh_token } = c.req.valid('json')
  const now = unixTime()

  const claims = await verifyRefreshToken(tokens.refresh, refresh_token, now)
  const subject = claims && (await findSubject(database, claims.sub, claims.gen))
  if (!subject) throw new ApiError('invalid_token')

  const access_token = await signAccessToken(tokens.access, { ...subject, sid: claims.sid }, now)
  return c.json<TokensResponse, 200>({ access_token, refresh_token, status: 200 }, 200)
})
