/** The one way to the store: Drizzle over Neon's HTTP driver, one fetch per statement, no socket to hold. */
import { NeonDbError, neon, neonConfig } from '@neondatabase/serverless'
import { DrizzleQueryError, sql } from 'drizzle-orm'
import { drizzle, type NeonHttpDatabase } from 'drizzle-orm/neon-http'
import * as z from 'zod/mini'
import { StatementRefused, StoreUnavailable } from '../errors.ts'
import type { DatabaseAddress } from '../settings/database.ts'

/** The store of an isolate. */
export interface Store {
  readonly db: NeonHttpDatabase
  /** How long a statement may take, both tries together. */
  readonly timeoutMs: number
}

/** Builds a statement; called once for each try. */
type Statement<Result> = (db: NeonHttpDatabase) => PromiseLike<Result>

const RETRY_DELAY_MS = 50
/** Statuses of a proxy that is busy or starting: another try may be served. */
const PASSING_STATUSES = [429, 502, 503]
const MAX_REASON_LENGTH = 200
const proxyRefusal = z.object({ message: z.string() })

/**
 * Sends a statement, for every client of the driver (1.2.0). The driver has one endpoint for all clients, so each
 * client passes its own among its options. The driver also hides the status of a failure, which decides whether another
 * try may help. Redirects are not followed, because the connection string would go along.
 */
neonConfig.fetchFunction = async (_: string, { endpoint, ...init }: RequestInit & { endpoint: string }) => {
  const response = await fetch(endpoint, { ...init, redirect: 'manual' })
  if (response.status === 200 || response.status === 400) return response
  throw new ProxyError(response.status, await readReason(response))
}

/**
 * Opens the store. It sends nothing before the first statement.
 * @param timeoutMs how long a statement may take, both tries together
 */
export function openStore({ url, endpoint }: DatabaseAddress, timeoutMs: number): Store {
  return { db: drizzle(neon(url, { fetchOptions: { endpoint } })), timeoutMs }
}

/**
 * Runs a statement once.
 * @throws {StoreUnavailable} when the store is not reached in time or cannot serve now; the statement may have run
 * @throws {StatementRefused} when PostgreSQL refuses the statement
 */
export function run<Result>(store: Store, statement: Statement<Result>): Promise<Result> {
  return attempt(store, statement, 1)
}

/**
 * Runs a statement that is safe to run twice: once more, if the store was not reached or its answer was lost.
 * @throws {StoreUnavailable} when the store is not reached in time or cannot serve now; the statement may have run
 * @throws {StatementRefused} when PostgreSQL refuses the statement
 */
export function runRepeatable<Result>(store: Store, statement: Statement<Result>): Promise<Result> {
  return attempt(store, statement, 2)
}

/**
 * Checks that the store answers.
 * @throws {StoreUnavailable | StatementRefused}
 */
export async function ping(store: Store): Promise<void> {
  await runRepeatable(store, (db) => db.execute(sql`SELECT 1`))
}

/**
 * Runs a statement, all tries under one deadline. The driver cannot do that: it takes its options once for each client.
 */
async function attempt<Result>({ db, timeoutMs }: Store, statement: Statement<Result>, tries: number): Promise<Result> {
  const deadline = AbortSignal.timeout(timeoutMs)
  const expired = new Promise<never>((_, reject) => {
    deadline.addEventListener('abort', () => reject(new StoreUnavailable(`no answer within ${timeoutMs} ms`)))
  })
  for (let left = tries; ; ) {
    try {
      return await Promise.race([statement(db), expired])
    } catch (error) {
      if (!(error instanceof DrizzleQueryError)) throw error
      const cause = findCause(error)
      if (--left === 0 || !mayPass(cause)) throw toStoreError(cause)
    }
    // Jitter: statements that failed together must not come back together.
    await new Promise((resolve) => setTimeout(resolve, RETRY_DELAY_MS * (1 + Math.random())))
  }
}

/** The proxy refused a statement itself. */
class ProxyError extends Error {
  readonly status: number

  constructor(status: number, reason: string | null) {
    super(reason ? `status ${status}: ${reason}` : `status ${status}`)
    this.status = status
  }
}

/** Finds the error behind Drizzle's own, whose message holds every parameter and must never be used. */
function findCause({ cause }: DrizzleQueryError): unknown {
  return cause instanceof NeonDbError && cause.sourceError ? cause.sourceError : cause
}

/** Says whether another try may succeed, because the store was busy or the connection was lost. */
function mayPass(cause: unknown): boolean {
  if (cause instanceof ProxyError) return PASSING_STATUSES.includes(cause.status)
  return !(cause instanceof NeonDbError || cause instanceof SyntaxError)
}

function toStoreError(cause: unknown): Error {
  if (cause instanceof NeonDbError) return readRefusal(cause)
  // For an answer that is no JSON the driver (1.2.0) throws a bare SyntaxError, whose message quotes the answer.
  if (cause instanceof SyntaxError) return new StoreUnavailable('the answer is no JSON')
  return new StoreUnavailable(cause instanceof Error ? cause.message : String(cause))
}

/** Reads the message of the proxy, which holds no data; null unless the answer is its JSON. */
async function readReason(response: Response): Promise<string | null> {
  const { data } = proxyRefusal.safeParse(await response.json().catch(() => null))
  return data ? data.message.slice(0, MAX_REASON_LENGTH) : null
}

/**
 * Reads a 400. Without an SQLSTATE it is the proxy's, whose message is kept. PostgreSQL's may hold data and is dropped.
 */
function readRefusal({ code, constraint, message }: NeonDbError): Error {
  if (!code || !SQLSTATE.test(code)) return new StoreUnavailable(`status 400: ${message.slice(0, MAX_REASON_LENGTH)}`)
  const [, meaning] = UNUSABLE.find(([codes]) => codes.test(code)) ?? []
  return meaning ? new StoreUnavailable(`SQLSTATE ${code}: ${meaning}`) : new StatementRefused(code, constraint)
}

const SQLSTATE = /^[0-9A-Z]{5}$/

/** SQLSTATEs (PostgreSQL, appendix A) of a store that can serve no statement, each with advice for the operator. */
const UNUSABLE: readonly (readonly [RegExp, string])[] = [
  [/^(42P01|42P10|42703|42501|42704|42883|3F000)$/, 'the tables do not fit this version: npm run db:migrate'],
  [/^28/, 'the store refuses the user or the password of DATABASE_URL'],
  [/^3D/, 'the database of DATABASE_URL does not exist'],
  [/^25006$/, 'the store takes no writes'],
  [/^(08|0A|40|53|54|55|57|58|XX)/, 'the store cannot serve now'],
]
