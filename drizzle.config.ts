import { defineConfig } from 'drizzle-kit'
import pg from 'pg'
import { isLocalHost } from './dev/local-host.ts'

const url =
  process.env.MIGRATION_DATABASE_URL || process.env.DATABASE_URL || 'postgres://postgres@localhost:5488/postgres'

// While Studio runs, every web page that the developer has open may send it SQL.
if (process.argv.includes('studio') && !isLocalHost(new pg.Client(url).host)) {
  console.error('Studio is for a database on this machine: unset MIGRATION_DATABASE_URL and DATABASE_URL')
  process.exit(1)
}

export default defineConfig({
  dialect: 'postgresql',
  schema: './src/db/schema.ts',
  out: './migrations',
  dbCredentials: { url },
})
