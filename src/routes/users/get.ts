import { answer, createRouter } from '../../context.ts'
import { findUser } from '../../db/users.ts'
import { ApiError } from '../../errors.ts'
import { guardReading } from '../../middleware/authenticate.ts'
import { USER_ID } from '../../schemas/requests.ts'
import type { UserResponse } from '../../schemas/responses.ts'

/** `GET /users/:id`: one statement, none for what cannot be an id; who may read it is a setting. */
export const getUser = createRouter().get('/users/:id', guardReading, async (c) => {
  const id = c.req.param('id')
  const user = USER_ID.test(id) ? await findUser(c.get('services').store, id) : null
  if (!user) throw new ApiError('user_not_found')
  return answer<UserResponse>(c, { data: user, status: 200 })
})
