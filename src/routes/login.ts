import type { Context } from 'hono'
import { hashPassword, verifyPassword } from '../auth/passwords.ts'
import { openSession } from '../auth/tokens.ts'
import { type AppEnv, answer, createRouter, unixTime } from '../context.ts'
import { type Credentials, findCredentials, replacePasswordHash } from '../db/users.ts'
import { ApiError } from '../errors.ts'
import { describeFailure, logEvent } from '../log.ts'
import { limitBodySize, requireJsonType, requireUtf8 } from '../middleware/body.ts'
import { countLogin, limitByAddress } from '../middleware/rate-limit.ts'
import { validateJson } from '../middleware/validate.ts'
import { isLoginName, loginRequest } from '../schemas/requests.ts'
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
    const { costs, store, tokens } = c.get('services')
    const { username, password } = c.req.valid('json')

    const isName = isLoginName(username)
    if (isName) await countLogin(c, username)
    const user = isName ? await findCredentials(store, username) : null
    const check = await verifyPassword(password, user?.passwordHash ?? null, costs)
    if (!user || !check.valid) {
      // An unknown name is not logged: it may be a password in the wrong field.
      logEvent('login_failed', { request: c.get('requestId'), user: user?.id ?? null })
      throw new ApiError('invalid_credentials')
    }

    if (check.outdated) c.executionCtx.waitUntil(rehash(c, user, password))
    const pair = await openSession(tokens, user, unixTime())
    return answer<TokensResponse>(c, { ...pair, status: 200 })
  },
)

/** Replaces a hash of another cost with one of the current cost, without delaying the response. */
async function rehash(c: Context<AppEnv>, { id, passwordHash }: Credentials, password: string): Promise<void> {
  const { costs, store } = c.get('services')
  try {
    const replacement = await hashPassword(password, costs.current)
    await replacePasswordHash(store, id, { verified: passwordHash, replacement })
  } catch (error) {
    logEvent('rehash_failed', { request: c.get('requestId'), user: id, cause: describeFailure(error) })
  }
}
