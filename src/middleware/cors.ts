/** Cross-origin access for the shop's pages (Fetch standard). Never with credentials: tokens travel in headers and bodies. */
import { cors } from 'hono/cors'
import { createMiddleware } from 'hono/factory'
import type { AppEnv } from '../context.ts'

const DAY_SECONDS = 86_400

const setHeaders = cors({
  origin: (origin, c) => allowOrigin(c.var.config.corsOrigins, origin),
  allowMethods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
  allowHeaders: ['Authorization', 'Content-Type'],
  exposeHeaders: ['X-Request-Id', 'Retry-After', 'WWW-Authenticate'],
  maxAge: DAY_SECONDS,
})

/** Sets the headers on every response; whether a preflight's path exists is left to what comes after. */
export const allowCrossOrigin = createMiddleware<AppEnv>(async (c, next) => {
  await setHeaders(c, next)
  if (c.req.method === 'OPTIONS') await next()
})

function allowOrigin(allowed: readonly string[], origin: string): string | null {
  if (allowed.includes('*')) return '*'
  return allowed.includes(origin) ? origin : null
}
