/**
 * Runs a PostgreSQL server behind the local stand-in for Neon's proxy, in a process of its own, so that the load
 * generator does not wait for it. It ends with the process that started it.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { startLocalDatabase } from '../local/local-database.ts'
import { createPostgresDatabase } from '../test/support/process/postgres.ts'

/** A running database; `url` is for the Worker's driver and for `pg`. */
export interface BenchDatabase {
  url: string
  stop(): Promise<void>
}

/** Starts the database. */
export async function startDatabase(): Promise<BenchDatabase> {
  // Detached, so that Ctrl-C reaches only the parent, which then disconnects.
  const child = fork(import.meta.filename, { detached: true })
  const [url] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => {
      throw new Error('The database did not start')
    }),
  ])
  return {
    url: String(url),
    async stop() {
      child.disconnect()
      await once(child, 'exit')
    },
  }
}

if (import.meta.main && process.send) {
  const postgres = await createPostgresDatabase()
  const local = await startLocalDatabase({ databaseUrl: postgres.url })
  process.once('disconnect', async () => {
    await local.close()
    await postgres.close()
    process.exit()
  })
  process.send(local.url)
}
