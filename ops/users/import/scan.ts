/** Finds where the records of an export end: bracket by bracket, in its bytes, before any record is parsed. */

const [TAB, RETURN, SPACE, QUOTE, COLON, BACKSLASH] = [9, 13, 32, 34, 58, 92]
export const [NEWLINE, COMMA, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT] = [10, 44, 91, 93, 123] as const
const CLOSE_OBJECT = 125
/** In ASCII a closing bracket is the second character behind its opening one. */
const CLOSING = 2
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf]

/** Returned in place of an end: the text stops before it. */
export const MORE = -1
/** Returned in place of an end: this is not JSON. */
export const BROKEN = -2
/** Returned in place of an end: this is nested more deeply than any database allows. */
export const DEEP = -3

/** MongoDB allows 100 levels in a document, DynamoDB 32 in an item. */
const MAX_DEPTH = 100
/** The number of bytes behind a record that are looked at, to see whether it has really ended. */
const LOOKAHEAD_BYTES = 256

/** What may follow a record on its line: nothing, the next one, or the end of a list. */
const FOLLOWER = /^[ \t\r]*(?:$|[\n,{[\]])/
/** A bracket too many makes a record seem to end early. Then one of its members follows, on its line or the next. */
const MEMBER = /^[ \t\r]*,?[ \t\r]*"(?:[^"\\\n]|\\.)*"\s*:/
const MEMBER_ON_ANY_LINE = /^\s*,?\s*"(?:[^"\\\n]|\\.)*"\s*:/
const ITEMS = /"Items"\s*:\s*$/

/** Passes over blanks, commas, and the byte order marks of files that were joined. */
export function skipSeparators(text: Buffer, start: number): number {
  let at = start
  while (isSeparator(text[at])) at++
  return at
}

function isSeparator(byte = -1): boolean {
  return isBlank(byte) || byte === COMMA || BYTE_ORDER_MARK.includes(byte)
}

/** Whether it is white space of JSON. */
export function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === NEWLINE || byte === TAB || byte === RETURN
}

/** Options of `findEnd`. */
interface Scope {
  /** The brackets that are open already. */
  open?: number[]
  /** Whether to end behind the bracket that opens the list under `Items`. */
  stopsAtItems?: boolean
}

/**
 * Finds the end of an object or a list.
 * @returns the place behind it, or `MORE`, `BROKEN`, `DEEP`
 */
export function findEnd(text: Buffer, start: number, { open = [], stopsAtItems = false }: Scope): number {
  let last = COLON
  for (let at = start; at < text.length; at++) {
    const byte = text[at] ?? 0
    if (isBlank(byte)) continue
    if (byte === QUOTE) {
      const end = findStringEnd(text, at)
      if (end < 0) return end
      at = end - 1
    } else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      if (!mayOpen(last, open.at(-1))) return BROKEN
      if (stopsAtItems && open.length === 1 && byte === OPEN_LIST && isItems(text, at)) return at + 1
      if (open.push(byte) > MAX_DEPTH) return DEEP
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) {
      if (open.pop() !== byte - CLOSING) return BROKEN
      if (open.length === 0) return at + 1
    }
    last = byte
  }
  return MORE
}

function mayOpen(last: number, parent: number | undefined): boolean {
  return last === COLON || last === OPEN_LIST || (last === COMMA && parent === OPEN_LIST)
}

function isItems(text: Buffer, at: number): boolean {
  return ITEMS.test(text.toString('latin1', Math.max(0, at - 64), at))
}

/** JSON allows no line break in a string, so one means that a quotation mark is missing. */
function findStringEnd(text: Buffer, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const byte = text[at]
    if (byte === QUOTE) return at + 1
    if (byte === BACKSLASH) at++
    else if (byte === NEWLINE) return BROKEN
  }
  return MORE
}

/** Finds the end of what is neither an object nor a list: the end of its line, or the next comma of the list. */
export function findScrapEnd(text: Buffer, start: number, inList: boolean): number {
  for (let at = start; at < text.length; at++) {
    const byte = text[at]
    if (byte === NEWLINE || (inList && (byte === COMMA || byte === CLOSE_LIST))) return at
    const end = byte === QUOTE ? findStringEnd(text, at) : at + 1
    if (end === MORE) return MORE
    if (end !== BROKEN) at = end - 1
  }
  return MORE
}

/** Whether enough text follows for `mayEnd` to decide. */
export function hasFollower(text: Buffer, end: number): boolean {
  return text.length - end >= LOOKAHEAD_BYTES
}

/** Whether a record may end where its brackets say. */
export function mayEnd(text: Buffer, start: number, end: number): boolean {
  const isSeparated = text[end] === NEWLINE || text[end] === COMMA
  if (isSeparated && text[skipSeparators(text, end)] !== QUOTE) return true
  const behind = text.toString('latin1', end, end + LOOKAHEAD_BYTES)
  const member = endsWithItsLine(text.subarray(start, end)) ? MEMBER : MEMBER_ON_ANY_LINE
  return FOLLOWER.test(behind) && !member.test(behind)
}

/** Whether a record has one line, or a last line for its last bracket: then no member of it can be on the next line. */
function endsWithItsLine(record: Buffer): boolean {
  let at = record.length - 2
  while (isBlank(record[at]) && record[at] !== NEWLINE) at--
  return record[at] === NEWLINE || !record.includes(NEWLINE)
}
