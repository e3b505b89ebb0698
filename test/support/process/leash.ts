/** Lets a process end with this one, however this one ends. */
import { type ChildProcess, spawn } from 'node:child_process'

/**
 * Holds a process by its id: when this one ends, the kernel closes the pipe, and the shell at its other end kills.
 * @returns the shell: end it once the process has ended by itself
 */
export function leash(pid: number | undefined): ChildProcess {
  // With its group, where it leads one.
  const kill = 'read -r _; kill -KILL -- "-$0" || kill -KILL "$0"'
  // Ctrl-C ends everything but the shell, which is still needed then.
  const shell = spawn('sh', ['-c', kill, String(pid)], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
  shell.unref()
  shell.stdin.on('error', () => {})
  return shell
}
