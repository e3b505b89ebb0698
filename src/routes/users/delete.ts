import { createRouter } from '../../context.ts'
import { deleteUserRequest } from '../../contract.ts'
import { deleteUser as deleteRow, findAccount } from '../../db/users.ts'
import { ApiError } from '../../errors.ts'
import { confirmPassword, refuseBearer, requireOwner } from '../../middleware/authenticate.ts'
import { logSecurityEvent } from '../../middleware/observe.ts'
import { readBody, validateJson } from '../../middleware/validate.ts'
import type { DeleteUserResponse } from '../../responses.ts'

/** `DELETE /users/:id`: two statements. No token of the user refreshes any more; the name may be taken again. */
export const deleteUser = createRouter().delete(
  '/users/:id',
  readBody,
  validateJson(deleteUserRequest),
  requireOwner,
  async (c) => {
    const { database } = c.var
    const account = await findAccount(database, c.var.claims)
    if (!account) throw refuseBearer()
    await confirmPassword(c, account, c.req.valid('json').password)

    if (!(await deleteRow(database, account))) throw new ApiError('account_changed')
    logSecurityEvent(c, 'user_deleted', account.id)
    return c.json<DeleteUserResponse, 200>({ message: 'User deleted', status: 200 }, 200)
  },
)
