/** Cuts an export into its records. A broken record loses none of those before and behind it. */
import { NOT_JSON, parseBytes } from './json.ts'
import { findNext, type Landmarks, readOpening } from './next-record.ts'
import {
  BROKEN,
  CLOSE_LIST,
  DEEP,
  findEnd,
  findScrapEnd,
  hasFollower,
  MORE,
  mayEnd,
  OPEN_LIST,
  OPEN_OBJECT,
  skipSeparators,
} from './scan.ts'
import { FileWindow } from './window.ts'

/** A record of the earlier services has a few hundred bytes. */
const MAX_RECORD_BYTES = 1024 * 1024
/** The number of bytes that are kept while the next record is looked for, because it may begin in them. */
const MAX_TAIL_BYTES = 4096

const TOO_DEEP = 'Record is nested too deeply'
const TOO_LONG = 'Record is longer than 1 MiB'
const CUT_OFF = 'Record is cut off'

/** A record, or a page of a scan. The page's `Items` are empty here, because each was a record of its own. */
export type Read = { value: unknown } | { page: unknown }

/** A record that cannot be read, and the line that it begins in, counted from 1. */
export interface Broken {
  fault: string
  text: string
  line: number
}

/** A list that is open. */
interface List {
  /** Of a list under `Items`: the text of its page before it. */
  page?: Buffer
  hasRecords: boolean
}

/** Cuts one file, which is pushed block by block. */
export class Splitter {
  isEmpty = true
  /** Whether the file ended before its last record or list did. */
  isCutOff = false
  /** The bytes from the first unfinished record on. */
  #window = new FileWindow()
  #pieces: (Read | Broken)[] = []
  /** The lists that are open; the file itself is the first. */
  #lists: [List, ...List[]] = [{ hasRecords: false }]
  /** Where the last record begins. Its opening is read before the window drops it. */
  #lastStart: number | undefined
  #lastOpening: string | undefined
  /** Set while the record behind a broken one is looked for. */
  #lost: Landmarks | undefined

  /** Takes the next block, and returns the pieces that are complete. */
  push(block: Buffer): (Read | Broken)[] {
    this.#window.append(block)
    return this.#takeAll()
  }

  /** Returns the last pieces. */
  end(): (Read | Broken)[] {
    this.#window.isLast = true
    const pieces = this.#takeAll()
    this.isCutOff ||= this.#isInList
    return pieces
  }

  get #text(): Buffer {
    return this.#window.text
  }

  get #list(): List {
    return this.#lists.at(-1) ?? this.#lists[0]
  }

  get #isInList(): boolean {
    return this.#lists.length > 1
  }

  /** A file may be a list of records, of pages or of lists. Anything deeper is a record. */
  get #mayHoldLists(): boolean {
    return this.#lists.length < 3 && !this.#list.page
  }

  #takeAll(): (Read | Broken)[] {
    this.#pieces = []
    let at = 0
    for (let next = 0; next !== MORE; next = this.#take(at)) at = next
    this.#readLastOpening()
    this.#window.dropUntil(this.#lost ? Math.max(at + 1, this.#text.length - MAX_TAIL_BYTES) : at)
    return this.#pieces
  }

  /** Takes one record, bracket or scrap, and returns the place behind it, or `MORE`. */
  #take(start: number): number {
    if (this.#lost) return this.#findWay(start, this.#lost)
    const at = skipSeparators(this.#text, start)
    const byte = this.#text[at]
    if (byte === undefined) return at > start ? at : MORE
    this.isEmpty = false
    if (byte === CLOSE_LIST && this.#isInList) return this.#closeList(at)
    if (byte === OPEN_LIST && this.#mayHoldLists && !this.#list.hasRecords) return this.#openList(at + 1)
    return byte === OPEN_OBJECT || byte === OPEN_LIST ? this.#takeRecord(at) : this.#takeScrap(at)
  }

  #takeRecord(at: number): number {
    const end = this.#findRecordEnd(at)
    if (end < 0) return this.#fail(at, end)
    return this.#isPageHead(end) ? this.#openList(end, this.#text.subarray(at, end)) : this.#add(at, end)
  }

  #takeScrap(at: number): number {
    const end = findScrapEnd(this.#text, at, this.#isInList)
    if (end !== MORE) return this.#add(at, end)
    return this.#window.isLast ? this.#add(at, this.#text.length) : this.#fail(at, MORE)
  }

  #openList(end: number, page?: Buffer): number {
    this.#lists.push({ hasRecords: false, ...(page && { page: Buffer.from(page) }) })
    return end
  }

  /** Closes a list. The rest of a page follows behind its list. */
  #closeList(at: number): number {
    const { page } = this.#list
    const end = page ? findEnd(this.#text, at, { open: [OPEN_OBJECT, OPEN_LIST] }) : at + 1
    if (end === MORE && this.#window.isLast) return MORE
    if (end < 0) return this.#fail(at, end)
    this.#lists.pop()
    if (page) this.#addPage(at, Buffer.concat([page, this.#text.subarray(at, end)]))
    return end
  }

  #findRecordEnd(at: number): number {
    const end = findEnd(this.#text, at, { stopsAtItems: this.#mayHoldLists })
    if (end < 0 || this.#isPageHead(end)) return end
    if (!this.#window.isLast && !hasFollower(this.#text, end)) return MORE
    return mayEnd(this.#text, at, end) ? end : BROKEN
  }

  /** `findEnd` stops behind an opening bracket only for a list under `Items`. */
  #isPageHead(end: number): boolean {
    return this.#text[end - 1] === OPEN_LIST
  }

  #addPage(at: number, text: Buffer): void {
    const content = parseBytes(text, 0, text.length)
    if ('value' in content) this.#pieces.push({ page: content.value })
    else this.#addBroken(at, content.fault, text)
  }

  #add(at: number, end: number): number {
    const content = parseBytes(this.#text, at, end)
    // One missing quotation mark can make several records look like one.
    if ('fault' in content && content.fault === NOT_JSON) return this.#giveUp(at, NOT_JSON, end)
    if ('fault' in content) this.#addBroken(at, content.fault, this.#text.subarray(at, end))
    else this.#pieces.push(content)
    if (this.#text[at] === OPEN_OBJECT) {
      this.#list.hasRecords = true
      this.#lastStart = at
    }
    return end
  }

  #addBroken(at: number, fault: string, text: Buffer): void {
    this.#pieces.push({ fault, text: text.toString('latin1'), line: this.#window.locate(at).line })
  }

  #readLastOpening(): string | undefined {
    if (this.#lastStart !== undefined) this.#lastOpening = readOpening(this.#text, this.#lastStart)
    this.#lastStart = undefined
    return this.#lastOpening
  }

  /** Gives up a record without an end, once enough of the file is there to find the next record. */
  #fail(at: number, reason: number): number {
    const { isLast, text } = this.#window
    const length = text.length - at
    const isWaiting = length < MAX_TAIL_BYTES || (reason === MORE && length <= MAX_RECORD_BYTES)
    if (isWaiting && !isLast) return MORE
    if (reason === MORE) return this.#giveUp(at, isLast ? CUT_OFF : TOO_LONG)
    return this.#giveUp(at, reason === DEEP ? TOO_DEEP : NOT_JSON)
  }

  /** Skips a broken record, at most to the end that its brackets show. */
  #giveUp(at: number, fault: string, bracketsEnd?: number): number {
    const { column } = this.#window.locate(at)
    const openings = [readOpening(this.#text, at), this.#readLastOpening()]
    const landmarks = { column, openings, inList: this.#isInList }
    const next =
      bracketsEnd === undefined
        ? findNext(this.#text, at + 1, landmarks)
        : this.#findWithin(at + 1, bracketsEnd, landmarks)
    if (next === MORE) this.#lost = landmarks
    this.isCutOff ||= fault === CUT_OFF && next === MORE
    const end = next === MORE ? this.#text.length : next
    this.#addBroken(at, fault === CUT_OFF && next !== MORE ? NOT_JSON : fault, this.#text.subarray(at, end))
    return next
  }

  #findWithin(start: number, end: number, landmarks: Landmarks): number {
    const next = findNext(this.#text.subarray(0, end), start, landmarks)
    return next === MORE ? end : next
  }

  #findWay(start: number, landmarks: Landmarks): number {
    const next = findNext(this.#text, start, landmarks)
    if (next !== MORE) this.#lost = undefined
    return next
  }
}
