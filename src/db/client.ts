/** The one way to the store: Drizzle over Neon's HTTP, a fetch per statement, no socket to hold. */
import { DrizzleQueryError, sql } from 'drizzle-orm'
import { drizzle, type PgRemoteDatabase } from 'drizzle-orm/pg-proxy'
import { ApiError } from '../errors.ts'
import { describeStatement, findEndpoint, readResult, StatementError, toObjects } from './neon.ts'

/** A client of the store. */
export type Client = PgRemoteDatabase

/** The store; one per isolate. Two clients of it, by what a lost answer means. */
export interface Database {
  /** For statements that are safe to run twice: each is tried once more when the store is not reached. */
  readonly repeatable: Client
  /** For those that are not. */
  readonly once: Client
}

const RETRY_AFTER_SECONDS = '5'
const RETRY_DELAY_MS = 50
/** SQLSTATE classes of a server that cannot serve now: connection, resources, operator intervention or a timeout. */
const UNAVAILABLE = /^(08|53|57)/

/**
 * Makes the clients; nothing is sent before the first statement.
 * @param timeoutMs how long a statement may take, all tries together
 */
export function openDatabase(url: string, timeoutMs: number): Database {
  const endpoint = findEndpoint(url)
  const connect = (tries: number) =>
    drizzle(async (query, params, method) => {
      const { status, body } = await deliver(endpoint, describeStatement(url, query, params), { timeoutMs, tries })
      const result = readResult(status, body)
      return { rows: method === 'execute' ? toObjects(result) : result.rows }
    })
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
    if (cause instanceof StatementError && !UNAVAILABLE.test(cause.sqlState)) throw cause
    throw new ApiError('unavailable', { headers: { 'Retry-After': RETRY_AFTER_SECONDS }, cause: cause?.message })
  }
}

/**
 * A statement whose SQL is written once for each client, with placeholders: writing it again for each call costs more than
 * to send it.
 */
export function prepareOnce<Prepared>(prepare: (client: Client) => Prepared) {
  const known = new WeakMap<Client, Prepared>()
  return (client: Client): Prepared => {
    const prepared = known.get(client) ?? prepare(client)
    known.set(client, prepared)
    return prepared
  }
}

/** Asks the store for nothing but an answer. */
export async function ping(database: Database): Promise<void> {
  await run(database.repeatable.execute(sql`SELECT 1`))
}

/** Sends one statement, again if that may help, and reads the whole answer within its time: half of one is none. */
async function deliver(url: string, request: RequestInit, { timeoutMs, tries }: { timeoutMs: number; tries: number }) {
  const signal = AbortSignal.timeout(timeoutMs)
  for (let left = tries - 1; ; left--) {
    try {
      // A store that answers with a redirect is not the store: the connection string must not follow it.
      const response = await fetch(url, { ...request, signal, redirect: 'manual' })
      const { status } = response
      const body = await response.text()
      if (left === 0 || ![429, 502, 503].includes(status)) return { status, body }
    } catch (error) {
      if (left === 0 || signal.aborted) throw error
    }
    // Jitter: those whose statements failed together must not come back together.
    await new Promise((resolve) => setTimeout(resolve, RETRY_DELAY_MS * (1 + Math.random())))
  }
}
