import { hashPassword } from '../auth/passwords.ts'
import { answer, createRouter, unixTime } from '../context.ts'
import { newGeneration, newUserId } from '../db/user-id.ts'
import { insertUser } from '../db/users.ts'
import { limitBodySize, requireJsonType, requireUtf8 } from '../middleware/body.ts'
import { mailFirstVerification } from '../middleware/mail.ts'
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
    const user = { ...person, id: newUserId(unixTime()), generation: newGeneration() }
    await insertUser(store, { ...user, passwordHash: await hashPassword(password, costs.current) })
    await mailFirstVerification(c, { ...user, emailVerifiedAt: null })
    return answer<RegisterResponse>(c, { message: 'User created successfully!', resourceId: user.id, status: 201 })
  },
)
