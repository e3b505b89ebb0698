/** Runs in the thread of `pglite.ts`: PGlite behind a socket server. */
import { parentPort, workerData } from 'node:worker_threads'
import { dataDir } from '@electric-sql/pglite-prepopulatedfs'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'
import { Refusal } from '../ops/terminal.ts'
import { openFolder } from './pglite-folder.ts'
import { TurnTakingPGlite } from './pglite-turns.ts'

const folder: string | undefined = workerData

try {
  await serve(folder ? await openFolder(folder) : await openInMemory())
} catch (error) {
  if (!(error instanceof Refusal)) throw error
  parentPort?.postMessage({ refusal: error.message })
}

async function openInMemory(): Promise<TurnTakingPGlite> {
  const db = new TurnTakingPGlite({ loadDataDir: await dataDir() })
  await db.waitReady
  return db
}

async function serve(db: TurnTakingPGlite): Promise<void> {
  const server = new PGLiteSocketServer({ db, port: 0, maxConnections: 100 })
  await server.start()
  parentPort?.once('message', async () => {
    await server.stop()
    await db.close()
  })
  parentPort?.postMessage({ address: server.getServerConn() })
}
