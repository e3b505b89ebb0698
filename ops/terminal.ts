/** What the commands of this folder have in common: flags, refusals, signals and exit status. */
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'

/** A reason not to start that the developer can act on: shown as it is, without a stack. */
export class Refusal extends Error {}

/** Where the command was called from; npm runs it in the project's folder, and says so. */
const calledFrom = process.env.INIT_CWD ?? process.cwd()

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

/** Makes a path absolute that a person has given: it begins where the command was called from. */
export function resolveGiven(path: string): string {
  return resolve(calledFrom, path)
}

/**
 * Reads the command line; refuses whatever `options` does not have. `--help` prints the usage and ends the process.
 * @param takesRest whether arguments may stand behind `--`
 * @returns the flags, and those arguments
 */
export function parseCommandLine<Options extends ParseArgsOptionsConfig>(
  usage: string,
  options: Options,
  { takesRest = false } = {},
) {
  const { values, positionals, tokens } = parseStrictly(options)
  if ('help' in values) {
    console.log(usage)
    process.exit()
  }
  refuseFlagsOfNpm(options)
  const end = takesRest ? tokens.find(({ kind }) => kind === 'option-terminator')?.index : undefined
  const stray = tokens.find(({ kind, index }) => kind === 'positional' && (end === undefined || index < end))
  if (stray) throw new Refusal(`Unexpected argument '${positionals[0]}'. --help lists the flags`)
  return { values, rest: positionals }
}

function parseStrictly<Options extends ParseArgsOptionsConfig>(options: Options) {
  try {
    const all = { ...options, help: { type: 'boolean' } } as const
    return parseArgs({ options: all, allowPositionals: true, tokens: true })
  } catch (error) {
    const [reason] = String(error instanceof Error ? error.message : error).split('. ')
    throw new Refusal(`${reason}. --help lists the flags`)
  }
}

/** Without `--` in front of them npm takes flags for its own, and hands only their values on. */
function refuseFlagsOfNpm(options: ParseArgsOptionsConfig): void {
  const taken = Object.keys(options).find((flag) => process.env[`npm_config_${flag.replaceAll('-', '_')}`])
  if (!taken) return
  const command = process.env.npm_lifecycle_event ?? 'dev'
  throw new Refusal(
    `npm has kept --${taken} for itself: write npm run ${command} -- --${taken} …, with -- before the flags`,
  )
}

/** Reads a port. */
export function toPort(flag: string, value: unknown): number {
  const port = Number(value)
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Refusal(`--${flag} takes a port, 1 to 65535`)
  return port
}

/** Refuses to start on ports that are taken, all named at once, each with the flag that chooses another. */
export async function requireFreePorts(ports: Record<string, number>): Promise<void> {
  const faults = await Promise.all(Object.entries(ports).map(([flag, port]) => findFault(port, flag)))
  const found = faults.filter((fault) => fault !== null)
  if (found.length > 0) throw new Refusal(found.join('\n'))
}

async function findFault(port: number, flag: string): Promise<string | null> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
    return null
  } catch (error) {
    const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
    return `Port ${port} ${taken ? 'is taken' : 'cannot be used'}: choose another with --${flag}`
  } finally {
    server.close()
  }
}

/** Names what kept a connection from being made. */
export function describeCause(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  // A refused connection to a name with several addresses has no message of its own.
  return error.message || ('code' in error ? String(error.code) : error.name)
}
