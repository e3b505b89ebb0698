import { createRouter } from '../../context.ts'
import { USER_ID, type UserResponse } from '../../contract.ts'
import { findUser } from '../../db/users.ts'
import { ApiError } from '../../errors.ts'

/** `GET /users/:id`: one statement, none for what cannot be an id. */
export const getUser = createRouter().get('/users/:id', async (c) => {
  const id = c.req.param('id')
  const user = USER_ID.test(id) ? await findUser(c.env.database, id) : null
  if (!user) throw new ApiError('user_not_found')
  return c.json<UserResponse, 200>({ data: user, status: 200 }, 200)
})
