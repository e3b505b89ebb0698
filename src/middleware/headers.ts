/** The headers of every answer, and CORS for pages of other origins (Fetch standard, section 3.3). */
import type { Context } from 'hono'
import { cors } from 'hono/cors'
import { createMiddleware } from 'hono/factory'
import { secureHeaders } from 'hono/secure-headers'
import type { AppEnv } from '../context.ts'
import { prepareServices } from '../services.ts'
import { allowsOrigin } from '../settings/origins.ts'

/**
 * Sets the security headers of answers that are data, which no browser should render or frame (OWASP HTTP Headers Cheat
 * Sheet). A handler may set another policy for its own page.
 */
export const apiHeaders = secureHeaders({
  contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"], sandbox: [] },
  strictTransportSecurity: 'max-age=63072000; includeSubDomains',
  overwrite: false,
  // These are for pages, or for old browsers.
  crossOriginResourcePolicy: false,
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xFrameOptions: false,
  xPermittedCrossDomainPolicies: false,
  xXssProtection: false,
  removePoweredBy: false,
})

/** Forbids to keep an answer (RFC 9111, section 5.2.2.5), unless its handler allows it. */
export const noStore = createMiddleware<AppEnv>(async (c, next) => {
  await next()
  if (!c.res.headers.has('Cache-Control')) c.res.headers.set('Cache-Control', 'no-store')
})

const forPages = cors({
  origin: findAllowedOrigin,
  exposeHeaders: ['X-Request-Id', 'Retry-After', 'WWW-Authenticate', 'Allow', 'ETag'],
})

/** Lets pages of the configured origins read answers, refusals included. Without an `Origin` it sends `Vary` only. */
export const crossOrigin = createMiddleware<AppEnv>(async (c, next) => {
  if (c.req.header('Origin') !== undefined && c.req.method !== 'OPTIONS') return forPages(c, next)
  c.header('Vary', 'Origin')
  await next()
})

/**
 * Answers `OPTIONS` on a path that exists, preflights included. hono/cors (4.13.19) cannot do this: it answers every
 * `OPTIONS` before it looks for a route, so that unknown paths get a 204 too, and it never sends `Allow`.
 * @param allow the methods of the path, as `Allow` lists them
 */
export async function answerOptions(c: Context<AppEnv>, allow: string): Promise<Response> {
  const headers = new Headers({ Allow: allow })
  const origin = c.req.header('Origin')
  if (origin !== undefined) {
    const allowed = await findAllowedOrigin(origin, c)
    if (allowed) headers.set('Access-Control-Allow-Origin', allowed)
    headers.set('Access-Control-Allow-Methods', 'GET,POST,PUT,PATCH,DELETE')
    // Pages may send any header, so the headers that a page asks for are allowed.
    const asked = c.req.header('Access-Control-Request-Headers')
    headers.set('Access-Control-Allow-Headers', asked || 'Authorization,Content-Type')
    c.header('Vary', 'Access-Control-Request-Headers', { append: true })
    headers.set('Access-Control-Max-Age', '86400')
  }
  return new Response(null, { status: 204, headers })
}

async function findAllowedOrigin(origin: string, c: Context<AppEnv>): Promise<string | null> {
  // If the settings cannot be read, every answer is a plain 500, which any page may see.
  const services = await prepareServices(c.env).catch(() => null)
  const allowed = services?.config.corsOrigins ?? ['*']
  if (allowed.includes('*')) return '*'
  return allowsOrigin(allowed, origin) ? origin : null
}
