/** Shows what is happening now: in one line that changes on a terminal, in a line for each step elsewhere. */
import { clearLine, cursorTo } from 'node:readline'

/** Shows a text on standard error, so that standard output has only the results. */
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
