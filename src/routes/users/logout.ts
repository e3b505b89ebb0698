import { answer, createRouter } from '../../context.ts'
import { endAllSessions } from '../../db/users.ts'
import { logEvent } from '../../log.ts'
import { refuseBearer, requireOwner } from '../../middleware/authenticate.ts'
import type { LogoutResponse } from '../../schemas/responses.ts'

/** `POST /users/:id/logout`: one statement. Ends every session of the user. */
export const logoutEverywhere = createRouter().post('/users/:id/logout', requireOwner, async (c) => {
  const claims = c.get('claims')
  if (!(await endAllSessions(c.get('services').store, claims))) throw refuseBearer()
  logEvent('all_sessions_ended', { request: c.get('requestId'), user: claims.sub })
  return answer<LogoutResponse>(c, { message: 'Logged out', status: 200 })
})
