import { answer, createRouter } from '../../context.ts'
import { findAccount, updateProfile } from '../../db/users.ts'
import { ApiError } from '../../errors.ts'
import { logEvent } from '../../log.ts'
import { confirmPassword, refuseBearer, requireOwner } from '../../middleware/authenticate.ts'
import { limitBodySize, requireJsonType, requireUtf8 } from '../../middleware/body.ts'
import { validateJson } from '../../middleware/validate.ts'
import { updateUserRequest } from '../../schemas/requests.ts'
import type { UserResponse } from '../../schemas/responses.ts'

/** `PATCH /users/:id`: two statements. A new email needs the password, because people log in with it. */
export const updateUser = createRouter().patch(
  '/users/:id',
  requireJsonType,
  limitBodySize,
  requireUtf8,
  validateJson(updateUserRequest),
  requireOwner,
  async (c) => {
    const { store } = c.get('services')
    const { current_password, ...profile } = c.req.valid('json')
    const account = await findAccount(store, c.get('claims'))
    if (!account) throw refuseBearer()

    if (profile.email !== undefined) await confirmPassword(c, account, current_password ?? '')
    const user = await updateProfile(store, account, profile)
    if (!user) throw new ApiError('account_changed')
    if (profile.email !== undefined) logEvent('email_changed', { request: c.get('requestId'), user: account.id })
    return answer<UserResponse>(c, { data: user, status: 200 })
  },
)
