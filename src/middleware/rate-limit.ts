/** Limits on tries, counted by the platform (SECURITY.md says what that means). Without it the service runs unlimited. */
import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import type { LimitName } from '../config.ts'
import type { AppEnv } from '../context.ts'
import { ApiError } from '../errors.ts'
import { describeFailure, logEvent } from '../log.ts'

/** The period of every limit in wrangler.toml. */
const PERIOD_SECONDS = '60'

/**
 * Counts a call against the caller's address, where that is known.
 * @throws {ApiError} `too_many_requests`
 */
export const limitByAddress = (name: LimitName) =>
  createMiddleware<AppEnv>(async (c, next) => {
    const address = findAddress(c)
    if (address) await countTry(c, name, address)
    await next()
  })

/**
 * Counts a login against its account, from this address and from all. Letters count the same in either case.
 * @throws {ApiError} `too_many_requests`
 */
export async function countLogin(c: Context<AppEnv>, username: string): Promise<void> {
  const account = username.toLowerCase()
  const address = findAddress(c)
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

/** Finds what callers of one network have in common, in the one header that they cannot write themselves; null for unknown. */
function findAddress(c: Context<AppEnv>): string | null {
  const { addressHeader } = c.get('services').config
  const address = addressHeader ? c.req.header(addressHeader) : undefined
  return address ? toNetwork(address) : null
}

/** Reduces an address to its network. IPv6 counts by /64, since a caller has all of one. */
export function toNetwork(address: string): string {
  if (!address.includes(':')) return address
  // The URL parser knows every way to write an IPv6 address and leaves one.
  const canonical = URL.parse(`http://[${address}]`)?.hostname.slice(1, -1)
  if (!canonical) return address
  const [head = '', tail] = canonical.split('::')
  const groups = head.split(':').filter(Boolean)
  const after = tail?.split(':').filter(Boolean) ?? []
  const zeros = Array(8 - groups.length - after.length).fill('0')
  return `${[...groups, ...zeros, ...after].slice(0, 4).join(':')}::/64`
}
