import { createRouter } from '../../context.ts'
import type { UsersResponse } from '../../contract.ts'
import { findUsers } from '../../db/users.ts'
import { guardReading } from '../../middleware/authenticate.ts'

/** `GET /users`: one statement; who may read it is a setting. */
export const listUsers = createRouter().get('/users', guardReading, async (c) =>
  c.json<UsersResponse, 200>({ data: await findUsers(c.env.database) }, 200),
)
