/** Brings the tables of a database up to date, for `db:migrate` and `deploy`, and in development and tests. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DrizzleQueryError } from 'drizzle-orm'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import type pg from 'pg'
import { z } from 'zod'
import { describeFailure } from './connection.ts'
import type { ConnectionString } from './connection-string.ts'
import { type Applied, adoptTables, journal, type Migration, openJournal } from './journal.ts'
import { inspectTables } from './tables.ts'
import { describeCause, Refusal } from './terminal.ts'

const migrationsFolder = join(import.meta.dirname, '../migrations')

/** Short, because every request waits behind an ALTER TABLE that waits for its lock. */
const LOCK_TIMEOUT = '5s'

/** Names the lock that only one migration at a time holds. Any number will do that no other application uses. */
const LOCK = 7_202_611_271

const filesSchema = z.object({ entries: z.array(z.object({ tag: z.string() })) })

/**
 * Applies the migrations that a database lacks, all of them or none.
 * @returns their names
 * @throws {Refusal} one of them failed, or the tables are not what these migrations make
 */
export async function applyMigrations(client: pg.Client, target: ConnectionString): Promise<string[]> {
  const migrations = readMigrations()
  try {
    const pending = await findPending(client, migrations)
    // The migrator's own BEGIN does nothing within our transaction, and its COMMIT ends ours.
    await migrate(drizzle(client), { migrationsFolder, ...journal })
    await requireTables(client)
    return pending.map(({ tag }) => tag)
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {
      // The connection is lost, and with it the transaction.
    })
    throw error instanceof Refusal ? error : describeDefeat(error, { migrations, target })
  }
}

/** Prints the names of the migrations that were applied. */
export function reportMigrations(names: string[]): void {
  console.log(`Migrated: ${names.join(', ') || 'nothing to do'}`)
}

function readMigrations(): Migration[] {
  try {
    const files = readMigrationFiles({ migrationsFolder })
    const { entries } = filesSchema.parse(
      JSON.parse(readFileSync(join(migrationsFolder, 'meta/_journal.json'), 'utf8')),
    )
    return files.map(({ hash, sql, folderMillis: when }, index) => ({
      tag: entries[index]?.tag ?? '',
      hash,
      sql,
      when,
    }))
  } catch (error) {
    throw new Refusal(`The folder migrations is not complete (${describeCause(error)}): check it out again`)
  }
}

/** Opens a transaction, takes the lock so that nobody else changes the journal, and lists the migrations not in it. */
async function findPending(client: pg.Client, migrations: Migration[]): Promise<Migration[]> {
  await client.query('BEGIN ISOLATION LEVEL READ COMMITTED')
  // The names in the files have no schema, and a role or a connection string may have another search_path.
  await client.query(`SET LOCAL search_path = public; SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'`)
  // The lock is not the session's, because a pooler may give each transaction another session.
  await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK])
  const applied = await openJournal(client, migrations)
  if (applied.length === 0 && (await adoptTables(client, migrations))) return []
  const pending = migrations.filter(({ hash }) => !applied.some((entry) => entry.hash === hash))
  requireOrder(pending, applied)
  return pending
}

/** Refuses migrations that the migrator would skip, because they are not later than the last one that was applied. */
function requireOrder(pending: Migration[], applied: Applied[]): void {
  const last = Math.max(...applied.map(({ when }) => when))
  const late = pending.find(({ when }) => when <= last)
  if (!late) return
  if (applied.some(({ when }) => when === late.when)) {
    throw new Refusal(
      `The migration ${late.tag} has been changed since it was applied here: undo the change, and add a new migration`,
    )
  }
  throw new Refusal(`The migration ${late.tag} is older than the last one that was applied here: generate it anew`)
}

async function requireTables(client: pg.Client): Promise<void> {
  const { missing } = await inspectTables(client)
  if (missing.length === 0) return
  throw new Refusal(
    `Every migration is applied, but the database lacks ${missing.join(', ')}: restore what was dropped, or make the missing migration with npm run db:generate`,
  )
}

function describeDefeat(
  error: unknown,
  { migrations, target }: { migrations: Migration[]; target: ConnectionString },
): Refusal {
  const [query, cause] = error instanceof DrizzleQueryError ? [error.query, error.cause] : [undefined, error]
  const failed = migrations.find(({ sql }) => query !== undefined && sql.includes(query))
  const what = failed ? `The migration ${failed.tag}` : 'Migrating'
  return new Refusal(`${what} has failed, and the database is as it was: ${describeFailure(cause, target)}`)
}
