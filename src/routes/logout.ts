import { getSessionExpiry, verifyForLogout } from '../auth/tokens.ts'
import { answer, createRouter, unixTime } from '../context.ts'
import { endSession } from '../db/sessions.ts'
import { ApiError } from '../errors.ts'
import { logEvent } from '../log.ts'
import { limitBodySize, requireJsonType, requireUtf8 } from '../middleware/body.ts'
import { validateJson } from '../middleware/validate.ts'
import { logoutRequest } from '../schemas/requests.ts'
import type { LogoutResponse } from '../schemas/responses.ts'

/**
 * `POST /logout`: one statement. An expired token still ends its session, and a session that has ended gets the same
 * answer.
 */
export const logout = createRouter().post(
  '/logout',
  requireJsonType,
  limitBodySize,
  requireUtf8,
  validateJson(logoutRequest),
  async (c) => {
    const { store, tokens } = c.get('services')
    const claims = await verifyForLogout(tokens, c.req.valid('json').refresh_token, unixTime())
    if (!claims) throw new ApiError('invalid_token')
    await endSession(store, claims, getSessionExpiry(tokens, claims.exp))
    logEvent('session_ended', { request: c.get('requestId'), user: claims.sub })
    return answer<LogoutResponse>(c, { message: 'Logged out', status: 200 })
  },
)
