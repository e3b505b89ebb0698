import { verifyPassword } from '../../auth/password.ts'
import { createRouter } from '../../context.ts'
import { type UserResponse, updateUserRequest } from '../../contract.ts'
import { findAccount, updateProfile } from '../../db/users.ts'
import { ApiError } from '../../errors.ts'
import { refuseBearer, requireOwner } from '../../middleware/authenticate.ts'
import { validateJson } from '../../middleware/validate.ts'

/** `PATCH /users/:id`: two statements. The email takes the password, since it tells who the account belongs to. */
export const updateUser = createRouter().patch(
  '/users/:id',
  validateJson(updateUserRequest),
  requireOwner,
  async (c) => {
    const { config, database } = c.env
    const { current_password, ...profile } = c.req.valid('json')
    const account = await findAccount(database, c.var.claims)
    if (!account) throw refuseBearer()

    if (profile.email !== undefined) {
      const check = await verifyPassword(current_password ?? '', account.passwordHash, config.passwordIterations)
      if (!check.valid) throw new ApiError('forbidden')
    }
    const user = await updateProfile(database, account, profile)
    if (!user) throw new ApiError('account_changed')
    return c.json<UserResponse, 200>({ data: user, status: 200 }, 200)
  },
)
