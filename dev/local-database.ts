/**
 * The local database behind one loopback port and one URL: migrated, with demo users where asked for, and served to the
 * Worker's driver, psql and drizzle-kit alike. `npm run dev`, `npm run db` and the tests start it here.
 */
import { join } from 'node:path'
import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import pg from 'pg'
import { seedDemoUsers } from './demo-users.ts'
import { type HeldFolder, holdFolder } from './folder.ts'
import { isLocalHost } from './local-host.ts'
import { createNeonProxy, describeCause, type NeonProxyOptions } from './neon-proxy.ts'
import { startPGlite } from './pglite.ts'
import { listenOnSharedPort } from './shared-port.ts'
import { Refusal } from './terminal.ts'

const migrationsFolder = join(import.meta.dirname, '../migrations')

/** Without `databaseUrl` an embedded PGlite is started: in the folder, or without one in memory. */
export interface LocalDatabaseOptions extends Omit<NeonProxyOptions, 'databaseUrl'> {
  folder?: HeldFolder
  databaseUrl?: string
  /** 0, the default, takes a free one. */
  port?: number
  /** PBKDF2 iterations of the demo users' passwords; without, there are no demo users. */
  demoIterations?: number
}

/** A running database; `url` is for every kind of client on this machine. */
export interface LocalDatabase {
  url: string
  keptIn: string
  close(): Promise<void>
}

/** Where the commands keep their data: the server of `DATABASE_URL`, or else `.data/`, held for this process. */
export function claimDatabase(servedAt: string): Pick<LocalDatabaseOptions, 'folder' | 'databaseUrl'> {
  const databaseUrl = process.env.DATABASE_URL
  return databaseUrl ? { databaseUrl } : { folder: holdFolder('.data', servedAt) }
}

/** Starts, migrates and seeds a database, and opens its port. */
export async function startLocalDatabase(options: LocalDatabaseOptions = {}): Promise<LocalDatabase> {
  const { folder, databaseUrl, port = 0, demoIterations, ...proxyOptions } = options
  if (databaseUrl !== undefined && demoIterations !== undefined) requireLocalHost(databaseUrl)
  const server =
    databaseUrl === undefined
      ? await startPGlite(folder && join(folder.path, 'pglite'))
      : { url: databaseUrl, close: async () => {} }
  try {
    await prepareDatabase(server.url, demoIterations)
    const proxy = createNeonProxy({ ...proxyOptions, databaseUrl: server.url })
    const door = await listenOnSharedPort(port, proxy.server, new pg.Client(server.url))
    const url = Object.assign(new URL(server.url), { host: `localhost:${door.port}` }).href
    const close = async () => {
      door.close()
      await proxy.close()
      await server.close()
    }
    return { url, keptIn: databaseUrl ? 'the server of DATABASE_URL' : `${folder?.path ?? 'memory'}`, close }
  } catch (error) {
    await server.close()
    throw error
  }
}

/** Demo users have a public password: they must never come into a database that others can reach. */
function requireLocalHost(databaseUrl: string): void {
  if (!URL.canParse(databaseUrl)) throw new Refusal('DATABASE_URL is not a postgres:// URL')
  // As the driver understands it: a parameter may name another host than the URL does.
  const { host } = new pg.Client(databaseUrl)
  if (isLocalHost(host)) return
  throw new Refusal(
    `DATABASE_URL names ${host}, not this machine: demo users, whose password is public, do not go there.\n` +
      'Unset it; to work on that database, name it in .dev.vars and run `npx wrangler dev`',
  )
}

async function prepareDatabase(url: string, demoIterations: number | undefined): Promise<void> {
  const client = new pg.Client(url)
  await client.connect().catch((error) => {
    throw new Refusal(`The database cannot be reached: ${describeCause(error)}`)
  })
  try {
    const db = drizzle(client)
    await migrate(db, { migrationsFolder })
    if (demoIterations !== undefined) await seedDemoUsers(db, demoIterations)
  } finally {
    await client.end()
  }
}
