/** The database that `npm run users` works on: the local one, or that of `DATABASE_URL`. */
import type pg from 'pg'
import { connect } from '../connection.ts'
import { readConnectionString } from '../connection-string.ts'
import { describeCause, Refusal } from '../terminal.ts'

const LOCAL_URL = 'postgres://postgres:postgres@localhost:5488/postgres'
const UNDEFINED_TABLE = '42P01'

/** An open connection; `place` names the database and its host for people. */
export interface UsersDatabase {
  client: pg.Client
  place: string
  close(): Promise<void>
}

/** Connects; refuses in one sentence if that fails. Any role that may run the service's statements will do. */
export async function connectToUsers(): Promise<UsersDatabase> {
  const given = process.env.DATABASE_URL
  const target = readConnectionString('DATABASE_URL', given || LOCAL_URL)
  const client = await connect(target, { query_timeout: 60_000 }).catch((error) => {
    if (given) throw error
    throw new Refusal(
      `There is no database at ${target.host}:${target.port}: start it with \`npm run dev\` or \`npm run db\`, or set DATABASE_URL`,
    )
  })
  return {
    client,
    place: `${client.database} at ${client.host}:${client.port}`,
    close: () => client.end(),
  }
}

/** Runs a statement. A refusal gives only the cause, because Drizzle's message repeats the parameters, hashes too. */
export async function run<Result>(statement: PromiseLike<Result>): Promise<Result> {
  try {
    return await statement
  } catch (error) {
    const cause = error instanceof Error && error.cause ? error.cause : error
    if (cause instanceof Error && 'code' in cause && cause.code === UNDEFINED_TABLE) {
      throw new Refusal('The database has no users table yet. Make it first: npm run db:migrate')
    }
    throw new Refusal(`The database has failed: ${describeCause(cause)}`)
  }
}
