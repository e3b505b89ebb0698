/** Limits on tries, counted by the platform (SECURITY.md says what that means). Without it the service runs unlimited. */
import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import type { LimitName } from '../config.ts'
import type { AppEnv } from '../context.ts'
import { ApiError } from '../errors.ts'
import { describeFailure, logEvent } from '../log.ts'
import { findCaller } from './address.ts'

/** The period of every limit in wrangler.toml. */
const PERIOD_SECONDS = '60'

/**
 * Counts a call against the caller's address, where that is known.
 * @throws {ApiError} `too_many_requests`
 */
export const limitByAddress = (name: LimitName) =>
  createMiddleware<AppEnv>(async (c, next) => {
    const address = findCaller(c)
    if (address) await countTry(c, name, address)
    await next()
  })

/**
 * Counts a login against its account, from this address and from all. Letters count the same in either case.
 * @throws {ApiError} `too_many_requests`
 */
export async function countLogin(c: Context<AppEnv>, username: string): Promise<void> {
  const account = username.toLowerCase()
  const address = findCaller(c)
  if (address) await countTry(c, 'LOGIN_BY_ACCOUNT_AND_ADDRESS', `${account} ${address}`)
  await countTry(c, 'LOGIN_BY_ACCOUNT', account)
}

/**
 * Counts one more try.
 * @throws {ApiError} `too_many_requests`
 */
export async function countTry(c: Context<AppEnv>, name: LimitName, key: string): Promise<void> {
  const limit = c.get('services').limits[name]
  if (!limit || (await isWithin(limit, name, key))) return
  throw new ApiError('too_many_requests', {
    headers: { 'Retry-After': PERIOD_SECONDS },
    outcome: name.toLowerCase() as Lowercase<LimitName>,
  })
}

async function isWithin(limit: RateLimit, name: LimitName, key: string): Promise<boolean> {
  try {
    return (await limit.limit({ key })).success
  } catch (error) {
    logEvent('rate_limit_failed', { limit: name, cause: describeFailure(error) })
    return true
  }
}
