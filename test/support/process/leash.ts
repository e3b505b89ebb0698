import { type ChildProcess, spawn } from 'node:child_process'

/**
 * Lets a process that a test has started end with the test's own process, however that ends: the kernel then closes the
 * pipe, and the shell at its other end kills.
 */
export function leash<Child extends ChildProcess>(child: Child): Child {
  // With its group, where it leads one.
  const kill = 'read -r _; kill -KILL -- "-$0" || kill -KILL "$0"'
  const guard = spawn('sh', ['-c', kill, String(child.pid)], {
    // Ctrl-C ends everything but the shell, which is still needed then.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  guard.unref()
  guard.stdin.on('error', () => {})
  child.once('exit', () => guard.kill('SIGKILL'))
  return child
}
