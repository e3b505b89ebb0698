/** Before each test file in Node: whatever its process starts from now on ends with it. */
import { ChildProcess } from 'node:child_process'
import { subscribe } from 'node:diagnostics_channel'
import { z } from 'zod'
import { leash } from './leash.ts'

const messageSchema = z.object({ process: z.instanceof(ChildProcess) })

let leashing = false

subscribe('child_process', (message) => {
  // The shell at the other end of a leash has none itself.
  if (leashing) return
  const { process: child } = messageSchema.parse(message)
  child.once('spawn', () => {
    leashing = true
    const shell = leash(child.pid)
    leashing = false
    child.once('exit', () => shell.kill('SIGKILL'))
  })
})
