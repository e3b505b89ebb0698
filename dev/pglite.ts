/**
 * The embedded PostgreSQL, in a thread of its own: PGlite computes without a pause, and a long statement must hold up
 * neither the HTTP server nor Ctrl-C.
 */
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'

/** Opens PGlite in a folder, or in memory, and serves it on a loopback port. One process per folder: see `folder.ts`. */
export async function startPGlite(folder: string | undefined): Promise<{ url: string; close(): Promise<void> }> {
  const thread = new Worker(new URL('./pglite-thread.ts', import.meta.url), { workerData: folder })
  const [address] = await once(thread, 'message')
  return {
    url: `postgres://postgres:postgres@${address}/postgres`,
    async close() {
      thread.postMessage('close')
      await Promise.race([once(thread, 'exit'), setTimeout(1_000, undefined, { ref: false })])
      await thread.terminate()
    },
  }
}
