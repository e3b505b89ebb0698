/**
 * Runs a Node script that must not outlive the process which started this one. `dev.ts` starts it as the leader of a
 * process group and holds its standard input: when that closes, however `dev.ts` ended, the whole group is killed.
 */
import { spawn } from 'node:child_process'

const child = spawn(process.execPath, process.argv.slice(2), { stdio: ['ignore', 'inherit', 'inherit'] })
child.on('exit', (status) => process.exit(status ?? 1))
process.stdin.on('close', killGroup).resume()
// The signal is for the script: this process ends after it.
process.on('SIGTERM', () => {})

function killGroup(): void {
  if (process.platform === 'win32') spawn('taskkill', ['/pid', String(process.pid), '/t', '/f'])
  else process.kill(-process.pid, 'SIGKILL')
}
