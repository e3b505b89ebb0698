/** The part of a file that is being looked at, and the line that a place in it is on. */
import { NEWLINE } from './scan.ts'

/** A part of a file that moves on as it is read. Its text is good until the next block is added. */
export class FileWindow {
  /** Whether the file ends where the text does. */
  isLast = false
  #memory: Buffer = Buffer.alloc(0)
  text: Buffer = this.#memory
  /** How far lines have been counted, which line that is, counted from 1, and where it begins. */
  #counted = 0
  #line = 1
  #lineStart = 0

  /** Adds the next block. The memory is used again, since a long file would leave much of it to collect. */
  append(block: Buffer): void {
    const rest = this.text
    const length = rest.length + block.length
    if (length > this.#memory.length) this.#memory = Buffer.alloc(length * 2)
    rest.copy(this.#memory)
    block.copy(this.#memory, rest.length)
    this.text = this.#memory.subarray(0, length)
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
