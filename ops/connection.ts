/** Connects a command to a database. Each way in which that can fail has a sentence of its own. */
import pg from 'pg'
import type { ConnectionString } from './connection-string.ts'
import { describeCause, Refusal } from './terminal.ts'

const CONNECT_SECONDS = 15

/** Advice for the errors that the server answers with, by their SQLSTATE. */
const advice = new Map([
  ['28P01', 'check the password'],
  ['3D000', 'check the name of the database'],
  ['25006', 'take the connection string of the primary, which takes writes'],
  ['42501', "take the connection string of the tables' owner"],
  ['53300', 'run this again when another client has disconnected'],
  ['55P03', 'somebody else holds the lock: end their transaction, or run this again later'],
  ['57014', 'raise the statement_timeout of its role'],
])

/** Sentences for all other failures, by the code and message of Node or `pg`. */
const failures: [RegExp, (place: string, reason: string) => string][] = [
  [/ECONNREFUSED|ENOENT/, (place) => `nobody listens at ${place}: start the server, or correct the address`],
  [/ENOTFOUND|EAI_AGAIN/, (place) => `no address is known for ${place}: correct the name, or check the network`],
  [
    /ETIMEDOUT|timeout expired/,
    (place) => `${place} has not answered for ${CONNECT_SECONDS} seconds: check the address`,
  ],
  [
    /does not support SSL/,
    (place) => `${place} has no TLS, so no password was sent: say sslmode=disable if everybody in between may read it`,
  ],
  [
    /ERR_TLS_CERT_ALTNAME_INVALID/,
    (place) => `the certificate of ${place} has another name, so no password was sent: use the name that it has`,
  ],
  [
    /CERT|ISSUER|LEAF_SIGNATURE/,
    (place, reason) =>
      `the certificate of ${place} is not trusted (${reason}), so no password was sent: name its authority with sslrootcert=FILE`,
  ],
  [
    /SSL connection|terminated|ECONNRESET|EPIPE|EPROTO|ERR_SSL/,
    (place, reason) => `${place} broke the connection off (${reason}): check that it is PostgreSQL`,
  ],
  [/password must be a/, (place) => `${place} asks for a password: put it into the connection string`],
]

/**
 * Connects to a database.
 * @throws {Refusal} one sentence that says why that failed
 */
export async function connect(target: ConnectionString, options: pg.ClientConfig = {}): Promise<pg.Client> {
  const client = new pg.Client({ ...target.config, connectionTimeoutMillis: CONNECT_SECONDS * 1000, ...options })
  // Without a password `pg` would look for a file of passwords, and print a warning about it.
  client.password ??= ''
  // A connection lost while idle is reported by the next statement.
  client.on('error', () => {})
  await client.connect().catch(async (error) => {
    // Where pg itself has given up, the server still waits for a password.
    await client.end()
    throw new Refusal(`The database of ${target.name} cannot be reached: ${describeFailure(error, target)}`)
  })
  return client
}

/** Says why a connection was not made or a statement not run, and what to do where that is known. */
export function describeFailure(error: unknown, { host, port }: ConnectionString): string {
  const [reason = ''] = describeCause(error).split('\n')
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (error instanceof pg.DatabaseError) return [reason, advice.get(code) ?? []].flat().join(': ')
  const [, describe] = failures.find(([pattern]) => pattern.test(`${code} ${reason}`)) ?? []
  return describe?.(host.startsWith('/') ? host : `${host}:${port}`, reason) ?? reason
}
