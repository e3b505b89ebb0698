import { defineConfig } from 'drizzle-kit'
import pg from 'pg'
import { readConnectionString } from './ops/connection-string.ts'
import { journal } from './ops/journal.ts'
import { isLocalHost } from './ops/local-host.ts'

/** Finds the database of Studio. It must be local, because any web page that the developer has open may send it SQL. */
function findStudioDatabase() {
  const name = process.env.MIGRATION_DATABASE_URL ? 'MIGRATION_DATABASE_URL' : 'DATABASE_URL'
  const url = process.env[name] || 'postgres://postgres@localhost:5488/postgres'
  try {
    const { config, host } = readConnectionString(name, url)
    if (!isLocalHost(host)) throw new Error(`Studio is for a database on this machine: unset ${name}`)
    const { port, user = '', password = '', database = '' } = new pg.Client(config)
    return { host, port, user, password, database, ssl: config.ssl || false }
  } catch (error) {
    // drizzle-kit would add a stack to the one sentence.
    console.error(error instanceof Error ? error.message : error)
    process.exit(1)
  }
}

export default defineConfig({
  dialect: 'postgresql',
  schema: './src/db/schema.ts',
  out: './migrations',
  migrations: { schema: journal.migrationsSchema, table: journal.migrationsTable },
  // Studio is the only command of drizzle-kit that connects to a database here.
  ...(process.argv.includes('studio') && { dbCredentials: findStudioDatabase() }),
})
