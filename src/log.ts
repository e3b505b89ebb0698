/**
 * Writes the log, one JSON line for each event. No secret may ever be a field, and of a caller's text only the method
 * and the request id.
 */

/** Every event of the log, with its level. */
export const EVENTS = {
  request: 'info',
  failure: 'error',
  login_failed: 'warn',
  password_refused: 'warn',
  password_changed: 'warn',
  email_change_asked: 'warn',
  email_changed: 'warn',
  session_ended: 'warn',
  all_sessions_ended: 'warn',
  refresh_token_replayed: 'warn',
  refresh_grace_reused: 'warn',
  password_reset_asked: 'warn',
  password_reset: 'warn',
  email_verified: 'warn',
  user_deleted: 'warn',
  few_password_iterations: 'warn',
  costlier_hash: 'warn',
  unknown_setting: 'warn',
  unknown_address: 'warn',
  rate_limits_off: 'warn',
  sentry_off: 'warn',
  mail_off: 'info',
  list_broken: 'error',
  rehash_failed: 'error',
  pwned_check_failed: 'error',
  rate_limit_failed: 'error',
  metrics_failed: 'error',
  sentry_failed: 'error',
  sentry_dropped: 'error',
  mail_failed: 'error',
} as const satisfies Record<string, 'info' | 'warn' | 'error'>

/** The name of an event. */
export type EventName = keyof typeof EVENTS

/**
 * Writes an event as one line of JSON, with the time in UTC (ISO 8601) and the event's level.
 * @param fields ids, codes, numbers and causes; never a secret
 */
export function logEvent(event: EventName, fields: Record<string, string | number | null> = {}): void {
  const level = EVENTS[event]
  console[level](JSON.stringify({ time: new Date().toISOString(), level, event, ...fields }))
}

/**
 * Describes a failure for the log; callers must never see it.
 * @returns the stack of the error's cause, or of the error where it has no cause
 */
export function describeFailure(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
}
