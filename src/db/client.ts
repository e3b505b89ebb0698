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
 * Sends a statement. The driver (1.2.0) has one place for all of its clients to say where to: each client's own endpoint
 * comes with its options instead. It takes any status but 2xx and 400 for a failure and hides which in its message;
 * whether another try may help depends on it. A redirect is such a status: the connection string must not follow one.
 */
neonConfig.fetchFunction = async (_: string, { endpoint, ...init }: RequestInit & { endpoint: string }) => {
  const response = await fetch(endpoint, { ...init, redirect: 'manual' })
  if (response.status === 200 || response.status === 400) return response
  throw new ProxyError(response.status, await readReason(response))
}

/**
 * Opens the store; nothing is sent before the first statement.
 * @param timeoutMs how long a statement may take, both tries together
 */
export function openStore({ url, endpoint }: DatabaseAddress, timeoutMs: number): Store {
  return { db: drizzle(neon(url, { fetchOptions: { endpoint } })), timeoutMs }
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

/** The proxy answered, but not for its store. */
class ProxyError extends Error {
  readonly status: number

  constructor(status: number, reason: string | null) {
    super(reason ? `status ${status}: ${reason}` : `status ${status}`)
    this.status = status
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

/** Reads the proxy's own words, which name no data; of anything but its JSON nothing is kept. */
async function readReason(response: Response): Promise<string | null> {
  const { data } = proxyRefusal.safeParse(await response.json().catch(() => null))
  return data ? data.message.slice(0, MAX_REASON_LENGTH) : null
}

/** Without an SQLSTATE it is the proxy that refuses, in its own words. PostgreSQL's own may hold data: they are not kept. */
function readRefusal({ code, constraint, message }: NeonDbError): Error {
  if (!code || !SQLSTATE.test(code)) return new StoreUnavailable(`status 400: ${message.slice(0, MAX_REASON_LENGTH)}`)
  const [, meaning] = UNUSABLE.find(([codes]) => codes.test(code)) ?? []
  return meaning ? new StoreUnavailable(`SQLSTATE ${code}: ${meaning}`) : new StatementRefused(code, constraint)
}

const SQLSTATE = /^[0-9A-Z]{5}$/

/** The SQLSTATEs of a store that cannot be used, whatever the statement, each with what an operator should know. */
const UNUSABLE: readonly (readonly [RegExp, string])[] = [
  [/^(42P01|42P10|42703|42501|42704|42883|3F000)$/, 'the tables do not fit this version: npm run db:migrate'],
  [/^28/, 'the store refuses the user or the password of DATABASE_URL'],
  [/^3D/, 'the database of DATABASE_URL does not exist'],
  [/^25006$/, 'the store takes no writes'],
  [/^(08|0A|40|53|54|55|57|58|XX)/, 'the store cannot serve now'],
]
