/** JSON of which there is no doubt what it says. */
import { isUtf8 } from 'node:buffer'

/** What a text says, or why that cannot be told. */
export type Content = { value: unknown } | { fault: string }

export const NOT_JSON = 'Record is not JSON'
export const NOT_UTF8 = 'Record is not in UTF-8'
const REPEATED_KEY = 'Record has a key twice'

const [QUOTE, COLON, BACKSLASH] = [34, 58, 92]
/** Stands in the place of bytes that are none of UTF-8, and can be text like any other. */
const REPLACEMENT = '\ufffd'

/** Reads a record, which stands between two places of some bytes. */
export function parseBytes(bytes: Buffer, start: number, end: number): Content {
  const text = bytes.toString('utf8', start, end)
  if (text.includes(REPLACEMENT) && !isUtf8(bytes.subarray(start, end))) return { fault: NOT_UTF8 }
  return parseText(text)
}

/** Reads JSON. Where an object has a key twice, nobody knows which of the two values was meant. */
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

/** Of valid JSON: each member of an object has a colon, and no other is outside a string. */
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
