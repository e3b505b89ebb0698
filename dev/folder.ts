/** The folder of the embedded database, held by one process at a time: PGlite has no lock, and a second one corrupts it. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Refusal } from './terminal.ts'

/** A folder that this process alone may open. */
export interface HeldFolder {
  path: string
}

/** Holds a folder until this process ends, however it ends: the kernel drops the lock. Refuses one that another holds. */
export function holdFolder(path: string, servedAt: string): HeldFolder {
  mkdirSync(path, { recursive: true })
  const owner = join(path, 'owner')
  const lock = new DatabaseSync(join(path, 'lock'))
  try {
    lock.exec('BEGIN EXCLUSIVE')
  } catch {
    const holder = existsSync(owner) ? readFileSync(owner, 'utf8') : 'another process'
    throw new Refusal(`${path} is in use by ${holder}: stop that first`)
  }
  // Also keeps the lock from being collected as garbage.
  process.once('exit', () => lock.close())
  writeFileSync(owner, `process ${process.pid} (${servedAt})`)
  return { path }
}
