/** The part of a file that is being looked at, and the line that a place in it is on. */
import { NEWLINE } from './scan.ts'

/** A part of a file that moves on as it is read. */
export class FileWindow {
  text: Buffer = Buffer.alloc(0)
  /** Whether the file ends where the text does. */
  isLast = false
  /** How far lines have been counted, which line that is, counted from 1, and where it begins. */
  #counted = 0
  #line = 1
  #lineStart = 0

  /** Adds the next block. */
  append(block: Buffer): void {
    this.text = Buffer.concat([this.text, block])
  }

  /** Tells the line and the column of a place; the next one to be asked for may not lie before it. */
  locate(at: number): { line: number; column: number } {
    for (; this.#counted < at; this.#counted++) {
      if (this.text[this.#counted] !== NEWLINE) continue
      this.#line++
      this.#lineStart = this.#counted + 1
    }
    return { line: this.#line, column: at - this.#lineStart }
  }

  /** Forgets the text before a place. */
  dropUntil(at: number): void {
    this.locate(at)
    this.text = this.text.subarray(at)
    this.#counted -= at
    this.#lineStart -= at
  }
}
