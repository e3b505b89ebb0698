/** What operators see of a request: a line in the log, a data point, and what becomes of an error nobody expected. */
import type { Context, Next } from 'hono'
import { routePath } from 'hono/route'
import type { AppEnv } from '../context.ts'
import { ApiError } from '../errors.ts'
import { describeFailure, logEvent } from '../log.ts'

const REQUEST_ID = /^[\w\-=]{1,64}$/
const RAY = /^[0-9a-f]{16}-([A-Z]{3})$/

/** Gives a request its id, and sees what becomes of it. */
export async function observe(c: Context<AppEnv>, next: Next): Promise<void> {
  const start = Date.now()
  c.set('requestId', chooseId(c))
  await next()
  record(c, start)
}

/** The caller's own where it is fit for a log. */
function chooseId(c: Context<AppEnv>): string {
  const given = c.req.header('X-Request-Id')
  return given !== undefined && REQUEST_ID.test(given) ? given : crypto.randomUUID()
}

/** Neither bodies nor headers, nor anything that a caller wrote but its request id, is kept. */
function record(c: Context<AppEnv>, start: number): void {
  const { error } = c
  const { status } = c.res
  const metrics = c.get('isolate')?.metrics
  const now = Date.now()
  const seen = {
    request: c.get('requestId'),
    route: nameRoute(c),
    method: c.req.method,
    status,
    // On Workers the clock stands still between I/O: this is the time spent waiting.
    ms: now - start,
    outcome: nameOutcome(error, status),
    colo: findColo(c),
  }
  logEvent('info', 'request', seen, now)
  if (metrics) writeDataPoint(metrics, seen)
  if (error && status >= 500)
    logEvent('error', 'failure', { request: c.get('requestId'), cause: describeFailure(error) })
  if (error && !(error instanceof ApiError)) {
    // Off the response's path: a Sentry that is slow changes nothing for the caller.
    c.executionCtx.waitUntil(reportUnexpected(c, error, seen.route))
  }
}

/** Sentry's functions are loaded for the first error that goes there. */
async function reportUnexpected(c: Context<AppEnv>, error: Error, route: string): Promise<void> {
  const config = c.get('isolate')?.config
  if (config?.sentryDsn === undefined) return
  const { report } = await import('../sentry.ts')
  await report(config, error, { route, request: c.get('requestId') })
}

/** Logs a security event about a user: its id, and nothing that a caller wrote. */
export function logSecurityEvent(c: Context<AppEnv>, event: string, user: string | null): void {
  logEvent('warn', event, { request: c.get('requestId'), user })
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

/** Cloudflare's data center. `request.cf` has it too, but is parsed whole, with all that it says of the connection. */
function findColo({ req }: Context<AppEnv>): string | null {
  const ray = req.header('CF-Ray')
  return ray === undefined ? null : (RAY.exec(ray)?.[1] ?? null)
}

interface Seen {
  route: string
  method: string
  status: number
  ms: number
  outcome: string
}

function writeDataPoint(metrics: AnalyticsEngineDataset, { route, method, status, ms, outcome }: Seen): void {
  try {
    const statusClass = `${Math.floor(status / 100)}xx`
    metrics.writeDataPoint({ indexes: [route], blobs: [route, method, statusClass, outcome], doubles: [ms] })
  } catch (error) {
    logEvent('error', 'metrics_failed', { cause: describeFailure(error) })
  }
}
