import { hashPassword } from '../auth/password.ts'
import { createRouter, unixTime } from '../context.ts'
import { registerRequest } from '../contract.ts'
import { insertUser, newUserId } from '../db/users.ts'
import { limitByAddress } from '../middleware/rate-limit.ts'
import { readBody, validateJson } from '../middleware/validate.ts'
import type { RegisterResponse } from '../responses.ts'

/** `POST /register`: one hash, one statement. */
export const register = createRouter().post(
  '/register',
  readBody,
  limitByAddress('REGISTER_BY_ADDRESS'),
  validateJson(registerRequest),
  async (c) => {
    const { config, database } = c.var
    const { password, ...person } = c.req.valid('json')
    const id = newUserId(unixTime())
    await insertUser(database, { ...person, id, passwordHash: await hashPassword(password, config.passwordIterations) })
    return c.json<RegisterResponse, 201>({ message: 'User created successfully!', resourceId: id, status: 201 }, 201)
  },
)
