/** Connects to a deployed database as the owner of its tables, for the commands that migrate, deploy and make roles. */
import type pg from 'pg'
import { connect, describeFailure } from './connection.ts'
import { type ConnectionString, readConnectionString } from './connection-string.ts'
import { Refusal } from './terminal.ts'

const mayMigrate = `
  SELECT has_database_privilege(current_database(), 'CREATE')
    AND coalesce(has_schema_privilege(to_regnamespace('public'), 'CREATE'), false) AS allowed`

/** A connection as the owner, and the connection string that it was made with. */
export interface Owner {
  client: pg.Client
  target: ConnectionString
}

/**
 * Connects with `MIGRATION_DATABASE_URL`, or else with `DATABASE_URL`.
 * @throws {Refusal} neither is set, the connection fails, or its role could not migrate
 */
export async function connectAsOwner(): Promise<Owner> {
  const name = process.env.MIGRATION_DATABASE_URL ? 'MIGRATION_DATABASE_URL' : 'DATABASE_URL'
  const target = readConnectionString(name, requireSetting(name))
  const client = await connect(target)
  const { rows } = await client.query<{ allowed: boolean }>(mayMigrate).catch((error) => {
    throw new Refusal(`The database of ${name} has failed: ${describeFailure(error, target)}`)
  })
  if (rows[0]?.allowed) return { client, target }
  await client.end()
  throw new Refusal(
    `The role in ${name} may not create schemas in the database and tables in its schema public: put the owner's connection string there`,
  )
}

function requireSetting(name: string): string {
  const given = process.env[name]
  if (given) return given
  throw new Refusal(`No database to migrate: MIGRATION_DATABASE_URL is missing. Neon shows it under "Connect":

  export MIGRATION_DATABASE_URL='postgres://owner:password@host/database?sslmode=require'`)
}
