/** How every setting is read, by the Worker and by the commands alike. */

/** White space, control characters and invisible format characters, as a paste brings them along. */
const EDGES = /^[\s\p{Cc}\p{Cf}]+|[\s\p{Cc}\p{Cf}]+$/gu

/**
 * Reads the settings of an environment: text without white space around it. A setting that is empty then is unset, as is
 * null, which bare workerd gives. Whatever is no text, number or boolean is a binding and left out.
 */
export function readSettings(env: object): Record<string, string> {
  const settings: Record<string, string> = {}
  for (const [name, value] of Object.entries(env)) {
    if (!['string', 'number', 'boolean'].includes(typeof value)) continue
    const text = trim(String(value))
    if (text !== '') settings[name] = text
  }
  return settings
}

/** Drops what a paste brings along around a text. */
export function trim(text: string): string {
  return text.replace(EDGES, '')
}

/** Splits a setting that is a list with commas; entries that are empty are dropped. */
export function splitList(list: string): string[] {
  return list
    .split(',')
    .map(trim)
    .filter((entry) => entry !== '')
}
