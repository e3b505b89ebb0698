import { answer } from '../../answer.ts'
import { createRouter } from '../../context.ts'
import { deleteUser as deleteRow, findAccount } from '../../db/store.ts'
import { ApiError } from '../../errors.ts'
import { confirmPassword, refuseBearer, requireOwner } from '../../middleware/authenticate.ts'
import { logSecurityEvent } from '../../middleware/request-log.ts'
import { validateJson } from '../../middleware/validate.ts'
import { deleteUserRequest } from '../../schemas/requests.ts'
import type { DeleteUserResponse } from '../../schemas/responses.ts'

/** `DELETE /users/:id`: two statements. No token of the user refreshes any more; the name may be taken again. */
export const deleteUser = createRouter().delete(
  '/users/:id',
  validateJson(deleteUserRequest),
  requireOwner,
  async (c) => {
    const { store } = c.get('isolate')
    const account = await findAccount(store, c.get('claims'))
    if (!account) throw refuseBearer()
    await confirmPassword(c, account, c.req.valid('json').password)

    if (!(await deleteRow(store, account))) throw new ApiError('account_changed')
    logSecurityEvent(c, 'user_deleted', account.id)
    return answer<DeleteUserResponse, 200>(c, { message: 'User deleted', status: 200 }, 200)
  },
)
