/** One JSON line per event. No secret and no text that a caller wrote may ever be a field of it. */

/** Every event of the log, with its level. */
export const EVENTS = {
  request: 'info',
  failure: 'error',
  login_failed: 'warn',
  password_refused: 'warn',
  password_changed: 'warn',
  email_changed: 'warn',
  session_ended: 'warn',
  all_sessions_ended: 'warn',
  refresh_token_replayed: 'warn',
  refresh_grace_reused: 'warn',
  user_deleted: 'warn',
  few_password_iterations: 'warn',
  costlier_hash: 'warn',
  unknown_setting: 'warn',
  unknown_address: 'warn',
  rate_limits_off: 'warn',
  sentry_off: 'warn',
  list_broken: 'error',
  rehash_failed: 'error',
  rate_limit_failed: 'error',
  metrics_failed: 'error',
  sentry_failed: 'error',
  sentry_dropped: 'error',
} as const satisfies Record<string, 'info' | 'warn' | 'error'>

/** The name of an event. */
export type EventName = keyof typeof EVENTS

/** Writes an event; `fields` are ids, codes and numbers of our own. */
export function logEvent(event: EventName, fields: Record<string, string | number | null> = {}): void {
  const level = EVENTS[event]
  console[level](JSON.stringify({ time: new Date().toISOString(), level, event, ...fields }))
}

/** Describes the cause of a failure with its stack, for the log alone. */
export function describeFailure(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
}
