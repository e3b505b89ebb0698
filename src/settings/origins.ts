/** Parses the list in `CORS_ORIGINS`, and matches the origin of a page (RFC 6454) with it. */
import { splitList } from './read.ts'

/** As browsers write an origin whose scheme is not http: `capacitor://localhost`, `chrome-extension://<id>`. */
const OTHER_ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^/?#@\s*]+$/
/** One leading label may be a wildcard; it stands for exactly one label. */
const WILDCARD_HOST = /^\*\.[^*]+$/
const LABEL = /^[\w-]+$/

/**
 * Parses the list.
 * @returns the origins as browsers send them, or a fault that gives the place of the first bad entry, counted from 1
 */
export function parseOrigins(list: string): { origins: string[] } | { fault: string } {
  const entries = splitList(list)
  if (entries.includes('*')) {
    return entries.length === 1 ? { origins: ['*'] } : { fault: 'has * beside others: leave one of them out' }
  }
  const origins = entries.map(toOrigin)
  const wrong = origins.indexOf(null)
  if (wrong >= 0) {
    return {
      fault: `has something else than an origin as number ${wrong + 1}: list origins such as https://shop.example, https://*.shop.example or capacitor://localhost, with commas`,
    }
  }
  return { origins: origins.filter((origin) => origin !== null) }
}

/** Says whether a list allows an origin. The list that is `*` alone is not for this function. */
export function allowsOrigin(origins: readonly string[], origin: string): boolean {
  return origins.some((allowed) => allowed === origin || matchesWildcard(allowed, origin))
}

function matchesWildcard(allowed: string, origin: string): boolean {
  const [before = '', after] = allowed.split('*')
  if (after === undefined || !origin.startsWith(before) || !origin.endsWith(after)) return false
  return LABEL.test(origin.slice(before.length, -after.length))
}

/** Writes an entry as browsers send it; null if no browser does, as with a path, a user name or another wildcard. */
function toOrigin(entry: string): string | null {
  if (!/^https?:/i.test(entry)) {
    const text = entry.replace(/\/$/, '')
    return OTHER_ORIGIN.test(text) ? text : null
  }
  const url = URL.parse(entry)
  if (url?.pathname !== '/' || url.search || url.hash || url.username || url.password) return null
  return url.hostname.includes('*') && !WILDCARD_HOST.test(url.hostname) ? null : url.origin
}
