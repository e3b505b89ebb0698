import { answer, createRouter } from '../../context.ts'
import { deleteUser as deleteRow, findAccount } from '../../db/users.ts'
import { ApiError } from '../../errors.ts'
import { logEvent } from '../../log.ts'
import { confirmPassword, refuseBearer, requireOwner } from '../../middleware/authenticate.ts'
import { limitBodySize, requireJsonType, requireUtf8 } from '../../middleware/body.ts'
import { validateJson } from '../../middleware/validate.ts'
import { deleteUserRequest } from '../../schemas/requests.ts'
import type { DeleteUserResponse } from '../../schemas/responses.ts'

/** `DELETE /users/:id`: two statements. No token of the user refreshes any more; the name may be taken again. */
export const deleteUser = createRouter().delete(
  '/users/:id',
  requireJsonType,
  limitBodySize,
  requireUtf8,
  validateJson(deleteUserRequest),
  requireOwner,
  async (c) => {
    const { store } = c.get('services')
    const account = await findAccount(store, c.get('claims'))
    if (!account) throw refuseBearer()
    await confirmPassword(c, account, c.req.valid('json').password)

    if (!(await deleteRow(store, account))) throw new ApiError('account_changed')
    logEvent('user_deleted', { request: c.get('requestId'), user: account.id })
    return answer<DeleteUserResponse>(c, { message: 'User deleted', status: 200 })
  },
)
