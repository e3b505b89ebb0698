/** Bearer access tokens (RFC 6750): who is calling, and whether the call is theirs to make. No statement is run here. */
import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import { verifyPassword } from '../auth/passwords.ts'
import { verifyAccessToken } from '../auth/tokens.ts'
import { type AppEnv, unixTime } from '../context.ts'
import { ApiError } from '../errors.ts'
import { logEvent } from '../log.ts'
import { countTry } from './rate-limit.ts'

const BEARER = /^Bearer +([\w.~+/-]+=*)$/i

/** Lets the user through whose id is in the path: 401 without a good access token, 403 with another user's. */
export const requireOwner = createMiddleware<AppEnv>(async (c, next) => {
  await authenticate(c)
  refuseOthers(c)
  await next()
})

/** Guards the calls that read users, as `USERS_ACCESS` says. */
export const guardReading = createMiddleware<AppEnv>(async (c, next) => {
  const { usersAccess } = c.get('services').config
  if (usersAccess !== 'public') await authenticate(c)
  if (usersAccess === 'owner') refuseOthers(c)
  await next()
})

/** The refusal of an access token that is not, or no longer, good. */
export function refuseBearer(): ApiError {
  return new ApiError('invalid_token', { headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' } })
}

/**
 * Has the owner confirm a call with the password; tries count against the account.
 * @throws {ApiError} `forbidden` or `too_many_requests`
 */
export async function confirmPassword(
  c: Context<AppEnv>,
  { id, passwordHash }: { id: string; passwordHash: string },
  password: string,
): Promise<void> {
  await countTry(c, 'OWNER_BY_ACCOUNT', id)
  const check = await verifyPassword(password, passwordHash, c.get('services').costs)
  if (check.valid) return
  logEvent('password_refused', { request: c.get('requestId'), user: id })
  throw new ApiError('forbidden', { outcome: 'password_refused' })
}

async function authenticate(c: Context<AppEnv>): Promise<void> {
  const header = c.req.header('Authorization')
  // Who brings no credentials is told only what kind is wanted (RFC 6750, section 3.1).
  if (header === undefined) throw new ApiError('invalid_token', { headers: { 'WWW-Authenticate': 'Bearer' } })
  const token = BEARER.exec(header)?.[1]
  const claims = token === undefined ? null : await verifyAccessToken(c.get('services').tokens, token, unixTime())
  if (!claims) throw refuseBearer()
  c.set('claims', claims)
}

function refuseOthers(c: Context<AppEnv>): void {
  if (c.get('claims').sub === c.req.param('id')) return
  throw new ApiError('forbidden', { headers: { 'WWW-Authenticate': 'Bearer error="insufficient_scope"' } })
}
