/** Keeps the users whom a dry run would have imported so far: in a temporary file, with an index of it in memory. */
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { User } from '../../../src/schemas/responses.ts'
import { describeCause, Refusal } from '../../terminal.ts'
import { KeyMarks, MAX_GROUP } from './key-marks.ts'

/** A record of a user has 200 to 350 bytes, and each user three keys. */
const BYTES_PER_KEY = 100
/** The fields that are kept. The password is not. */
const FIELDS = ['id', 'username', 'email', 'firstname', 'lastname'] satisfies (keyof User)[]

/** Stands in for the rows that an import would have written. */
export class Rehearsal {
  #marks: KeyMarks
  #file = openUnnamed()
  /** Users who were added together are a group; these are the ends of the groups in the file. */
  #ends = [0]

  /** @param fileBytes the size of the export */
  constructor(fileBytes: number) {
    this.#marks = new KeyMarks(fileBytes / BYTES_PER_KEY)
  }

  /** Finds earlier users: all who share an id, a user name or an email address with any of these, and some more. */
  find(users: User[]): User[] {
    const groups = new Set<number>()
    for (const user of users) for (const key of toKeys(user)) this.#marks.collect(key, groups)
    return [...groups].flatMap((group) => this.#read(group))
  }

  /** Adds users. Once all group numbers are used, they join the last group. */
  add(users: User[]): void {
    const group = Math.min(this.#ends.length, MAX_GROUP)
    this.#ends[group] = this.#write(`${JSON.stringify(users, FIELDS)}\n`)
    for (const user of users) for (const key of toKeys(user)) this.#marks.add(key, group)
  }

  /** Frees the file, which has no name. */
  close(): void {
    closeSync(this.#file)
  }

  #read(group: number): User[] {
    const [start = 0, end = 0] = this.#ends.slice(group - 1, group + 1)
    const lines = Buffer.alloc(end - start)
    readSync(this.#file, lines, { position: start })
    return lines
      .toString()
      .split('\n')
      .flatMap((line): User[] => (line === '' ? [] : JSON.parse(line)))
  }

  /** Returns where the file ends now. */
  #write(line: string): number {
    const end = this.#ends.at(-1) ?? 0
    return end + needRoom(() => writeSync(this.#file, line, end))
  }
}

/** The keys as the table's unique constraints compare them. An id that equals a user name only costs one more look. */
function toKeys({ id, username, email }: User): string[] {
  return [id, username.toLowerCase(), email.toLowerCase()]
}

/** Opens a file that only this process can read, and that is gone however the process ends. */
function openUnnamed(): number {
  const path = join(tmpdir(), `acme-user-rehearsal-${crypto.randomUUID()}`)
  const file = needRoom(() => openSync(path, 'wx+', 0o600))
  unlinkSync(path)
  return file
}

function needRoom<Result>(write: () => Result): Result {
  try {
    return write()
  } catch (error) {
    throw new Refusal(
      `A dry run needs room in ${tmpdir()}, or in the folder that TMPDIR names: ${describeCause(error)}`,
    )
  }
}
