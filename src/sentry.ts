/**
 * Reports unexpected errors to Sentry. No part of the request is sent. If Sentry is slow or down, the log says so and
 * no answer changes.
 */
import { Toucan } from 'toucan-js'
import type { Config } from './config.ts'
import { describeFailure, logEvent } from './log.ts'

/** The DSNs that toucan-js (4.1.1) can parse. It prints any other text whole. */
const DSN = /^https?:\/\/\w+(:\w*)?@[\w.-]+(:\d+)?\/(.*\/)?\d+[^/]*$/
const DEADLINE_MS = 5_000
/** Each report holds a connection and memory, and the errors of an outage are all alike. */
const MAX_UNDER_WAY = 10

const reports = { underWay: 0, dropped: 0 }

/** Says whether errors can be reported to a DSN. */
export function isUsableDsn(dsn: string): boolean {
  return DSN.test(dsn)
}

/**
 * Reports an error without delaying the response; does nothing without a usable DSN. Never throws.
 * @param tags what to find the report by: ids and names of our own, never a caller's text
 */
export function report(
  { sentryDsn, version, stage, service }: Config,
  error: Error,
  { context, tags }: { context: Pick<ExecutionContext, 'waitUntil'>; tags: Record<string, string> },
): void {
  if (sentryDsn === undefined || !isUsableDsn(sentryDsn)) return
  if (reports.underWay >= MAX_UNDER_WAY) {
    reports.dropped++
    return
  }
  try {
    const sentry = new Toucan({
      dsn: sentryDsn,
      context,
      release: version,
      environment: stage,
      // The integrations copy data of the request, and causes of the error, which may hold a statement's parameters.
      defaultIntegrations: false,
      maxBreadcrumbs: 0,
      transportOptions: { fetcher: send },
    })
    sentry.setTags({ service, ...tags })
    sentry.captureException(error)
  } catch (failure) {
    logEvent('sentry_failed', { cause: describeFailure(failure) })
  }
}

/**
 * Sends a report, and logs a failure instead of throwing it: toucan-js (4.1.1) hands the promise to `waitUntil`, where
 * a rejection would mark the whole invocation as failed.
 */
async function send(...[url, init]: Parameters<typeof fetch>): Promise<Response> {
  reports.underWay++
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(DEADLINE_MS) })
    if (!response.ok) logEvent('sentry_failed', { cause: `status ${response.status}` })
    return response
  } catch (failure) {
    logEvent('sentry_failed', { cause: describeFailure(failure) })
    return new Response(null, { status: 503 })
  } finally {
    reports.underWay--
    if (reports.dropped > 0) logEvent('sentry_dropped', { reports: reports.dropped })
    reports.dropped = 0
  }
}
