import { verifyAccessToken } from '../auth/tokens.ts'
import { answer, createRouter, unixTime } from '../context.ts'
import { ApiError } from '../errors.ts'
import { limitBodySize, requireJsonType, requireUtf8 } from '../middleware/body.ts'
import { validateJson } from '../middleware/validate.ts'
import { verifyTokenRequest } from '../schemas/requests.ts'
import type { VerifyTokenResponse } from '../schemas/responses.ts'

/** `POST /verify-token`: no statement. */
export const verifyToken = createRouter().post(
  '/verify-token',
  requireJsonType,
  limitBodySize,
  requireUtf8,
  validateJson(verifyTokenRequest),
  async (c) => {
    const claims = await verifyAccessToken(c.get('services').tokens, c.req.valid('json').access_token, unixTime())
    if (!claims) throw new ApiError('invalid_token')
    return answer<VerifyTokenResponse>(c, { message: 'Token Valid. User Authorized', status: 200 })
  },
)
