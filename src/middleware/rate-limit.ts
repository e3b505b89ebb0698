/** Limits on tries, counted by the platform: docs/security.md says how exactly. Where it cannot count, calls pass. */
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
 * Makes a middleware that counts a call against the caller's address, where that is known.
 * @throws {ApiError} `too_many_requests`
 */
export const limitByAddress = (name: LimitName) =>
  createMiddleware<AppEnv>(async (c, next) => {
    const address = findCaller(c)
    if (address) await countTry(c, name, address)
    await next()
  })

/**
 * Counts a login against its account twice: from the caller's address, and from all addresses.
 * @param username the name or email as sent; its case does not matter
 * @throws {ApiError} `too_many_requests`
 */
export async function countLogin(c: Context<AppEnv>, username: string): Promise<void> {
  const account = username.toLowerCase()
  const address = findCaller(c)
  if (address) await countTry(c, 'LOGIN_BY_ACCOUNT_AND_ADDRESS', `${account} ${address}`)
  await countTry(c, 'LOGIN_BY_ACCOUNT', account)
}

/**
 * Counts one more try. A limit that is missing or fails lets the call through.
 * @param key counts separately from every other key of the limit
 * @throws {ApiError} `too_many_requests`
 */
export async function countTry(c: Context<AppEnv>, name: LimitName, key: string): Promise<void> {
  if (await hasTry(c, name, key)) return
  throw new ApiError('too_many_requests', {
    headers: { 'Retry-After': PERIOD_SECONDS },
    outcome: name.toLowerCase() as Lowercase<LimitName>,
  })
}

/**
 * Counts one more try, and says whether it was within the limit. A limit that is missing or fails lets it through.
 * @param key counts separately from every other key of the limit
 */
export async function hasTry(c: Context<AppEnv>, name: LimitName, key: string): Promise<boolean> {
  try {
    const counted = await c.get('services').limits[name]?.limit({ key })
    return counted?.success ?? true
  } catch (error) {
    logEvent('rate_limit_failed', { limit: name, cause: describeFailure(error) })
    return true
  }
}
