import { createRouter } from '../../context.ts'
import type { UsersResponse } from '../../contract.ts'
import { findUsers } from '../../db/users.ts'

/** `GET /users`: one statement. */
export const listUsers = createRouter().get('/users', async (c) =>
  c.json<UsersResponse, 200>({ data: await findUsers(c.env.database) }, 200),
)
