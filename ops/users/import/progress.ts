/** Draws a progress bar. The one of @clack/prompts would end the process at Ctrl-C, in the middle of a batch. */
import { formatCount, formatDuration } from '../text.ts'

const BAR_CHARACTERS = 30
const REDRAW_MS = 100
const CLEAR_LINE = '\r\x1b[K'

/** The progress of an import. Nothing is shown if the output is not a terminal. */
export interface Progress {
  /** Takes the number of bytes of the file that have been read so far. */
  readBytes(bytes: number): void
  readRecord(): void
  /** Shows how many records are done with, at most ten times a second. */
  show(settled: number): void
  clear(): void
}

/** Makes the progress bar for a file of `totalBytes` bytes. */
export function createProgress(totalBytes: number, output = process.stdout): Progress {
  const began = performance.now()
  let [bytes, read, drawn] = [0, 0, 0]

  const draw = (settled: number, now: number) => {
    const seconds = (now - began) / 1000
    const share = (bytes / totalBytes) * (settled / read)
    const done = Math.floor(share * BAR_CHARACTERS)
    const bar = '█'.repeat(done) + '░'.repeat(BAR_CHARACTERS - done)
    const counts = `${formatCount(settled)} records, ${formatCount(Math.round(settled / seconds))}/s`
    const line = `${bar} ${Math.floor(share * 100)}%  ${counts}, ${formatDuration((seconds * (1 - share)) / share)} left`
    output.write(CLEAR_LINE + line.slice(0, output.columns))
    drawn = now
  }

  return {
    readBytes(count) {
      bytes = count
    },
    readRecord() {
      read++
    },
    show(settled) {
      const now = performance.now()
      if (output.isTTY && totalBytes > 0 && settled > 0 && now - drawn > REDRAW_MS) draw(settled, now)
    },
    clear() {
      if (drawn > 0) output.write(CLEAR_LINE)
    },
  }
}
