import { answer } from '../../answer.ts'
import { createRouter } from '../../context.ts'
import { endAllSessions } from '../../db/store.ts'
import { refuseBearer, requireOwner } from '../../middleware/authenticate.ts'
import { logSecurityEvent } from '../../middleware/request-log.ts'
import type { LogoutResponse } from '../../schemas/responses.ts'

/** `POST /users/:id/logout`: one statement. Ends every session of the user. */
export const logoutEverywhere = createRouter().post('/users/:id/logout', requireOwner, async (c) => {
  const claims = c.get('claims')
  if (!(await endAllSessions(c.get('isolate').store, claims))) throw refuseBearer()
  logSecurityEvent(c, 'all_sessions_ended', claims.sub)
  return answer<LogoutResponse, 200>(c, { message: 'Logged out', status: 200 }, 200)
})
