/** Records which migrations a database has had, in a table that no other application uses. */
import type pg from 'pg'
import { inspectTables } from './tables.ts'
import { Refusal } from './terminal.ts'

/** The table in which Drizzle's migrator keeps the journal. In its default table every application's entries count. */
export const journal = { migrationsSchema: 'acme_user', migrationsTable: 'migrations' }

/** A migration's file. `when` is Unix time in milliseconds, and orders the migrations. */
export interface Migration {
  tag: string
  hash: string
  when: number
  sql: string[]
}

/** An entry of the journal. */
export type Applied = Pick<Migration, 'hash' | 'when'>

/** Makes the same table as the migrator would. */
const create = `
  CREATE SCHEMA IF NOT EXISTS acme_user;
  CREATE TABLE IF NOT EXISTS acme_user.migrations (id serial PRIMARY KEY, hash text NOT NULL, created_at bigint)`

/** Finds the default table, if this role may use it. to_regclass() would fail where the schema is another role's. */
const findShared = `
  SELECT FROM pg_class
  WHERE relnamespace = to_regnamespace('drizzle') AND relname = '__drizzle_migrations'
    AND has_schema_privilege(relnamespace, 'USAGE')
    AND has_table_privilege(oid, 'SELECT') AND has_table_privilege(oid, 'DELETE')`

const moveOver = `
  WITH moved AS (DELETE FROM drizzle.__drizzle_migrations WHERE hash = ANY($1) RETURNING hash, created_at)
  INSERT INTO acme_user.migrations (hash, created_at)
  SELECT hash, created_at FROM moved WHERE hash NOT IN (SELECT hash FROM acme_user.migrations) ORDER BY created_at`

/** Makes the journal if there is none, moves our entries from the default table into it, and returns all entries. */
export async function openJournal(client: pg.Client, migrations: Migration[]): Promise<Applied[]> {
  await client.query(create)
  const shared = await client.query(findShared)
  if (shared.rowCount) await client.query(moveOver, [migrations.map(({ hash }) => hash)])
  const { rows } = await client.query<{ hash: string; when: string }>(
    'SELECT hash, created_at AS when FROM acme_user.migrations',
  )
  return rows.map(({ hash, when }) => ({ hash, when: Number(when) }))
}

/**
 * Enters all migrations into an empty journal if the tables exist already, as after a dump of `public` alone.
 * @returns whether there were tables
 * @throws {Refusal} the tables are another application's
 */
export async function adoptTables(client: pg.Client, migrations: Migration[]): Promise<boolean> {
  const { present, missing } = await inspectTables(client)
  if (present.length === 0) return false
  if (missing.length > 0) {
    throw new Refusal(
      `The database has ${present.join(', ')} of another application, without ${shorten(missing)}: give the service a database of its own`,
    )
  }
  await client.query(
    'INSERT INTO acme_user.migrations (hash, created_at) SELECT * FROM unnest($1::text[], $2::bigint[])',
    [migrations.map(({ hash }) => hash), migrations.map(({ when }) => when)],
  )
  return true
}

function shorten(names: string[]): string {
  return names.length > 3 ? `${names.slice(0, 3).join(', ')}, …` : names.join(', ')
}
