import { verifyEmailProof } from '../auth/proofs.ts'
import { answer, createRouter, unixTime } from '../context.ts'
import { verifyEmail as verifyRow } from '../db/users.ts'
import { ApiError } from '../errors.ts'
import { logEvent } from '../log.ts'
import { limitBodySize, requireJsonType, requireUtf8 } from '../middleware/body.ts'
import { requireMail } from '../middleware/mail.ts'
import { limitByAddress } from '../middleware/rate-limit.ts'
import { validateJson } from '../middleware/validate.ts'
import { verifyEmailRequest } from '../schemas/requests.ts'
import type { VerifyEmailResponse } from '../schemas/responses.ts'

const PATH = '/email-verification'

/** `PUT /email-verification`: one statement. Where the proof is for a new email, that replaces the old one. */
export const verifyEmail = createRouter()
  .use(PATH, requireMail)
  .put(
    PATH,
    limitByAddress('MAIL_BY_ADDRESS'),
    requireJsonType,
    limitBodySize,
    requireUtf8,
    validateJson(verifyEmailRequest),
    async (c) => {
      const { store, tokens } = c.get('services')
      const proof = await verifyEmailProof(tokens, c.req.valid('json').token, unixTime())
      if (!proof) throw new ApiError('invalid_token')
      if (!(await verifyRow(store, proof))) throw new ApiError('invalid_token', { outcome: 'proof_spent' })
      const about = { request: c.get('requestId'), user: proof.sub }
      if (proof.email !== proof.current_email) logEvent('email_changed', about)
      logEvent('email_verified', about)
      return answer<VerifyEmailResponse>(c, { message: 'Email verified', status: 200 })
    },
  )
