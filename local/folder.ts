/** Holds the folder of the embedded database: PGlite has no lock, and a second process would corrupt the database. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describeCause, Refusal } from '../ops/terminal.ts'

/** SQLite's own number for a file that another process has locked. */
const SQLITE_BUSY = 5

/** A folder that this process alone may open. */
export interface HeldFolder {
  path: string
}

/**
 * Holds a folder until this process ends, however it ends, because the kernel drops the lock.
 * @param servedAt the URL by which a refusal names this process to another
 * @throws {Refusal} another process holds the folder, or this user may not write to it
 */
export function holdFolder(path: string, servedAt: string): HeldFolder {
  const owner = join(path, 'owner')
  try {
    mkdirSync(path, { recursive: true })
    const lock = new DatabaseSync(join(path, 'lock'))
    lock.exec('BEGIN EXCLUSIVE')
    // This also keeps the lock from being collected as garbage.
    process.once('exit', () => lock.close())
    writeFileSync(owner, `process ${process.pid} (${servedAt})`)
    return { path }
  } catch (error) {
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) {
      const holder = existsSync(owner) ? readFileSync(owner, 'utf8') : 'another process'
      throw new Refusal(`${path} is in use by ${holder}: stop that first`)
    }
    throw new Refusal(
      `${path} cannot hold the database (${describeCause(error)}): it must be a folder that this user may write to`,
    )
  }
}
