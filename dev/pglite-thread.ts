/** What the thread of `pglite.ts` runs: PGlite behind a socket server. */
import { existsSync, renameSync, rmSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'

/** First bytes of the messages after which PostgreSQL owes nothing more: start-up, Query, Sync, Terminate. */
const lastOfExchange = new Set([0, ...Buffer.from('QSX')])

/**
 * The socket server passes messages on one by one and lets one connection go on only during a transaction. One that is
 * between Parse and Sync needs the same, or another's statement takes the place of its own.
 */
class TurnTakingPGlite extends PGlite {
  #midExchange = false

  override isInTransaction(): boolean {
    return this.#midExchange || super.isInTransaction()
  }

  override async execProtocolRawStream(...args: Parameters<PGlite['execProtocolRawStream']>): Promise<void> {
    await super.execProtocolRawStream(...args)
    this.#midExchange = !lastOfExchange.has(args[0][0] ?? 0)
  }
}

const folder: string | undefined = workerData
if (folder && !existsSync(folder)) await createDatabase(folder)
const db = new TurnTakingPGlite(folder)
await db.waitReady
const server = new PGLiteSocketServer({ db, port: 0, maxConnections: 100 })
await server.start()
parentPort?.once('message', close)
parentPort?.postMessage(server.getServerConn())

/** A start that is killed half way must not leave half a database where the next one looks. */
async function createDatabase(path: string): Promise<void> {
  console.log('Creating the database, this once…')
  const draft = `${path}.new`
  rmSync(draft, { recursive: true, force: true })
  const empty = await PGlite.create(draft)
  await empty.close()
  renameSync(draft, path)
}

async function close(): Promise<void> {
  await server.stop()
  await db.close()
}
