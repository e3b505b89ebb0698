/** Lets what a test has started end with the test's own process, however that ends. */
import { type ChildProcess, spawn } from 'node:child_process'

/** Holds a process. It is let go when it ends. */
export function leash<Child extends ChildProcess>(child: Child): Child {
  const guard = leashProcess(child.pid)
  child.once('exit', () => guard.kill('SIGKILL'))
  return child
}

/**
 * Holds a process by its id: when this process ends, the kernel closes the pipe, and the shell at its other end kills.
 * @returns the shell
 */
export function leashProcess(pid: number | undefined): ChildProcess {
  // With its group, where it leads one.
  const kill = 'read -r _; kill -KILL -- "-$0" || kill -KILL "$0"'
  // Ctrl-C ends everything but the shell, which is still needed then.
  const guard = spawn('sh', ['-c', kill, String(pid)], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
  guard.unref()
  guard.stdin.on('error', () => {})
  return guard
}
