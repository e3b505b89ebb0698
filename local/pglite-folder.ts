/** Makes and opens the folder of the embedded database. A folder that does not open is left as it was. */
import {
  accessSync,
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { dataDir } from '@electric-sql/pglite-prepopulatedfs'
import { describeCause, Refusal } from '../ops/terminal.ts'
import { TurnTakingPGlite } from './pglite-turns.ts'

/**
 * Opens the database in a folder, and makes it if there is none.
 * @throws {Refusal} it cannot be opened or made
 */
export async function openFolder(folder: string): Promise<TurnTakingPGlite> {
  const copy = `${folder}.copy`
  const complaints: string[] = []
  try {
    // The last start was killed while it put the folder back.
    if (!existsSync(folder) && existsSync(copy)) renameSync(copy, folder)
    if (isNew(folder)) return await createDatabase(folder)
    copyWhole(folder, copy)
    const db = new TurnTakingPGlite({ dataDir: folder, onStderr: (line) => complaints.push(line) > 0 })
    await db.waitReady
    rmSync(copy, { recursive: true })
    return db
  } catch (error) {
    if (error instanceof Refusal) throw error
    // This undoes what PostgreSQL did to the folder before it gave up.
    if (existsSync(folder) && existsSync(copy)) putBack(copy, folder)
    throw refuse(folder, explain(complaints) ?? describeCause(error))
  }
}

/** Whether there is no database yet. It must look before PGlite does, which fills any folder with a new database. */
function isNew(folder: string): boolean {
  if (!existsSync(folder)) return true
  if (!statSync(folder).isDirectory()) throw refuse(folder, 'it is a file')
  requireAccess(folder)
  if (readdirSync(folder).length === 0 || existsSync(toMark(folder))) return true
  if (!existsSync(join(folder, 'PG_VERSION'))) throw refuse(folder, 'it has no PG_VERSION, which every database has')
  return false
}

function requireAccess(folder: string): void {
  try {
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch {
    throw refuse(folder, 'this user may not write to it')
  }
}

/**
 * Makes an empty database from the files that its package brings, because `initdb` takes seconds of computing. A mark
 * in the folder says that it is not complete, so that a start which is killed half way leaves no half of a database.
 */
async function createDatabase(folder: string): Promise<TurnTakingPGlite> {
  try {
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder)
    writeFileSync(toMark(folder), '')
    console.log('Creating the database, this once…')
    const db = new TurnTakingPGlite({ dataDir: folder, loadDataDir: await dataDir() })
    await db.waitReady
    rmSync(toMark(folder))
    return db
  } catch (error) {
    throw new Refusal(`The database cannot be made in ${folder} (${describeCause(error)}): make room there for it`)
  }
}

function toMark(folder: string): string {
  return join(folder, 'unfinished')
}

/** Copies a folder. The copy gets its name only once it is complete. */
function copyWhole(folder: string, copy: string): void {
  const draft = `${copy}.new`
  for (const path of [copy, draft]) rmSync(path, { recursive: true, force: true })
  cpSync(folder, draft, { recursive: true, preserveTimestamps: true, mode: constants.COPYFILE_FICLONE })
  renameSync(draft, copy)
}

function putBack(copy: string, folder: string): void {
  const failed = `${folder}.failed`
  renameSync(folder, failed)
  renameSync(copy, folder)
  rmSync(failed, { recursive: true })
}

/** Returns the last error that PostgreSQL printed, without its time and process. */
function explain(complaints: string[]): string | undefined {
  const reasons = complaints.flatMap((line) => /(?:FATAL|PANIC|DETAIL): +(.*)/.exec(line)?.[1] ?? [])
  return reasons.at(-1)?.replace(/\.$/, '')
}

function refuse(folder: string, reason: string): Refusal {
  return new Refusal(
    `The database in ${folder} does not open, and was left as it is: ${reason}. To begin anew, move that folder away`,
  )
}
