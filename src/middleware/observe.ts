/** What operators see of a request: a line in the log, a data point, and what becomes of an error nobody expected. */
import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import { routePath } from 'hono/route'
import type { AppEnv } from '../context.ts'
import { ApiError } from '../errors.ts'
import { describeFailure, logEvent } from '../log.ts'
import { report } from './sentry.ts'

/** Wraps every request. Neither bodies nor headers, nor anything that a caller wrote but the path's pattern, is kept. */
export const observe = createMiddleware<AppEnv>(async (c, next) => {
  const start = Date.now()
  await next()
  const { error } = c
  const seen = {
    route: nameRoute(c),
    method: c.req.method,
    status: c.res.status,
    // On Workers the clock stands still between I/O: this is the time spent waiting.
    ms: Date.now() - start,
    outcome: nameOutcome(error, c.res.status),
  }
  logEvent('info', 'request', { request: c.var.requestId, ...seen, colo: findColo(c) })
  writeDataPoint(c, seen)
  if (error && c.res.status >= 500)
    logEvent('error', 'failure', { request: c.var.requestId, cause: describeFailure(error) })
  if (error && !(error instanceof ApiError) && c.var.config) {
    // Off the response's path: a Sentry that is slow changes nothing for the caller.
    c.executionCtx.waitUntil(report(c.var.config, error, { route: seen.route, request: c.var.requestId }))
  }
})

/** Logs a security event about a user: its id, and nothing that a caller wrote. */
export function logSecurityEvent(c: Context<AppEnv>, event: string, user: string | null): void {
  logEvent('warn', event, { request: c.var.requestId, user })
}

function nameRoute(c: Context<AppEnv>): string {
  const pattern = routePath(c, -1)
  return pattern === '/*' ? 'none' : pattern
}

function nameOutcome(error: Error | undefined, status: number): string {
  if (error instanceof ApiError) return error.outcome
  if (error) return 'internal_error'
  if (status === 404) return 'not_found'
  return status === 405 ? 'method_not_allowed' : 'ok'
}

function findColo({ req }: Context<AppEnv>): string | null {
  const { cf } = req.raw
  return typeof cf?.colo === 'string' ? cf.colo : null
}

interface Seen {
  route: string
  method: string
  status: number
  ms: number
  outcome: string
}

function writeDataPoint(c: Context<AppEnv>, { route, method, status, ms, outcome }: Seen): void {
  try {
    const statusClass = `${Math.floor(status / 100)}xx`
    c.var.metrics?.writeDataPoint({ indexes: [route], blobs: [route, method, statusClass, outcome], doubles: [ms] })
  } catch (error) {
    logEvent('error', 'metrics_failed', { cause: describeFailure(error) })
  }
}
