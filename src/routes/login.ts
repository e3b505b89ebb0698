import { answer } from '../answer.ts'
import { hashPassword, verifyPassword } from '../auth/passwords.ts'
import { openSession } from '../auth/tokens.ts'
import { createRouter, unixTime } from '../context.ts'
import { findCredentials, replacePasswordHash } from '../db/store.ts'
import { ApiError } from '../errors.ts'
import { countLogin } from '../middleware/rate-limit.ts'
import { logSecurityEvent } from '../middleware/request-log.ts'
import { validateJson } from '../middleware/validate.ts'
import { loginRequest, USERNAME } from '../schemas/requests.ts'
import type { TokensResponse } from '../schemas/responses.ts'

/** `POST /login`: one statement, and the same password work whether the user exists or not. */
export const login = createRouter().post('/login', validateJson(loginRequest, 'LOGIN_BY_ADDRESS'), async (c) => {
  const { config, store, tokens } = c.get('isolate')
  const { username, password } = c.req.valid('json')

  const isName = USERNAME.test(username)
  if (isName) await countLogin(c, username)
  const user = isName ? await findCredentials(store, username) : null
  const check = await verifyPassword(password, user?.passwordHash ?? null, config.passwordIterations)
  if (!user || !check.valid) {
    // An unknown name is not logged: it may be a password in the wrong field.
    logSecurityEvent(c, 'login_failed', user?.id ?? null)
    throw new ApiError('invalid_credentials')
  }

  if (check.outdated) {
    const rehash = async () => {
      const replacement = await hashPassword(password, config.passwordIterations)
      await replacePasswordHash(store, user.id, { verified: user.passwordHash, replacement })
    }
    c.executionCtx.waitUntil(rehash())
  }
  const pair = await openSession(tokens, user, unixTime())
  return answer<TokensResponse, 200>(c, { ...pair, status: 200 }, 200)
})
