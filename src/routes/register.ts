import { hashPassword } from '../auth/passwords.ts'
import { answer, createRouter, unixTime } from '../context.ts'
import { newUserId } from '../db/user-id.ts'
import { insertUser } from '../db/users.ts'
import { limitBodySize, requireJsonType, requireUtf8 } from '../middleware/body.ts'
import { refusePwned } from '../middleware/pwned-passwords.ts'
import { limitByAddress } from '../middleware/rate-limit.ts'
import { validateJson } from '../middleware/validate.ts'
import { registerRequest } from '../schemas/requests.ts'
import type { RegisterResponse } from '../schemas/responses.ts'

/**
 * `POST /register`: one hash and one statement. Where a name is taken, a second one asks whether it is by this very
 * call.
 */
export const register = createRouter().post(
  '/register',
  limitByAddress('REGISTER_BY_ADDRESS'),
  requireJsonType,
  limitBodySize,
  requireUtf8,
  validateJson(registerRequest),
  async (c) => {
    const { costs, store } = c.get('services')
    const { password, ...person } = c.req.valid('json')
    await refusePwned(c, 'password', password)
    const id = newUserId(unixTime())
    await insertUser(store, { ...person, id, passwordHash: await hashPassword(password, costs.current) })
    return answer<RegisterResponse>(c, { message: 'User created successfully!', resourceId: id, status: 201 })
  },
)
