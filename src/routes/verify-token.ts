import { answer } from '../answer.ts'
import { verifyAccessToken } from '../auth/tokens.ts'
import { createRouter, unixTime } from '../context.ts'
import { ApiError } from '../errors.ts'
import { validateJson } from '../middleware/validate.ts'
import { verifyTokenRequest } from '../schemas/requests.ts'
import type { VerifyTokenResponse } from '../schemas/responses.ts'

/** `POST /verify-token`: no statement. */
export const verifyToken = createRouter().post('/verify-token', validateJson(verifyTokenRequest), async (c) => {
  const { access_token } = c.req.valid('json')
  const claims = await verifyAccessToken(c.get('isolate').tokens, access_token, unixTime())
  if (!claims) throw new ApiError('invalid_token')
  return answer<VerifyTokenResponse, 200>(c, { message: 'Token Valid. User Authorized', status: 200 }, 200)
})
