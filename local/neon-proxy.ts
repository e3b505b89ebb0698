/**
 * A local stand-in for Neon's SQL-over-HTTP proxy. It takes `POST /sql` as Neon's own driver sends it, and runs the
 * statements on any PostgreSQL. It runs them as the role of its own database URL, whatever the request's connection
 * string says, and always answers in raw text, as the Worker asks for.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { json } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'
import pg from 'pg'
import { z } from 'zod'
import { readConnectionString } from '../ops/connection-string.ts'
import { describeCause } from '../ops/terminal.ts'

/** Options of a stand-in. `databaseUrl` is the PostgreSQL that runs its statements. */
export interface NeonProxyOptions {
  databaseUrl: string
  maxConnections?: number
  /** Called once for each HTTP request that reaches the database, with its SQL. */
  onStatement?: (text: string) => void
}

type Statement = z.infer<typeof statementSchema>
const statementSchema = z.object({ query: z.string(), params: z.array(z.unknown()).default([]) })
const bodySchema = z.union([statementSchema, z.object({ queries: z.array(statementSchema) })])

const isolationLevels = new Map([
  ['ReadUncommitted', 'READ UNCOMMITTED'],
  ['ReadCommitted', 'READ COMMITTED'],
  ['RepeatableRead', 'REPEATABLE READ'],
  ['Serializable', 'SERIALIZABLE'],
])

class HttpError extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** Makes the stand-in's HTTP server, not yet listening, and its pool of connections. */
export function createNeonProxy(options: NeonProxyOptions): { server: Server; close(): Promise<void> } {
  const pool = new pg.Pool({
    ...readConnectionString('DATABASE_URL', options.databaseUrl).config,
    max: options.maxConnections ?? 10,
    connectionTimeoutMillis: 5_000,
  })
  // A connection lost while idle is replaced at the next statement.
  pool.on('error', () => {})
  // Idle connections stay open, because the client may send its next request just when one is closed.
  const server = createServer({ keepAliveTimeout: 0 }, async (request, response) => {
    const { status, body } = await run(request, pool, options).then((body) => ({ status: 200, body }), describeError)
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
  })
  // A statement may run for ever, so closing waits for a second at most.
  return { server, close: () => Promise.race([pool.end(), setTimeout(1_000, undefined, { ref: false })]) }
}

async function run(request: IncomingMessage, pool: pg.Pool, { onStatement }: NeonProxyOptions): Promise<unknown> {
  requireDriver(request)
  const body = await readBody(request)
  const arrayMode = request.headers['neon-array-mode'] === 'true'
  if ('query' in body) {
    onStatement?.(body.query)
    return query(pool, body, arrayMode)
  }
  const begin = beginStatement(request)
  onStatement?.(body.queries.map((statement) => statement.query).join(';\n'))
  return { results: await runTransaction(pool, begin, (client) => queryAll(client, body.queries, arrayMode)) }
}

function requireDriver({ headers, method, url }: IncomingMessage): void {
  // Browsers send an Origin with every POST, and no web page that a developer has open may run SQL here.
  if (headers.origin !== undefined) throw new HttpError(403, 'This proxy does not answer web pages')
  if (url !== '/sql') throw new HttpError(404, 'Not found: this local stand-in for the Neon proxy has POST /sql only')
  if (method !== 'POST') throw new HttpError(405, 'Method not allowed: use POST')
}

async function readBody(request: IncomingMessage): Promise<z.infer<typeof bodySchema>> {
  const body = await json(request).catch(() => {
    throw new HttpError(400, 'Body is not valid JSON')
  })
  const parsed = bodySchema.safeParse(body)
  if (!parsed.success) {
    throw new HttpError(400, 'Body must be {"query", "params"} or {"queries": [{"query", "params"}]}')
  }
  return parsed.data
}

function beginStatement({ headers }: IncomingMessage): string {
  const level = headers['neon-batch-isolation-level']
  const isolation = level === undefined ? '' : isolationLevels.get(String(level))
  if (isolation === undefined) throw new HttpError(400, `Unknown Neon-Batch-Isolation-Level: ${level}`)
  return [
    'BEGIN',
    isolation && `ISOLATION LEVEL ${isolation}`,
    headers['neon-batch-read-only'] === 'true' && 'READ ONLY',
    headers['neon-batch-deferrable'] === 'true' && 'DEFERRABLE',
  ]
    .filter(Boolean)
    .join(' ')
}

async function runTransaction<T>(
  pool: pg.Pool,
  begin: string,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect()
  try {
    await client.query(begin)
    const result = await work(client)
    await client.query('COMMIT')
    client.release()
    return result
  } catch (error) {
    const broken = await client.query('ROLLBACK').then(
      () => false,
      () => true,
    )
    client.release(broken)
    throw error
  }
}

async function queryAll(client: pg.PoolClient, statements: Statement[], arrayMode: boolean): Promise<unknown[]> {
  const results = []
  for (const statement of statements) results.push(await query(client, statement, arrayMode))
  return results
}

async function query(target: pg.Pool | pg.PoolClient, { query, params }: Statement, arrayMode: boolean) {
  const config = {
    text: query,
    values: params,
    types: { getTypeParser: () => (value: unknown) => value },
    // Allows only one statement, even without parameters, as Neon does.
    queryMode: 'extended',
    ...(arrayMode && { rowMode: 'array' }),
  }
  const { command, rowCount, fields, rows } = await target.query(config)
  return { command, rowCount, fields, rows, rowAsArray: arrayMode }
}

/** The Worker takes the fields of a PostgreSQL error from a 400, and reads any other status as a failed proxy. */
function describeError(error: unknown): { status: number; body: object } {
  if (error instanceof HttpError) return { status: error.status, body: { message: error.message } }
  if (error instanceof pg.DatabaseError) return { status: 400, body: { ...error, message: error.message } }
  return { status: 502, body: { message: `The database cannot be reached: ${describeCause(error)}` } }
}
