/** Finds the next record behind a broken one, whose brackets do not tell where it ends. */
import { CLOSE_LIST, COMMA, isBlank, MORE, NEWLINE, OPEN_LIST, OPEN_OBJECT } from './scan.ts'

/** A bracket and the first key: most files begin every record with the same ones. */
const OPENING = /^\{\s*"[^"\\\n]*"/
const ANY_OPENING = '{"'
const MAX_OPENING_BYTES = 256

/** The signs by which the next record is recognised. */
export interface Landmarks {
  /** The broken record begins in this column of its line. */
  column: number
  /** The openings of the broken record and of the one before it. */
  openings: (string | undefined)[]
  inList: boolean
}

/** Returns the opening of the record at a place, if it has a key. */
export function readOpening(text: Buffer, start: number): string | undefined {
  return OPENING.exec(text.toString('latin1', start, start + MAX_OPENING_BYTES))?.[0]
}

/**
 * Finds where the next record begins, or the list ends: on a line that is indented no more than the broken record, or
 * behind a comma where the text reads as at the beginning of a record.
 * @returns `MORE` where there is no such place
 */
export function findNext(text: Buffer, start: number, landmarks: Landmarks): number {
  const line = findLine(text, start, landmarks)
  const before = line === MORE ? text : text.subarray(0, line)
  const openings = landmarks.openings.filter((opening) => opening !== undefined)
  const places = (openings.length > 0 ? openings : [ANY_OPENING]).map((opening) => findListed(before, start, opening))
  const found = [line, ...places].filter((place) => place !== MORE)
  return found.length > 0 ? Math.min(...found) : MORE
}

function findLine(text: Buffer, start: number, { column, inList }: Landmarks): number {
  for (let end = text.indexOf(NEWLINE, start); end >= 0; end = text.indexOf(NEWLINE, end + 1)) {
    let at = end + 1
    while (isBlank(text[at]) && text[at] !== NEWLINE) at++
    const begins = text[at] === OPEN_OBJECT || text[at] === (inList ? CLOSE_LIST : OPEN_LIST)
    if (begins && at - end - 1 <= column) return at
  }
  return MORE
}

function findListed(text: Buffer, start: number, opening: string): number {
  for (let at = text.indexOf(opening, start); at >= 0; at = text.indexOf(opening, at + 1)) {
    let before = at - 1
    while (isBlank(text[before])) before--
    if (text[before] === COMMA) return at
  }
  return MORE
}
