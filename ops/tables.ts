/** Compares a database with the tables in `src/db/schema.ts`, because a journal only says what was applied once. */
import { is } from 'drizzle-orm'
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core'
import type pg from 'pg'
import * as schema from '../src/db/schema.ts'

const tables = Object.values(schema)
  .filter((value) => is(value, PgTable))
  .map((table) => getTableConfig(table))
  .map(({ name, columns, indexes }) => ({
    name,
    columns: columns.map((column) => column.name),
    indexes: indexes.flatMap(({ config }) => config.name ?? []),
  }))

const findRelations = `
  SELECT c.relname AS relation, coalesce(array_agg(a.attname::text) FILTER (WHERE NOT a.attisdropped), '{}') AS columns
  FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
  WHERE c.relnamespace = to_regnamespace('public') AND c.relname = ANY($1)
  GROUP BY c.relname`

/** Returns the names of our tables that exist, and the names of tables, columns and indexes that are missing. */
export async function inspectTables(client: pg.Client): Promise<{ present: string[]; missing: string[] }> {
  const names = tables.flatMap(({ name, indexes }) => [name, ...indexes])
  const { rows } = await client.query<{ relation: string; columns: string[] }>(findRelations, [names])
  const found = new Map(rows.map(({ relation, columns }) => [relation, columns]))
  const missing = tables.flatMap(({ name, columns, indexes }) => {
    const known = found.get(name)
    if (!known) return [name]
    const lacking = columns.filter((column) => !known.includes(column)).map((column) => `${name}.${column}`)
    return [...lacking, ...indexes.filter((index) => !found.has(index))]
  })
  return { present: tables.map(({ name }) => name).filter((name) => found.has(name)), missing }
}
