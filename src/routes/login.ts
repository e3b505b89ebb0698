import { hashPassword, verifyPassword } from '../auth/password.ts'
import { openSession } from '../auth/tokens.ts'
import { createRouter, unixTime } from '../context.ts'
import { loginRequest, USERNAME } from '../contract.ts'
import { findCredentials, replacePasswordHash } from '../db/users.ts'
import { ApiError } from '../errors.ts'
import { logSecurityEvent } from '../middleware/observe.ts'
import { countLogin, limitByAddress } from '../middleware/rate-limit.ts'
import { readBody, validateJson } from '../middleware/validate.ts'
import type { TokensResponse } from '../responses.ts'

/** `POST /login`: one statement, and the same password work whether the user exists or not. */
export const login = createRouter().post(
  '/login',
  readBody,
  limitByAddress('LOGIN_BY_ADDRESS'),
  validateJson(loginRequest),
  async (c) => {
    const { config, database, tokens } = c.var
    const { username, password } = c.req.valid('json')

    const isName = USERNAME.test(username)
    if (isName) await countLogin(c, username)
    const user = isName ? await findCredentials(database, username) : null
    const check = await verifyPassword(password, user?.passwordHash ?? null, config.passwordIterations)
    if (!user || !check.valid) {
      // An unknown name is not logged: it may be a password in the wrong field.
      logSecurityEvent(c, 'login_failed', user?.id ?? null)
      throw new ApiError('invalid_credentials')
    }

    if (check.outdated) {
      const rehash = async () => {
        const replacement = await hashPassword(password, config.passwordIterations)
        await replacePasswordHash(database, user.id, { verified: user.passwordHash, replacement })
      }
      c.executionCtx.waitUntil(rehash())
    }
    const pair = await openSession(tokens, user, unixTime())
    return c.json<TokensResponse, 200>({ ...pair, status: 200 }, 200)
  },
)
