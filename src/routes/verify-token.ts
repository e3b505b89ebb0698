import { verifyAccessToken } from '../auth/tokens.ts'
import { createRouter, unixTime } from '../context.ts'
import { verifyTokenRequest } from '../contract.ts'
import { ApiError } from '../errors.ts'
import { readBody, validateJson } from '../middleware/validate.ts'
import type { VerifyTokenResponse } from '../responses.ts'

/** `POST /verify-token`: no statement. */
export const verifyToken = createRouter().post(
  '/verify-token',
  readBody,
  validateJson(verifyTokenRequest),
  async (c) => {
    const { access_token } = c.req.valid('json')
    const claims = await verifyAccessToken(c.var.tokens, access_token, unixTime())
    if (!claims) throw new ApiError('invalid_token')
    return c.json<VerifyTokenResponse, 200>({ message: 'Token Valid. User Authorized', status: 200 }, 200)
  },
)
