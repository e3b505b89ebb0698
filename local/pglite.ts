/**
 * The embedded PostgreSQL, in a thread of its own: PGlite computes without a pause, and a long statement must hold up
 * neither the HTTP server nor Ctrl-C.
 */
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { Worker } from 'node:worker_threads'
import { z } from 'zod'
import { Refusal } from '../ops/terminal.ts'

// At each start V8 would optimize a huge function of PostgreSQL, for longer than all the rest of it takes.
for (const flag of ['--no-wasm-tier-up', '--no-wasm-dynamic-tiering']) setFlagsFromString(flag)

const openedSchema = z.union([z.object({ address: z.string() }), z.object({ refusal: z.string() })])

/**
 * Opens PGlite in a folder, or in memory, and serves it on a loopback port. Only one process may open a folder: see
 * `folder.ts`.
 * @throws {Refusal} the database does not open
 */
export async function startPGlite(folder: string | undefined): Promise<{ url: string; close(): Promise<void> }> {
  const thread = new Worker(new URL('./pglite-thread.ts', import.meta.url), { workerData: folder, stdout: true })
  // Printed here, because a thread writes to the terminal itself, even where a test has replaced the console.
  thread.stdout.setEncoding('utf8').on('data', (text: string) => console.log(text.trimEnd()))
  const opened = openedSchema.parse((await once(thread, 'message'))[0])
  if ('refusal' in opened) {
    await thread.terminate()
    throw new Refusal(opened.refusal)
  }
  thread.once('exit', endProcess)
  return {
    url: `postgres://postgres:postgres@${opened.address}/postgres`,
    async close() {
      thread.off('exit', endProcess)
      thread.postMessage('close')
      await Promise.race([once(thread, 'exit'), setTimeout(1_000, undefined, { ref: false })])
      await thread.terminate()
    },
  }
}

/** Ends the process, because a service without its store would answer 503 until somebody looked for the reason. */
function endProcess(): void {
  console.error('The embedded database has ended by itself: start it again. What was committed is kept')
  process.exit(1)
}
