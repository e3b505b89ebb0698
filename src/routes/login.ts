import { hashPassword, verifyPassword } from '../auth/passwords.ts'
import { openSession } from '../auth/tokens.ts'
import { answer, createRouter, unixTime } from '../context.ts'
import { findCredentials, replacePasswordHash } from '../db/users.ts'
import { ApiError } from '../errors.ts'
import { logEvent } from '../log.ts'
import { limitBodySize, requireJsonType, requireUtf8 } from '../middleware/body.ts'
import { countLogin, limitByAddress } from '../middleware/rate-limit.ts'
import { validateJson } from '../middleware/validate.ts'
import { loginRequest, USERNAME } from '../schemas/requests.ts'
import type { TokensResponse } from '../schemas/responses.ts'

/** `POST /login`: one statement, and the same password work whether the user exists or not. */
export const login = createRouter().post(
  '/login',
  limitByAddress('LOGIN_BY_ADDRESS'),
  requireJsonType,
  limitBodySize,
  requireUtf8,
  validateJson(loginRequest),
  async (c) => {
    const { config, store, tokens } = c.get('services')
    const { username, password } = c.req.valid('json')

    const isName = USERNAME.test(username)
    if (isName) await countLogin(c, username)
    const user = isName ? await findCredentials(store, username) : null
    const check = await verifyPassword(password, user?.passwordHash ?? null, config.passwordIterations)
    if (!user || !check.valid) {
      // An unknown name is not logged: it may be a password in the wrong field.
      logEvent('login_failed', { request: c.get('requestId'), user: user?.id ?? null })
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
    return answer<TokensResponse>(c, { ...pair, status: 200 })
  },
)
