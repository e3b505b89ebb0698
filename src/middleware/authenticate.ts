/** Checks bearer access tokens (RFC 6750), and whether the bearer may make the call. Runs no statement. */
import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import { verifyPassword } from '../auth/passwords.ts'
import { verifyAccessToken } from '../auth/tokens.ts'
import { type AppEnv, unixTime } from '../context.ts'
import { ApiError } from '../errors.ts'
import { logEvent } from '../log.ts'
import { countTry } from './rate-limit.ts'

const BEARER = /^Bearer +([\w.~+/-]+=*)$/i

/**
 * Lets only the user in the path through.
 * @throws {ApiError} `invalid_token` without a good access token, `forbidden` with another user's
 */
export const requireOwner = createMiddleware<AppEnv>(async (c, next) => {
  await authenticate(c)
  refuseOthers(c)
  await next()
})

/**
 * Guards the calls that read users, as `USERS_ACCESS` says.
 * @throws {ApiError} `invalid_token` or `forbidden`
 */
export const guardReading = createMiddleware<AppEnv>(async (c, next) => {
  const { usersAccess } = c.get('services').config
  if (usersAccess !== 'public') await authenticate(c)
  if (usersAccess === 'owner') refuseOthers(c)
  await next()
})

/** Makes the refusal of an access token that is not good, or no longer. */
export function refuseBearer(): ApiError {
  return new ApiError('invalid_token', { headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' } })
}

/**
 * Checks the password with which an owner confirms a call. Each try counts against the account.
 * @throws {ApiError} `forbidden` for a wrong password, `too_many_requests` beyond the limit
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
  // Without credentials the challenge names the scheme and no error (RFC 6750, section 3.1).
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
