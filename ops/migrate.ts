/** `npm run db:migrate`: brings the tables of a deployed database up to date. */
import { aboutTls } from './connection-string.ts'
import { applyMigrations, reportMigrations } from './migrations.ts'
import { connectAsOwner } from './owner.ts'
import { parseCommandLine, runCommand } from './terminal.ts'

const usage = `npm run db:migrate

  Applies the migrations that the database lacks, all of them or none. Running it again, or twice at once, is safe.

  MIGRATION_DATABASE_URL is the connection string of the tables' owner; without it, DATABASE_URL is.

  ${aboutTls}`

await runCommand((stopped) => Promise.race([run(), stopped.then(() => 130)]))

async function run(): Promise<number> {
  parseCommandLine(usage, {})
  const { client, target } = await connectAsOwner()
  reportMigrations(await applyMigrations(client, target).finally(() => client.end()))
  return 0
}
