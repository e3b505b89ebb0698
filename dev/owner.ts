/** A deployed database as the owner of its tables sees it: `npm run deploy` and `npm run db:role` connect here. */
import pg from 'pg'
import { describeCause } from './neon-proxy.ts'
import { Refusal } from './terminal.ts'

const mayMigrate = `
  SELECT has_database_privilege(current_database(), 'CREATE') AND has_schema_privilege('public', 'CREATE') AS allowed`

/** A connection as the owner; `url` is the one that it was made with. */
export interface Owner {
  client: pg.Client
  url: URL
}

/** Connects with `MIGRATION_DATABASE_URL`, or else `DATABASE_URL`; refuses a role that could not migrate. */
export async function connectAsOwner(): Promise<Owner> {
  const name = process.env.MIGRATION_DATABASE_URL ? 'MIGRATION_DATABASE_URL' : 'DATABASE_URL'
  const url = readUrl(name)
  const client = new pg.Client({ connectionString: toConnectionString(url), connectionTimeoutMillis: 15_000 })
  // A connection lost while idle is reported by the next statement.
  client.on('error', () => {})
  await client.connect().catch((error) => {
    throw new Refusal(`The database of ${name} cannot be reached: ${describeCause(error)}`)
  })
  const { rows } = await client.query<{ allowed: boolean }>(mayMigrate)
  if (rows[0]?.allowed) return { client, url }
  await client.end()
  throw new Refusal(`The role in ${name} may not create tables: put the owner's connection string there`)
}

/** As `pg` is to take it: what `require` means to it today, without its ten lines about what it will mean some day. */
export function toConnectionString(url: URL): string {
  return url.href.replace(/\bsslmode=(prefer|require|verify-ca)\b/, 'sslmode=verify-full')
}

function readUrl(name: string): URL {
  const given = process.env[name]
  if (!given) {
    throw new Refusal(`No database to migrate: MIGRATION_DATABASE_URL is missing. Neon shows it under "Connect":

  export MIGRATION_DATABASE_URL='postgres://owner:password@host/database?sslmode=require'`)
  }
  return parseUrl(given, `${name} must read postgres://owner:password@host/database`)
}

/** Parses a connection string; refuses any other text, in the given words and without repeating it. */
export function parseUrl(text: string, refusal: string): URL {
  const url = URL.parse(text)
  if (url && /^postgres(ql)?:$/.test(url.protocol) && url.hostname) return url
  throw new Refusal(refusal)
}
