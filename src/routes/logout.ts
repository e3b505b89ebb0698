import { answer } from '../answer.ts'
import { getSessionExpiry, verifyForLogout } from '../auth/tokens.ts'
import { createRouter, unixTime } from '../context.ts'
import { endSession } from '../db/store.ts'
import { ApiError } from '../errors.ts'
import { logSecurityEvent } from '../middleware/request-log.ts'
import { validateJson } from '../middleware/validate.ts'
import { logoutRequest } from '../schemas/requests.ts'
import type { LogoutResponse } from '../schemas/responses.ts'

/** `POST /logout`: one statement. An expired token still ends its session, and an ended session is as good as this one. */
export const logout = createRouter().post('/logout', validateJson(logoutRequest), async (c) => {
  const { store, tokens } = c.get('isolate')
  const { refresh_token } = c.req.valid('json')
  const claims = await verifyForLogout(tokens, refresh_token, unixTime())
  if (!claims) throw new ApiError('invalid_token')
  await endSession(store, claims, getSessionExpiry(tokens, claims.exp))
  logSecurityEvent(c, 'session_ended', claims.sub)
  return answer<LogoutResponse, 200>(c, { message: 'Logged out', status: 200 }, 200)
})
