/** Reads JSON strictly: UTF-8 only, and no key twice. */
import { isUtf8 } from 'node:buffer'

/** The value of a text, or why it has none. */
export type Content = { value: unknown } | { fault: string }

export const NOT_JSON = 'Record is not JSON'
export const NOT_UTF8 = 'Record is not in UTF-8'
const REPEATED_KEY = 'Record has a key twice'

const [QUOTE, COLON, BACKSLASH] = [34, 58, 92]
/** Decoding puts this in the place of bytes that are not UTF-8. It may also stand in the text itself. */
const REPLACEMENT = '\ufffd'

/** Reads the record between two places of a buffer. */
export function parseBytes(bytes: Buffer, start: number, end: number): Content {
  const text = bytes.toString('utf8', start, end)
  if (text.includes(REPLACEMENT) && !isUtf8(bytes.subarray(start, end))) return { fault: NOT_UTF8 }
  return parseText(text)
}

/** Reads JSON. Refuses a key that an object has twice, since nobody knows which value was meant. */
export function parseText(text: string): Content {
  try {
    const value: unknown = JSON.parse(text)
    return countMembers(value) === countColons(text) ? { value } : { fault: REPEATED_KEY }
  } catch {
    // Text that is nested so deeply that counting runs out of stack ends here too.
    return { fault: NOT_JSON }
  }
}

function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  const values = Object.values(value)
  let count = Array.isArray(value) ? 0 : values.length
  for (const member of values) count += countMembers(member)
  return count
}

/** In valid JSON each member of an object has a colon, and all other colons are in strings. */
function countColons(text: string): number {
  let [count, isInString] = [0, false]
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) isInString = !isInString
    else if (code === BACKSLASH) at++
    else if (code === COLON && !isInString) count++
  }
  return count
}
