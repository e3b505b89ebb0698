/** One JSON line per event. No secret and no text that a caller wrote may ever be a field of it. */

/**
 * Writes an event; `fields` are ids, codes and numbers of our own.
 * @param now Unix time in milliseconds
 */
export function logEvent(
  level: 'error' | 'warn' | 'info',
  event: string,
  fields: Record<string, string | number | null> = {},
  now = Date.now(),
): void {
  // One object copied into another would cost as much as the line itself.
  const head = `{"time":"${new Date(now).toISOString()}","level":"${level}","event":"${event}"`
  const tail = JSON.stringify(fields).slice(1)
  console[level](tail === '}' ? head + tail : `${head},${tail}`)
}

/** The cause of a failure with its stack, for the log alone. */
export function describeFailure(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
}
