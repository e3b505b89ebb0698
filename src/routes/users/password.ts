import type { Context } from 'hono'
import { hashPassword, verifyPassword } from '../../auth/passwords.ts'
import { openSession } from '../../auth/tokens.ts'
import { type AppEnv, answer, createRouter, unixTime } from '../../context.ts'
import { findAccount, updatePassword } from '../../db/users.ts'
import { ApiError } from '../../errors.ts'
import { logEvent } from '../../log.ts'
import { passwordChanged } from '../../mail/messages.ts'
import { confirmPassword, refuseBearer, requireOwner } from '../../middleware/authenticate.ts'
import { limitBodySize, requireJsonType, requireUtf8 } from '../../middleware/body.ts'
import { mailAfterwards } from '../../middleware/mail.ts'
import { refusePwned } from '../../middleware/pwned-passwords.ts'
import { countTry } from '../../middleware/rate-limit.ts'
import { refuseIdentity, validateJson } from '../../middleware/validate.ts'
import { updatePasswordRequest } from '../../schemas/requests.ts'
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
    const { costs, store, tokens } = c.get('services')
    const { current_password, new_password } = c.req.valid('json')
    const account = await findAccount(store, c.get('claims'))
    if (!account) return answerAgain(c, new_password)
    refuseIdentity(new_password, account)
    await confirmPassword(c, account, current_password)
    await refusePwned(c, 'new_password', new_password)

    const changed = await updatePassword(store, account, await hashPassword(new_password, costs.current))
    if (!changed) throw new ApiError('account_changed')
    logEvent('password_changed', { request: c.get('requestId'), user: account.id })
    mailAfterwards(c, account, passwordChanged)
    const pair = await openSession(tokens, { ...account, ...changed }, unixTime())
    return answer<TokensResponse>(c, { ...pair, status: 200 })
  },
)

/**
 * Answers a client that lost the answer and sends the call again: the password has changed, and the token is of the
 * generation just before. A client that knows the new password gets a session, because it could as well log in.
 */
async function answerAgain(c: Context<AppEnv>, newPassword: string) {
  const { costs, store, tokens } = c.get('services')
  const { sub, gen, sid } = c.get('claims')
  const account = await findAccount(store, { sub, gen: gen + 1, sid })
  if (!account) throw refuseBearer()
  await countTry(c, 'OWNER_BY_ACCOUNT', account.id)
  const { valid } = await verifyPassword(newPassword, account.passwordHash, costs)
  if (!valid) throw refuseBearer()
  const pair = await openSession(tokens, account, unixTime())
  return answer<TokensResponse>(c, { ...pair, status: 200 })
}
