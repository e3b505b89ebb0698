/** The part of a file that is in memory, and the line of each place in it. */
import { NEWLINE } from './scan.ts'

/** The part of a file between its first unfinished record and the last block read. `text` changes with each block. */
export class FileWindow {
  /** Whether the file ends where the text does. */
  isLast = false
  #memory: Buffer = Buffer.alloc(0)
  text: Buffer = this.#memory
  /** The place up to which lines are counted, the line of that place, counted from 1, and the place where it begins. */
  #counted = 0
  #line = 1
  #lineStart = 0

  /** Adds the next block. The memory is used again, because a long file would leave much garbage otherwise. */
  append(block: Buffer): void {
    const rest = this.text
    const length = rest.length + block.length
    if (length > this.#memory.length) this.#memory = Buffer.alloc(length * 2)
    rest.copy(this.#memory)
    block.copy(this.#memory, rest.length)
    this.text = this.#memory.subarray(0, length)
  }

  /** Returns the line and the column of a place. Places must be asked for in their order. */
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
