/** Imported for its effect: whatever this process starts from now on ends with it, however it ends. */
import { ChildProcess, spawn } from 'node:child_process'
import { subscribe } from 'node:diagnostics_channel'
import { z } from 'zod'

const messageSchema = z.object({ process: z.instanceof(ChildProcess) })

let startsGuard = false

subscribe('child_process', (message) => {
  if (startsGuard) return
  const { process: child } = messageSchema.parse(message)
  child.once('spawn', () => guard(child))
})

/** When this process ends, the kernel closes the pipe, and the shell at its other end kills the child. */
function guard(child: ChildProcess): void {
  // With its group, where it leads one.
  const kill = 'read -r _; kill -KILL -- "-$0" || kill -KILL "$0"'
  startsGuard = true
  // Ctrl-C ends everything but the shell, which is still needed then.
  const shell = spawn('sh', ['-c', kill, String(child.pid)], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
  startsGuard = false
  shell.unref()
  shell.stdin.on('error', () => {})
  child.once('exit', () => shell.kill('SIGKILL'))
}
