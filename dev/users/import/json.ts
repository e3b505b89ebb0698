/** JSON of which there is no doubt what it says. */
import { isUtf8 } from 'node:buffer'

/** What a text says, or why that cannot be told. */
export type Content = { value: unknown } | { fault: string }

export const NOT_JSON = 'Record is not JSON'
export const NOT_UTF8 = 'Record is not in UTF-8'
const REPEATED_KEY = 'Record has a key twice'

const STRINGS = /"[^"\\]*(?:\\.[^"\\]*)*"/g

/** Reads the bytes of a record. */
export function parseBytes(bytes: Buffer): Content {
  return isUtf8(bytes) ? parseText(bytes.toString()) : { fault: NOT_UTF8 }
}

/** Reads JSON. Where an object has a key twice, nobody knows which of the two values was meant. */
export function parseText(text: string): Content {
  try {
    const value: unknown = JSON.parse(text)
    const written = text.replace(STRINGS, '').split(':').length - 1
    return countMembers(value) === written ? { value } : { fault: REPEATED_KEY }
  } catch {
    // Text that is nested so deeply that counting runs out of stack ends here too.
    return { fault: NOT_JSON }
  }
}

function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  const values = Object.values(value)
  return values.reduce((count, member) => count + countMembers(member), Array.isArray(value) ? 0 : values.length)
}
