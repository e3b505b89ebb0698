/** Runs before each test file in Node. Every process that the file starts from then on ends with it. */
import { ChildProcess } from 'node:child_process'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { afterAll } from 'vitest'
import { z } from 'zod'
import { GUARD, leash } from './leash.ts'

const messageSchema = z.object({ process: z.instanceof(ChildProcess) })

subscribe('child_process', hold)
// The next file in this process subscribes again.
afterAll(() => {
  unsubscribe('child_process', hold)
})

function hold(message: unknown): void {
  const { process: child } = messageSchema.parse(message)
  child.once('spawn', () => {
    // The shell that holds a leash needs no leash itself.
    if (child.spawnargs.includes(GUARD)) return
    const shell = leash(child.pid)
    child.once('exit', () => shell.kill('SIGKILL'))
  })
}
