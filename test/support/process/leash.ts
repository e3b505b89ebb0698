/** Ends a process together with this one, however this one ends. */
import { type ChildProcess, spawn } from 'node:child_process'

/** Kills `$0` once its input is closed, or the whole group if `$0` leads one. */
export const GUARD = 'read -r _; kill -KILL -- "-$0" || kill -KILL "$0"'

/**
 * Holds a process by its id. When this process ends, the kernel closes the pipe, and the shell at its other end kills.
 * @returns the shell, which the caller ends once the process has ended by itself
 */
export function leash(pid: number | undefined): ChildProcess {
  // Ctrl-C must not end the shell, which is still needed then.
  const shell = spawn('sh', ['-c', GUARD, String(pid)], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
  shell.unref()
  shell.stdin.on('error', () => {})
  return shell
}
