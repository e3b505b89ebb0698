/** The one way to the store: Drizzle over Neon's HTTP driver, a fetch per statement, no socket to hold. */
import { NeonDbError, neon, neonConfig } from '@neondatabase/serverless'
import { DrizzleQueryError, sql } from 'drizzle-orm'
import { drizzle, type NeonHttpDatabase } from 'drizzle-orm/neon-http'
import { ApiError } from '../errors.ts'

/** The store; one per isolate. Two clients of it, by what a lost answer means. */
export interface Database {
  /** For statements that are safe to run twice: each is tried once more when the store is not reached. */
  readonly repeatable: NeonHttpDatabase
  /** For those that are not. */
  readonly once: NeonHttpDatabase
}

/** The store answered with an error. Says its SQLSTATE and constraint only: Postgres' own message may hold data. */
export class StatementError extends Error {
  override readonly name = 'StatementError'
  readonly constraint: string | undefined

  constructor(sqlState: string, constraint: string | undefined) {
    super(constraint ? `SQLSTATE ${sqlState}, constraint ${constraint}` : `SQLSTATE ${sqlState}`)
    this.constraint = constraint
  }
}

/** What every fetch of a client needs beside what the driver gives it. */
interface Delivery {
  timeoutMs: number
  tries: number
}

/** What the driver uses of a response. A whole new one around its text is memory that workerd does not get back. */
type Answer = Pick<Response, 'ok' | 'status' | 'text' | 'json'>

const RETRY_AFTER_SECONDS = '5'
const RETRY_DELAY_MS = 50
/** SQLSTATE classes of a server that cannot serve now: connection, resources, operator intervention or a timeout. */
const UNAVAILABLE = /^(08|53|57)/
const LOCAL_HOST = /^(localhost|127\.0\.0\.1)$/

const neonEndpoint = neonConfig.fetchEndpoint
neonConfig.fetchEndpoint = (host, port, options) => {
  if (LOCAL_HOST.test(host)) return `http://${host}:${port}/sql`
  return typeof neonEndpoint === 'string' ? neonEndpoint : neonEndpoint(host, port, options)
}
neonConfig.fetchFunction = deliver

/**
 * Makes the clients; nothing is sent before the first statement.
 * @param timeoutMs how long a statement may take, all tries together
 */
export function openDatabase(url: string, timeoutMs: number): Database {
  const connect = (tries: number) => drizzle(neon(url, { fetchOptions: { timeoutMs, tries } satisfies Delivery }))
  return { repeatable: connect(2), once: connect(1) }
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

/** Asks the store for nothing but an answer. */
export async function ping(database: Database): Promise<void> {
  await run(database.repeatable.execute(sql`SELECT 1`))
}

/** Sends one statement, again if that may help, and reads the whole answer within its time: half of one is none. */
async function deliver(url: string, { timeoutMs, tries, ...init }: RequestInit & Delivery): Promise<Answer> {
  const signal = AbortSignal.timeout(timeoutMs)
  for (let left = tries - 1; ; left--) {
    try {
      // A store that answers with a redirect is not the store: the connection string must not follow it.
      const response = await fetch(url, { ...init, signal, redirect: 'manual' })
      const { ok, status } = response
      const body = await response.text()
      if (left > 0 && [429, 502, 503].includes(status)) throw new Error(`status ${status}`)
      return { ok, status, text: async () => body, json: async () => JSON.parse(body) }
    } catch (error) {
      if (left === 0 || signal.aborted) throw error
    }
    // Jitter: those whose statements failed together must not come back together.
    await new Promise((resolve) => setTimeout(resolve, RETRY_DELAY_MS * (1 + Math.random())))
  }
}
