import { answer } from '../answer.ts'
import { hashPassword } from '../auth/passwords.ts'
import { createRouter, unixTime } from '../context.ts'
import { insertUser } from '../db/store.ts'
import { newUserId } from '../db/user-id.ts'
import { validateJson } from '../middleware/validate.ts'
import { registerRequest } from '../schemas/requests.ts'
import type { RegisterResponse } from '../schemas/responses.ts'

/** `POST /register`: one hash, one statement. */
export const register = createRouter().post(
  '/register',
  validateJson(registerRequest, 'REGISTER_BY_ADDRESS'),
  async (c) => {
    const { config, store } = c.get('isolate')
    const { password, ...person } = c.req.valid('json')
    const id = newUserId(unixTime())
    await insertUser(store, { ...person, id, passwordHash: await hashPassword(password, config.passwordIterations) })
    return answer<RegisterResponse, 201>(c, { message: 'User created successfully!', resourceId: id, status: 201 }, 201)
  },
)
