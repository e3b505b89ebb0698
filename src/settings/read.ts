/** Reads settings, for the Worker and for the commands. */

/** White space, control characters and invisible format characters around a text, which a paste brings along. */
const EDGES = /^[\s\p{Cc}\p{Cf}]+|[\s\p{Cc}\p{Cf}]+$/gu

/**
 * Reads the settings of an environment, without white space around them. Empty text counts as unset, and so does null,
 * which bare workerd gives. Values other than text, numbers and booleans are bindings and left out.
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

/** Removes the invisible characters around a text. */
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
