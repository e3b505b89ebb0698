/** What is happening now: one line that is written again and again on a terminal, a line for each step elsewhere. */
import { clearLine, cursorTo } from 'node:readline'

/** Says it, on standard error, so that standard output has the results alone. */
export function tell(text: string): void {
  const { stderr } = process
  if (!stderr.isTTY) {
    stderr.write(`${text}\n`)
    return
  }
  cursorTo(stderr, 0)
  stderr.write(text)
  clearLine(stderr, 1)
}
