import type { Context } from 'hono'
import { type AppEnv, answer, createRouter } from '../../context.ts'
import { type Account, findAccount, findUserForEmail, updateProfile } from '../../db/users.ts'
import { ApiError } from '../../errors.ts'
import { logEvent } from '../../log.ts'
import { emailChangeAsked, emailChanged } from '../../mail/messages.ts'
import { confirmPassword, refuseBearer, requireOwner } from '../../middleware/authenticate.ts'
import { limitBodySize, requireJsonType, requireUtf8 } from '../../middleware/body.ts'
import { countMail, mailAfterwards, mailFirstVerification, mailVerification } from '../../middleware/mail.ts'
import { validateJson } from '../../middleware/validate.ts'
import { updateUserRequest } from '../../schemas/requests.ts'
import type { User, UserResponse } from '../../schemas/responses.ts'

/**
 * `PATCH /users/:id`: two statements. A new email needs the password, because people log in with it. Where
 * `EMAIL_CHANGE` is `proof` it needs a proof too, and one more statement where a name changes beside it.
 */
export const updateUser = createRouter().patch(
  '/users/:id',
  requireJsonType,
  limitBodySize,
  requireUtf8,
  validateJson(updateUserRequest),
  requireOwner,
  async (c) => {
    const { config, store } = c.get('services')
    const { current_password, email, ...names } = c.req.valid('json')
    const account = await findAccount(store, c.get('claims'))
    if (!account) throw refuseBearer()

    if (email !== undefined) await confirmPassword(c, account, current_password ?? '')
    const isNew = email !== undefined && email !== account.email
    if (isNew && config.emailChange === 'proof') {
      return answer<UserResponse>(c, { data: await askForProof(c, account, { email, names }), status: 200 })
    }
    const user = await updateProfile(store, account, email === undefined ? names : { ...names, email })
    if (!user) throw new ApiError('account_changed')
    if (isNew) await tellBoth(c, account, email)
    return answer<UserResponse>(c, { data: user, status: 200 })
  },
)

type Names = Partial<Pick<Account, 'firstname' | 'lastname'>>

/** Changes the names alone, and sends a proof to the new email and a notice to the old one. */
async function askForProof(
  c: Context<AppEnv>,
  account: Account,
  { email, names }: { email: string; names: Names },
): Promise<User> {
  const { store } = c.get('services')
  await countMail(c, email)
  const found = await findUserForEmail(store, account, email)
  const user = found && Object.keys(names).length > 0 ? await updateProfile(store, account, names) : found
  if (!user) throw new ApiError('account_changed')
  logEvent('email_change_asked', { request: c.get('requestId'), user: account.id })
  mailVerification(c, account, email)
  mailAfterwards(c, account, () => emailChangeAsked(email))
  return user
}

/** Tells the old email that a new one has replaced it, and asks the new one for a proof. */
async function tellBoth(c: Context<AppEnv>, account: Account, email: string): Promise<void> {
  logEvent('email_changed', { request: c.get('requestId'), user: account.id })
  mailAfterwards(c, account, () => emailChanged(email))
  await mailFirstVerification(c, { ...account, email, emailVerifiedAt: null })
}
