/** The one way to the store: Drizzle over Neon's HTTP driver, one fetch per statement, no socket to hold. */
import { NeonDbError, neon, neonConfig } from '@neondatabase/serverless'
import { DrizzleQueryError, sql } from 'drizzle-orm'
import { drizzle, type NeonHttpDatabase } from 'drizzle-orm/neon-http'
import { StatementRefused, StoreUnavailable } from '../errors.ts'

/** The store of an isolate. */
export interface Store {
  readonly db: NeonHttpDatabase
  /** How long a statement may take, both tries together. */
  readonly timeoutMs: number
}

/** Builds a statement; called once for each try. */
type Statement<Result> = (db: NeonHttpDatabase) => PromiseLike<Result>

const LOCAL_HOST = /^(localhost|127\.0\.0\.1)$/
const RETRY_DELAY_MS = 50
/** Statuses of a proxy that is busy or starting: another try may be served. */
const PASSING_STATUSES = [429, 502, 503]
/** SQLSTATE classes of a server that cannot serve now: connection, resources, operator intervention or a timeout. */
const UNAVAILABLE = /^(08|53|57)/

/** The proxy answered, but not for its store. */
class ProxyError extends Error {
  readonly status: number

  constructor(status: number) {
    super(`status ${status}`)
    this.status = status
  }
}

const neonEndpoint = neonConfig.fetchEndpoint

/** A database on this machine is reached through the stand-in for Neon's proxy, at the database's own port. */
neonConfig.fetchEndpoint = (host, port, options) => {
  if (LOCAL_HOST.test(host)) return `http://${host}:${port || 5432}/sql`
  return typeof neonEndpoint === 'function' ? neonEndpoint(host, port, options) : neonEndpoint
}

/**
 * The driver takes any status but 2xx and 400 for a failure, and hides which in its message; whether another try may help
 * depends on it. A redirect is such a status: the connection string must not follow one.
 */
neonConfig.fetchFunction = async (url: string, init: RequestInit) => {
  const response = await fetch(url, { ...init, redirect: 'manual' })
  if (response.status === 200 || response.status === 400) return response
  throw new ProxyError(response.status)
}

/**
 * Opens the store; nothing is sent before the first statement.
 * @param timeoutMs how long a statement may take, both tries together
 */
export function openStore(url: string, timeoutMs: number): Store {
  return { db: drizzle(neon(url)), timeoutMs }
}

/**
 * Runs a statement.
 * @throws {StoreUnavailable} when the store is not reached in time or cannot serve now
 * @throws {StatementRefused} when it refuses the statement
 */
export function run<Result>(store: Store, statement: Statement<Result>): Promise<Result> {
  return attempt(store, statement, 1)
}

/**
 * Runs a statement that is safe to run twice: where the store was not reached, or its answer was lost, it is tried once
 * more.
 * @throws {StoreUnavailable} when the store is not reached in time or cannot serve now
 * @throws {StatementRefused} when it refuses the statement
 */
export function runRepeatable<Result>(store: Store, statement: Statement<Result>): Promise<Result> {
  return attempt(store, statement, 2)
}

/** Asks the store for nothing but an answer. */
export async function ping(store: Store): Promise<void> {
  await runRepeatable(store, (db) => db.execute(sql`SELECT 1`))
}

/** One deadline covers all tries. The driver has none: its options are fixed when the client is made. */
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

/** Drizzle's own message holds every parameter: only what is behind it may be looked at. */
function findCause({ cause }: DrizzleQueryError): unknown {
  return cause instanceof NeonDbError && cause.sourceError ? cause.sourceError : cause
}

/** Whether the store may answer another try: it was busy, or its answer was lost on the way. */
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

/** The proxy's own refusals have no SQLSTATE. */
function readRefusal({ code, constraint }: NeonDbError): Error {
  if (!code) return new StoreUnavailable('status 400')
  return UNAVAILABLE.test(code) ? new StoreUnavailable(`SQLSTATE ${code}`) : new StatementRefused(code, constraint)
}
