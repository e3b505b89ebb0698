import { hashPassword } from '../auth/password.ts'
import { createRouter, unixTime } from '../context.ts'
import { type RegisterResponse, registerRequest } from '../contract.ts'
import { insertUser, newUserId } from '../db/users.ts'
import { validateJson } from '../middleware/validate.ts'

/** `POST /register`: one hash, one statement. */
export const register = createRouter().post('/register', validateJson(registerRequest), async (c) => {
  const { config, database } = c.env
  const { password, ...person } = c.req.valid('json')
  const id = newUserId(unixTime())
  await insertUser(database, { ...person, id, passwordHash: await hashPassword(password, config.passwordIterations) })
  return c.json<RegisterResponse, 201>({ message: 'User created successfully!', resourceId: id, status: 201 }, 201)
})
