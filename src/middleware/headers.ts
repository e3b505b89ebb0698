/** The headers that all answers have in common, and what pages of other origins may do (Fetch standard, section 3.3). */
import type { Context } from 'hono'
import { cors } from 'hono/cors'
import { createMiddleware } from 'hono/factory'
import { secureHeaders } from 'hono/secure-headers'
import type { AppEnv } from '../context.ts'
import { prepareServices } from '../services.ts'
import { allowsOrigin } from '../settings/origins.ts'

/** Answers are data, for nobody to render or to frame; a handler may set another policy for a page of its own. */
export const apiHeaders = secureHeaders({
  contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"], sandbox: [] },
  strictTransportSecurity: 'max-age=63072000; includeSubDomains',
  overwrite: false,
  // The rest is for pages, and for browsers of long ago.
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

/** Answers may not be kept, unless a handler says so. */
export const noStore = createMiddleware<AppEnv>(async (c, next) => {
  await next()
  if (!c.res.headers.has('Cache-Control')) c.res.headers.set('Cache-Control', 'no-store')
})

const forPages = cors({
  origin: findAllowedOrigin,
  exposeHeaders: ['X-Request-Id', 'Retry-After', 'WWW-Authenticate', 'Allow', 'ETag'],
})

/** Lets pages of the configured origins read answers, refusals too. Other callers are told only that answers vary. */
export const crossOrigin = createMiddleware<AppEnv>(async (c, next) => {
  if (c.req.header('Origin') !== undefined && c.req.method !== 'OPTIONS') return forPages(c, next)
  c.header('Vary', 'Origin')
  await next()
})

/**
 * Answers `OPTIONS` on a path that exists, preflights among them. Not by hono/cors (4.13.19), which answers every
 * `OPTIONS` before a route is looked for: with 204 where there is none, and never with `Allow`.
 */
export async function answerOptions(c: Context<AppEnv>, allow: string): Promise<Response> {
  const headers = new Headers({ Allow: allow })
  const origin = c.req.header('Origin')
  if (origin !== undefined) {
    const allowed = await findAllowedOrigin(origin, c)
    if (allowed) headers.set('Access-Control-Allow-Origin', allowed)
    headers.set('Access-Control-Allow-Methods', 'GET,POST,PUT,PATCH,DELETE')
    // Any header may be sent: what a page asks for is what it may.
    const asked = c.req.header('Access-Control-Request-Headers')
    headers.set('Access-Control-Allow-Headers', asked || 'Authorization,Content-Type')
    c.header('Vary', 'Access-Control-Request-Headers', { append: true })
    headers.set('Access-Control-Max-Age', '86400')
  }
  return new Response(null, { status: 204, headers })
}

async function findAllowedOrigin(origin: string, c: Context<AppEnv>): Promise<string | null> {
  // While the settings cannot be read every answer is an error that says nothing: any page may know that.
  const services = await prepareServices(c.env).catch(() => null)
  const allowed = services?.config.corsOrigins ?? ['*']
  if (allowed.includes('*')) return '*'
  return allowsOrigin(allowed, origin) ? origin : null
}
