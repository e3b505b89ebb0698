import { hashPassword } from '../auth/passwords.ts'
import { verifyResetProof } from '../auth/proofs.ts'
import { openSession } from '../auth/tokens.ts'
import { answer, createRouter, unixTime } from '../context.ts'
import { findUserByEmail, updatePassword } from '../db/users.ts'
import { ApiError } from '../errors.ts'
import { logEvent } from '../log.ts'
import { passwordChanged } from '../mail/messages.ts'
import { limitBodySize, requireJsonType, requireUtf8 } from '../middleware/body.ts'
import { countMail, mailAfterwards, mailProof, requireMail } from '../middleware/mail.ts'
import { refusePwned } from '../middleware/pwned-passwords.ts'
import { limitByAddress } from '../middleware/rate-limit.ts'
import { refuseIdentity, validateJson } from '../middleware/validate.ts'
import { askResetRequest, resetPasswordRequest } from '../schemas/requests.ts'
import type { AskResetResponse, TokensResponse } from '../schemas/responses.ts'

const PATH = '/password-reset'

/**
 * `POST /password-reset`: one statement, and the same answer and work before it whether anybody has the address or not.
 *
 * `PUT /password-reset`: one statement. Ends every session and begins a new one for the caller.
 */
export const passwordReset = createRouter()
  .use(PATH, requireMail)
  .post(
    PATH,
    limitByAddress('MAIL_BY_ADDRESS'),
    requireJsonType,
    limitBodySize,
    requireUtf8,
    validateJson(askResetRequest),
    async (c) => {
      const { email: address } = c.req.valid('json')
      await countMail(c, address)
      const user = await findUserByEmail(c.get('services').store, address)
      logEvent('password_reset_asked', { request: c.get('requestId'), user: user?.id ?? null })
      if (user) {
        const { id, username, generation, email } = user
        mailProof(c, user, { purpose: 'password-reset', sub: id, gen: generation, email, username })
      }
      return answer<AskResetResponse>(c, {
        message: 'If an account has this address, a message is on its way',
        status: 202,
      })
    },
  )
  .put(
    PATH,
    limitByAddress('MAIL_BY_ADDRESS'),
    requireJsonType,
    limitBodySize,
    requireUtf8,
    validateJson(resetPasswordRequest),
    async (c) => {
      const { costs, store, tokens } = c.get('services')
      const { token, new_password } = c.req.valid('json')
      const proof = await verifyResetProof(tokens, token, unixTime())
      if (!proof) throw new ApiError('invalid_token')
      refuseIdentity(new_password, proof)
      await refusePwned(c, 'new_password', new_password)

      const { sub: id, gen: generation, email, username } = proof
      const account = { id, generation, email }
      const changed = await updatePassword(store, account, await hashPassword(new_password, costs.current))
      if (!changed) throw new ApiError('invalid_token', { outcome: 'proof_spent' })
      logEvent('password_reset', { request: c.get('requestId'), user: id })
      mailAfterwards(c, account, passwordChanged)
      const pair = await openSession(tokens, { id, username, ...changed }, unixTime())
      return answer<TokensResponse>(c, { ...pair, status: 200 })
    },
  )
