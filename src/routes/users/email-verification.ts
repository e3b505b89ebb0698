import { answer, createRouter } from '../../context.ts'
import { findAccount } from '../../db/users.ts'
import { refuseBearer, requireOwner } from '../../middleware/authenticate.ts'
import { countMail, mailVerification, requireMail } from '../../middleware/mail.ts'
import type { AskVerificationResponse } from '../../schemas/responses.ts'

const PATH = '/users/:id/email-verification'

/** `POST /users/:id/email-verification`: one statement. Nothing is sent for an email that is verified. */
export const askVerification = createRouter()
  .use(PATH, requireMail)
  .post(PATH, requireOwner, async (c) => {
    const account = await findAccount(c.get('services').store, c.get('claims'))
    if (!account) throw refuseBearer()
    await countMail(c, account.email)
    if (!account.emailVerifiedAt) mailVerification(c, account)
    return answer<AskVerificationResponse>(c, {
      message: 'Unless the address is verified already, a message is on its way',
      status: 202,
    })
  })
