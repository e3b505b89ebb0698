/** One JSON line per event. No secret and no text that a caller wrote may ever be a field of it. */

/** Writes an event; `fields` are ids, codes and numbers of our own. */
export function logEvent(
  level: 'error' | 'warn' | 'info',
  event: string,
  fields: Record<string, string | number | null> = {},
): void {
  console[level](JSON.stringify({ level, event, ...fields }))
}
