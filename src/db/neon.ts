/**
 * Neon's SQL over HTTP: one statement, one `POST /sql` to its proxy. Neon's own driver brings a whole PostgreSQL client
 * for another mode, two fifths of the bundle and more than it may cost to start; a test holds this file to that driver.
 */

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

/** What a store answers with: the names of its columns, and the rows. */
export interface NeonResult {
  names: string[]
  rows: unknown[][]
}

/** On the wire every value is PostgreSQL's own text. */
interface WireResult {
  fields: { name: string; dataTypeID: number }[]
  rows: (string | null)[][]
}

const LOCAL_HOST = /^(localhost|127\.0\.0\.1)$/

/** Where the proxy of a database is: for one on this machine, at the port of the database itself. */
export function findEndpoint(databaseUrl: string): string {
  const { hostname, port } = new URL(databaseUrl)
  if (LOCAL_HOST.test(hostname)) return `http://${hostname}:${port || 5432}/sql`
  return `https://${hostname.replace(/^[^.]+\./, 'api.')}/sql`
}

/** The request that runs a statement. */
export function describeStatement(databaseUrl: string, query: string, params: unknown[]): RequestInit {
  return {
    method: 'POST',
    headers: {
      'Neon-Connection-String': databaseUrl,
      'Neon-Raw-Text-Output': 'true',
      'Neon-Array-Mode': 'true',
    },
    body: JSON.stringify({ query, params: params.map((value) => (value === null ? null : String(value))) }),
  }
}

/**
 * Reads what came back: numbers and booleans for what PostgreSQL calls so, and text for everything else.
 * @throws {StatementError} the store's refusal
 * @throws {Error} anything that is no answer of a store
 */
export function readResult(status: number, body: string): NeonResult {
  if (status === 400) throw readError(JSON.parse(body))
  if (status !== 200) throw new Error(`status ${status}`)
  const { fields, rows }: WireResult = JSON.parse(body)
  const parsers = fields.map(({ dataTypeID }) => PARSERS[dataTypeID] ?? String)
  return {
    names: fields.map(({ name }) => name),
    rows: rows.map((row) => row.map((value, column) => (value === null ? null : parsers[column]?.(value)))),
  }
}

/** The proxy's own errors have no SQLSTATE. */
function readError({ code, constraint }: { code?: unknown; constraint?: unknown }): Error {
  if (typeof code !== 'string') return new Error('status 400')
  return new StatementError(code, typeof constraint === 'string' ? constraint : undefined)
}

/** Rows as objects. */
export function toObjects({ names, rows }: NeonResult): object[] {
  return rows.map((row) => Object.fromEntries(row.map((value, column) => [names[column], value])))
}

/** By the number of PostgreSQL's type: bool, int8, int2, int4. */
const PARSERS: Partial<Record<number, (text: string) => unknown>> = {
  16: (text) => text === 't',
  20: Number,
  21: Number,
  23: Number,
}
