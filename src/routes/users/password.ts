import { hashPassword } from '../../auth/passwords.ts'
import { openSession } from '../../auth/tokens.ts'
import { answer, createRouter, unixTime } from '../../context.ts'
import { findAccount, updatePassword } from '../../db/users.ts'
import { ApiError } from '../../errors.ts'
import { logEvent } from '../../log.ts'
import { confirmPassword, refuseBearer, requireOwner } from '../../middleware/authenticate.ts'
import { limitBodySize, requireJsonType, requireUtf8 } from '../../middleware/body.ts'
import { validateJson } from '../../middleware/validate.ts'
import { isIdentity, PASSWORD_IS_IDENTITY, updatePasswordRequest } from '../../schemas/requests.ts'
import type { TokensResponse } from '../../schemas/responses.ts'

/** `PUT /users/:id/password`: two statements. Ends every session and begins a new one for the caller. */
export const changePassword = createRouter().put(
  '/users/:id/password',
  requireJsonType,
  limitBodySize,
  requireUtf8,
  validateJson(updatePasswordRequest),
  requireOwner,
  async (c) => {
    const { config, store, tokens } = c.get('services')
    const { current_password, new_password } = c.req.valid('json')
    const account = await findAccount(store, c.get('claims'))
    if (!account) throw refuseBearer()
    if (isIdentity(new_password, account)) {
      throw new ApiError('validation_failed', { fields: [{ field: 'new_password', message: PASSWORD_IS_IDENTITY }] })
    }
    await confirmPassword(c, account, current_password)

    const passwordHash = await hashPassword(new_password, config.passwordIterations)
    const generation = await updatePassword(store, account, passwordHash)
    if (generation === null) throw new ApiError('account_changed')
    logEvent('password_changed', { request: c.get('requestId'), user: account.id })
    const pair = await openSession(tokens, { ...account, generation }, unixTime())
    return answer<TokensResponse>(c, { ...pair, status: 200 })
  },
)
