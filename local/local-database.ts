/**
 * Starts the local database behind one loopback port and one URL. It is migrated, has demo users if asked for, and
 * serves the Worker's driver, psql and drizzle-kit alike. `npm run dev`, `npm run db` and the tests start it here.
 */
import { connect as connectSocket, type Socket } from 'node:net'
import { join } from 'node:path'
import { pipeline } from 'node:stream'
import { drizzle } from 'drizzle-orm/node-postgres'
import pg from 'pg'
import { connect } from '../ops/connection.ts'
import { type ConnectionString, readConnectionString } from '../ops/connection-string.ts'
import { isLocalHost } from '../ops/local-host.ts'
import { applyMigrations } from '../ops/migrations.ts'
import { Refusal } from '../ops/terminal.ts'
import { seedDemoUsers } from './demo-users.ts'
import { type HeldFolder, holdFolder } from './folder.ts'
import { createNeonProxy, type NeonProxyOptions } from './neon-proxy.ts'
import { startPGlite } from './pglite.ts'
import { servePGliteClient } from './pglite-door.ts'
import { listenOnSharedPort } from './shared-port.ts'

/** Without `databaseUrl` an embedded PGlite is started, in the folder, or in memory if there is none. */
export interface LocalDatabaseOptions extends Omit<NeonProxyOptions, 'databaseUrl'> {
  folder?: HeldFolder
  databaseUrl?: string
  /** 0, the default, takes a free port. */
  port?: number
  /** PBKDF2 iterations of the demo users' passwords. Without it there are no demo users. */
  demoIterations?: number
}

/** A running database; `url` is for every kind of client on this machine. */
export interface LocalDatabase {
  url: string
  keptIn: string
  close(): Promise<void>
}

/** Chooses the database of the commands: the server of `DATABASE_URL`, or else `.data/`, held for this process. */
export function claimDatabase(servedAt: string): Pick<LocalDatabaseOptions, 'folder' | 'databaseUrl'> {
  const databaseUrl = process.env.DATABASE_URL
  return databaseUrl ? { databaseUrl } : { folder: holdFolder('.data', servedAt) }
}

/** The database underneath. `serve` takes a client that speaks PostgreSQL's own protocol. */
interface Server {
  url: string
  keptIn: string
  serve(client: Socket): void
  close(): Promise<void>
}

/** Starts, migrates and seeds a database, and opens its port. */
export async function startLocalDatabase(options: LocalDatabaseOptions = {}): Promise<LocalDatabase> {
  const { folder, databaseUrl, port = 0, demoIterations, ...proxyOptions } = options
  const server =
    databaseUrl === undefined ? await openEmbedded(folder) : openServer(databaseUrl, demoIterations !== undefined)
  try {
    const target = readConnectionString('DATABASE_URL', server.url)
    await prepareDatabase(target, demoIterations)
    const proxy = createNeonProxy({ ...proxyOptions, databaseUrl: server.url })
    const door = await listenOnSharedPort(port, proxy.server, server.serve)
    const close = async () => {
      door.close()
      await proxy.close()
      await server.close()
    }
    return { url: describeDoor(target, door.port), keptIn: server.keptIn, close }
  } catch (error) {
    await server.close()
    throw error
  }
}

async function openEmbedded(folder: HeldFolder | undefined): Promise<Server> {
  const { url, close } = await startPGlite(folder && join(folder.path, 'pglite'))
  return { url, close, keptIn: folder?.path ?? 'memory', serve: (client) => void servePGliteClient(client, url) }
}

function openServer(url: string, demoUsers: boolean): Server {
  const { host, port } = readConnectionString('DATABASE_URL', url)
  if (demoUsers) requireLocalHost(host)
  const path = `${host}/.s.PGSQL.${port}`
  return {
    url,
    keptIn: 'the server of DATABASE_URL',
    serve(client) {
      pipeline(client, connectSocket(host.startsWith('/') ? { path } : { host, port }), client, () => {})
    },
    close: async () => {},
  }
}

/** Demo users have a public password, so they must never get into a database that others can reach. */
function requireLocalHost(host: string): void {
  if (isLocalHost(host)) return
  throw new Refusal(
    `DATABASE_URL names ${host}, not this machine: demo users, whose password is public, do not go there.\n` +
      'Unset it; to work on that database, name it in .dev.vars and run `npx wrangler dev`',
  )
}

/** Returns the URL of the same database behind our own port. */
function describeDoor({ config }: ConnectionString, port: number): string {
  const { user, password, database } = new pg.Client(config)
  const [name, secret, path] = [user, password, database].map((part) => encodeURIComponent(part ?? ''))
  return `postgres://${name}:${secret}@localhost:${port}/${path}`
}

async function prepareDatabase(target: ConnectionString, demoIterations: number | undefined): Promise<void> {
  const client = await connect(target)
  try {
    await applyMigrations(client, target)
    if (demoIterations !== undefined) await seedDemoUsers(drizzle(client), demoIterations)
  } finally {
    await client.end()
  }
}
