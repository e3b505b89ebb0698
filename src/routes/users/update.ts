import { createRouter } from '../../context.ts'
import { updateUserRequest } from '../../contract.ts'
import { findAccount, updateProfile } from '../../db/users.ts'
import { ApiError } from '../../errors.ts'
import { confirmPassword, refuseBearer, requireOwner } from '../../middleware/authenticate.ts'
import { logSecurityEvent } from '../../middleware/observe.ts'
import { readBody, validateJson } from '../../middleware/validate.ts'
import type { UserResponse } from '../../responses.ts'

/** `PATCH /users/:id`: two statements. The email takes the password, since it tells who the account belongs to. */
export const updateUser = createRouter().patch(
  '/users/:id',
  readBody,
  validateJson(updateUserRequest),
  requireOwner,
  async (c) => {
    const { database } = c.var
    const { current_password, ...profile } = c.req.valid('json')
    const account = await findAccount(database, c.var.claims)
    if (!account) throw refuseBearer()

    if (profile.email !== undefined) await confirmPassword(c, account, current_password ?? '')
    const user = await updateProfile(database, account, profile)
    if (!user) throw new ApiError('account_changed')
    if (profile.email !== undefined) logSecurityEvent(c, 'email_changed', account.id)
    return c.json<UserResponse, 200>({ data: user, status: 200 }, 200)
  },
)
