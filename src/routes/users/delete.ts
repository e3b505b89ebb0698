import { verifyPassword } from '../../auth/password.ts'
import { createRouter } from '../../context.ts'
import { type DeleteUserResponse, deleteUserRequest } from '../../contract.ts'
import { deleteUser as deleteRow, findAccount } from '../../db/users.ts'
import { ApiError } from '../../errors.ts'
import { logEvent } from '../../log.ts'
import { refuseBearer, requireOwner } from '../../middleware/authenticate.ts'
import { validateJson } from '../../middleware/validate.ts'

/** `DELETE /users/:id`: two statements. No token of the user refreshes any more; the name may be taken again. */
export const deleteUser = createRouter().delete(
  '/users/:id',
  validateJson(deleteUserRequest),
  requireOwner,
  async (c) => {
    const { config, database } = c.env
    const account = await findAccount(database, c.var.claims)
    if (!account) throw refuseBearer()
    const check = await verifyPassword(c.req.valid('json').password, account.passwordHash, config.passwordIterations)
    if (!check.valid) throw new ApiError('forbidden')

    if (!(await deleteRow(database, account))) throw new ApiError('account_changed')
    logEvent('info', 'user_deleted', { user: account.id })
    return c.json<DeleteUserResponse, 200>({ message: 'User deleted', status: 200 }, 200)
  },
)
