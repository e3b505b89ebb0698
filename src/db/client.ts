/** The one way to the store: Drizzle over Neon's HTTP driver, a fetch per statement, no socket to hold. */
import { NeonDbError, neon, neonConfig } from '@neondatabase/serverless'
import { DrizzleQueryError } from 'drizzle-orm'
import { drizzle, type NeonHttpDatabase } from 'drizzle-orm/neon-http'
import { ApiError } from '../errors.ts'

/** The store; one per isolate. */
export type Database = NeonHttpDatabase

/** The store answered with an error. Says its SQLSTATE and constraint only: Postgres' own message may hold data. */
export class StatementError extends Error {
  override readonly name = 'StatementError'
  readonly sqlState: string
  readonly constraint: string | undefined

  constructor(sqlState: string, constraint: string | undefined) {
    super(constraint ? `SQLSTATE ${sqlState}, constraint ${constraint}` : `SQLSTATE ${sqlState}`)
    this.sqlState = sqlState
    this.constraint = constraint
  }
}

const RETRY_AFTER_SECONDS = '5'
/** SQLSTATE classes of a server that cannot serve now: connection, resources, operator intervention or a timeout. */
const UNAVAILABLE = /^(08|53|57)/
const LOCAL_HOST = /^(localhost|127\.0\.0\.1)$/

const neonEndpoint = neonConfig.fetchEndpoint
neonConfig.fetchEndpoint = (host, port, options) => {
  if (LOCAL_HOST.test(host)) return `http://${host}:${port}/sql`
  return typeof neonEndpoint === 'string' ? neonEndpoint : neonEndpoint(host, port, options)
}

/** Makes the client; nothing is sent before the first statement. */
export function openDatabase(url: string): Database {
  // A store that answers with a redirect is not the store: the connection string must not follow it.
  return drizzle(neon(url, { fetchOptions: { redirect: 'manual' } }))
}

/**
 * Runs a statement.
 * @throws {ApiError} `unavailable` when the store cannot be reached or cannot serve now
 * @throws {StatementError} when it refuses the statement
 */
export async function run<Result>(statement: PromiseLike<Result>): Promise<Result> {
  try {
    return await statement
  } catch (error) {
    if (!(error instanceof DrizzleQueryError)) throw error
    // Drizzle's own message holds every parameter: only its cause may be looked at.
    const { cause } = error
    const sqlState = cause instanceof NeonDbError ? cause.code : undefined
    if (cause instanceof NeonDbError && sqlState && !UNAVAILABLE.test(sqlState)) {
      throw new StatementError(sqlState, cause.constraint)
    }
    throw new ApiError('unavailable', {
      headers: { 'Retry-After': RETRY_AFTER_SECONDS },
      cause: sqlState ? `SQLSTATE ${sqlState}` : cause?.message,
    })
  }
}
