/**
 * Reports errors that nobody expected to Sentry. Neither the request nor anything that a caller wrote goes there, and a
 * Sentry that is slow or down is a line in the log.
 */
import { Toucan } from 'toucan-js'
import type { Config } from './config.ts'
import { describeFailure, logEvent } from './log.ts'

/** A DSN that toucan-js 4.1.1 can parse. Of any other it would print the whole text. */
const DSN = /^https?:\/\/\w+(:\w*)?@[\w.-]+(:\d+)?\/(.*\/)?\d+[^/]*$/
const DEADLINE_MS = 5_000
/** More at a time would hold connections and memory for errors that are all the same. */
const MAX_UNDER_WAY = 10

const reports = { underWay: 0, dropped: 0 }

/** Whether errors can be reported to that DSN. */
export function isUsableDsn(dsn: string): boolean {
  return DSN.test(dsn)
}

/** Sends an error to where the configuration says, off the response's path; without a usable DSN it does nothing. */
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
      // They copy from the request, and from the causes of an error, which may hold a statement's parameters.
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
 * Sends a report. toucan-js (4.1.1) keeps a failure to itself, and hands it to `waitUntil`, where a rejection would mark
 * the whole invocation as failed: it is logged here, and goes no further.
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
