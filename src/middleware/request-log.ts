/** Records a request for operators: a line in the log, a data point, and the cause of an unexpected error. */
import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import { matchedRoutes } from 'hono/route'
import type { AppEnv } from '../context.ts'
import { type Outcome, toApiError } from '../errors.ts'
import { describeFailure, logEvent } from '../log.ts'
import { report } from '../sentry.ts'

/**
 * Logs a request when it is answered, or when its streamed answer has ended. Of a caller's text it keeps the method and
 * the request id: no path, no header, no body.
 */
export const requestLog = createMiddleware<AppEnv>(async (c, next) => {
  const start = Date.now()
  await next()
  const streamed = c.get('streamed')
  // Nobody reads the body of an answer to HEAD, so its stream never ends.
  if (!streamed || c.req.method === 'HEAD') return record(c, start, nameOutcome(c))
  c.executionCtx.waitUntil(streamed.then((outcome) => record(c, start, outcome)))
})

function record(c: Context<AppEnv>, start: number, outcome: Outcome): void {
  const entry = {
    request: c.get('requestId'),
    route: nameRoute(c),
    method: c.req.method,
    status: c.res.status,
    // On Workers the clock stands still while code computes, so this is the time spent waiting.
    ms: Date.now() - start,
    outcome,
    colo: findColo(c),
  }
  logEvent('request', entry)
  writeDataPoint(c, entry)
  if (c.error) logFailure(c, c.error, entry.route)
}

function nameRoute(c: Context<AppEnv>): string {
  // Middleware for every path may be registered behind a handler too.
  return matchedRoutes(c).findLast(({ path }) => path !== '/*')?.path ?? 'none'
}

function nameOutcome({ error, res: { status } }: Context<AppEnv>): Outcome {
  if (error) return toApiError(error).outcome
  if (status === 404) return 'not_found'
  return status === 405 ? 'method_not_allowed' : 'ok'
}

/** Names Cloudflare's data center; null elsewhere. */
function findColo({ req }: Context<AppEnv>): string | null {
  const { colo } = req.raw.cf ?? {}
  return typeof colo === 'string' ? colo : null
}

function writeDataPoint(
  c: Context<AppEnv>,
  {
    route,
    method,
    status,
    ms,
    outcome,
  }: { route: string; method: string; status: number; ms: number; outcome: string },
): void {
  try {
    const statusClass = `${Math.floor(status / 100)}xx`
    c.get('services')?.metrics?.writeDataPoint({
      indexes: [route],
      blobs: [route, method, statusClass, outcome],
      doubles: [ms],
    })
  } catch (error) {
    logEvent('metrics_failed', { cause: describeFailure(error) })
  }
}

function logFailure(c: Context<AppEnv>, error: Error, route: string): void {
  const { status, code } = toApiError(error)
  if (status < 500) return
  const request = c.get('requestId')
  logEvent('failure', { request, cause: describeFailure(error) })
  const config = c.get('services')?.config
  if (code === 'internal_error' && config) report(config, error, { context: c.executionCtx, tags: { route, request } })
}
