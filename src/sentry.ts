/**
 * Sentry's event for an error that nobody expected. Of Sentry's packages only the functions that know its format: a whole
 * client would be 18 KiB more, for every Worker. Neither bodies nor headers, nor anything that a caller wrote, goes there.
 */
import {
  createEventEnvelope,
  createStackParser,
  dsnFromString,
  exceptionFromError,
  getEnvelopeEndpointWithUrlEncodedAuth,
  serializeEnvelope,
} from '@sentry/core'
import { nodeStackLineParser } from '@sentry/core/server'
import type { Config } from './config.ts'
import { describeFailure, logEvent } from './log.ts'

const parseStack = createStackParser(nodeStackLineParser())

/** Sends an error to where the configuration says; a Sentry that is slow or down is a line in the log. */
export async function report(config: Config, error: Error, tags: Record<string, string>): Promise<void> {
  const dsn = config.sentryDsn === undefined ? undefined : dsnFromString(config.sentryDsn)
  if (!dsn) return
  const event = {
    event_id: crypto.randomUUID().replaceAll('-', ''),
    timestamp: Date.now() / 1000,
    platform: 'javascript',
    level: 'error' as const,
    release: config.version,
    environment: config.stage,
    tags: { service: config.service, ...tags },
    exception: { values: [exceptionFromError(parseStack, error)] },
  }
  const body = serializeEnvelope(createEventEnvelope(event, dsn))
  try {
    const { ok, status } = await fetch(getEnvelopeEndpointWithUrlEncodedAuth(dsn), { method: 'POST', body })
    if (!ok) throw new Error(`status ${status}`)
  } catch (failure) {
    logEvent('error', 'sentry_failed', { cause: describeFailure(failure) })
  }
}
