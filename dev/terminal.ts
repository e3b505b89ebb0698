/** What the commands of this folder have in common: flags, refusals, signals and exit status. */
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'

/** A reason not to start that the developer can act on: shown as it is, without a stack. */
export class Refusal extends Error {}

/** Runs a command in the project's folder and exits with its status; `stopped` resolves on Ctrl-C, SIGTERM or SIGHUP. */
export async function runCommand(command: (stopped: Promise<void>) => Promise<number>): Promise<never> {
  process.chdir(join(import.meta.dirname, '..'))
  // The terminal may be gone by the time of the last words.
  process.stdout.on('error', () => {})
  const status = await command(untilStopped()).catch((error) => {
    console.error(error instanceof Refusal ? error.message : error)
    return 1
  })
  process.exit(status)
}

async function untilStopped(): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => resolve())
    if (process.env.npm_lifecycle_event) whenOrphaned(resolve)
  })
  console.log('\nStopping…')
}

/** npm passes signals on, but nothing tells of its own SIGKILL. */
function whenOrphaned(stop: () => void): void {
  const npm = process.ppid
  setInterval(() => process.ppid === npm || stop(), 500)
}

/** Reads the flags named in `defaults`, each of them a port. `--help` prints the usage and ends the process. */
export function readPorts<Flag extends string>(usage: string, defaults: Record<Flag, number>): Record<Flag, number> {
  const flags = Object.entries<number>(defaults)
  const options: ParseArgsOptionsConfig = { help: { type: 'boolean' } }
  for (const [flag, port] of flags) options[flag] = { type: 'string', default: String(port) }
  const values = parseFlags(options)
  if (values.help) {
    console.log(usage)
    process.exit()
  }
  return Object.fromEntries(flags.map(([flag]) => [flag, toPort(flag, values[flag])])) as Record<Flag, number>
}

/** Reads the command line; refuses whatever `options` does not have. */
export function parseFlags(options: ParseArgsOptionsConfig): Record<string, unknown> {
  try {
    return parseArgs({ options }).values
  } catch (error) {
    const [reason] = String(error instanceof Error ? error.message : error).split('. ')
    throw new Refusal(`${reason}. --help lists the flags`)
  }
}

function toPort(flag: string, value: unknown): number {
  const port = Number(value)
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Refusal(`--${flag} takes a port, 1 to 65535`)
  return port
}

/** Refuses to start on a port that is taken, and names the flag that chooses another. */
export async function requireFreePort(port: number, flag: string): Promise<void> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch (error) {
    const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
    throw new Refusal(`Port ${port} ${taken ? 'is taken' : 'cannot be used'}: choose another with --${flag}`)
  }
  server.close()
}
