/** Finds the caller for the limits: the network of the address in a header that callers cannot write themselves. */
import type { Context } from 'hono'
import type { AppEnv } from '../context.ts'
import { logEvent } from '../log.ts'

/** Stands for all callers whose address cannot be read. Together they have the tries of one caller. */
const UNKNOWN = 'unknown'
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/
/** The address in an element of `Forwarded` (RFC 7239, section 4). */
const FORWARDED_FOR = /(?:^|;)\s*for=([^;]+)/i
/** IPv4 in IPv6: mapped (RFC 4291, section 2.5.5.2) and through NAT64 (RFC 6052, section 2.1). */
const IPV4_PREFIXES = ['0:0:0:0:0:ffff:', '64:ff9b:0:0:0:0:']

const reported = new WeakSet<object>()

/** Finds the caller's network; null where no header is configured, or the call has none. */
export function findCaller(c: Context<AppEnv>): string | null {
  const { config } = c.get('services')
  const header = config.addressHeader ? c.req.header(config.addressHeader) : undefined
  if (!header) return null
  // Each proxy appends the address that it was called from: the last entry is that of the trusted one.
  const network = toNetwork(header.slice(header.lastIndexOf(',') + 1))
  if (network) return network
  if (!reported.has(config)) logEvent('unknown_address', { header: config.addressHeader })
  reported.add(config)
  return UNKNOWN
}

/**
 * Reduces an address to its network, without port, zone and brackets. IPv4 counts whole and IPv6 by its /64, because
 * one caller has all addresses of a /64.
 * @param entry an address, or an element of `Forwarded` (RFC 7239)
 * @returns null for what is no address
 */
export function toNetwork(entry: string): string | null {
  const text = (FORWARDED_FOR.exec(entry)?.[1] ?? entry).trim().replace(/^"(.*)"$/, '$1')
  const [, withPort] = /^([\d.]+):\d+$/.exec(text) ?? []
  if (IPV4.test(withPort ?? text)) return withPort ?? text
  const [, bracketed] = /^\[(.*)\](?::\d+)?$/.exec(text) ?? []
  const address = (bracketed ?? text).replace(/%.*$/, '')
  // The URL parser knows every way to write an IPv6 address and leaves one.
  const canonical = address.includes(':') ? URL.parse(`http://[${address}]`)?.hostname.slice(1, -1) : undefined
  return canonical ? countIpv6(expand(canonical)) : null
}

function countIpv6(groups: string[]): string {
  const prefix = `${groups.slice(0, 6).join(':')}:`
  if (!IPV4_PREFIXES.includes(prefix)) return `${groups.slice(0, 4).join(':')}::/64`
  const bytes = groups.slice(6).flatMap((group) => {
    const number = Number.parseInt(group, 16)
    return [number >> 8, number & 0xff]
  })
  return bytes.join('.')
}

/** Writes all eight groups out. */
function expand(canonical: string): string[] {
  const [head = '', tail] = canonical.split('::')
  const before = head.split(':').filter(Boolean)
  const after = tail?.split(':').filter(Boolean) ?? []
  return [...before, ...Array(8 - before.length - after.length).fill('0'), ...after]
}
