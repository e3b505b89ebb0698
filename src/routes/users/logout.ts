import { createRouter } from '../../context.ts'
import type { LogoutResponse } from '../../contract.ts'
import { endAllSessions } from '../../db/users.ts'
import { logEvent } from '../../log.ts'
import { refuseBearer, requireOwner } from '../../middleware/authenticate.ts'

/** `POST /users/:id/logout`: one statement. Ends every session of the user. */
export const logoutEverywhere = createRouter().post('/users/:id/logout', requireOwner, async (c) => {
  const { claims } = c.var
  if (!(await endAllSessions(c.env.database, claims))) throw refuseBearer()
  logEvent('info', 'all_sessions_ended', { user: claims.sub })
  return c.json<LogoutResponse, 200>({ message: 'Logged out', status: 200 }, 200)
})
