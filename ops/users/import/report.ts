/** Writes the file that lists each record that was left out, with the reason. It names people by their ids alone. */
import { closeSync, existsSync, fstatSync, openSync, realpathSync, rmSync, writeSync } from 'node:fs'
import { describeCause, Refusal } from '../../terminal.ts'

/** An open report. */
export interface Report {
  add(line: string): void
  /** Closes the file, and removes it if it is empty. A device like /dev/null stays. */
  close(): void
}

/** Begins a report, in place of an earlier one. */
export function openReport(path: string, source: string): Report {
  if (existsSync(path) && existsSync(source) && realpathSync(path) === realpathSync(source)) {
    throw new Refusal('The report would overwrite the file that is to be imported: choose another with --report')
  }
  const file = open(path)
  let empty = true
  return {
    add(line) {
      empty = false
      writeSync(file, `${line}\n`)
    },
    close() {
      const isFile = fstatSync(file).isFile()
      closeSync(file)
      if (empty && isFile) rmSync(path)
    },
  }
}

function open(path: string): number {
  try {
    return openSync(path, 'w', 0o600)
  } catch (error) {
    throw new Refusal(`The report cannot be written: choose another place with --report. ${describeCause(error)}`)
  }
}
