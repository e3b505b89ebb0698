import { hashPassword, verifyPassword } from '../auth/password.ts'
import { openSession } from '../auth/tokens.ts'
import { createRouter, unixTime } from '../context.ts'
import { loginRequest, type TokensResponse, USERNAME } from '../contract.ts'
import { findCredentials, replacePasswordHash } from '../db/users.ts'
import { ApiError } from '../errors.ts'
import { validateJson } from '../middleware/validate.ts'

/** `POST /login`: one statement, and the same password work whether the user exists or not. */
export const login = createRouter().post('/login', validateJson(loginRequest), async (c) => {
  const { config, database, tokens } = c.env
  const { username, password } = c.req.valid('json')

  const user = USERNAME.test(username) ? await findCredentials(database, username) : null
  const check = await verifyPassword(password, user?.passwordHash ?? null, config.passwordIterations)
  if (!user || !check.valid) throw new ApiError('invalid_credentials')

  if (check.outdated) {
    const rehash = async () => {
      const replacement = await hashPassword(password, config.passwordIterations)
      await replacePasswordHash(database, user.id, { verified: user.passwordHash, replacement })
    }
    c.executionCtx.waitUntil(rehash())
  }
  const pair = await openSession(tokens, user, unixTime())
  return c.json<TokensResponse, 200>({ ...pair, status: 200 }, 200)
})
