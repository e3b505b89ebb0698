/** Everything that commands share: flags, refusals, signals and exit status. */
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'

/** A failure that the caller can do something about. The message is shown as it is, without a stack. */
export class Refusal extends Error {}

/** The folder that the command was called from. npm runs it in the project's folder, and passes this one on. */
const calledFrom = process.env.INIT_CWD ?? process.cwd()

/** Runs a command in the project's folder and exits with its status; `stopped` resolves on Ctrl-C, SIGTERM or SIGHUP. */
export async function runCommand(command: (stopped: Promise<void>) => Promise<number>): Promise<never> {
  process.chdir(join(import.meta.dirname, '..'))
  // The terminal may be closed before the last line is printed.
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

/** Stops once npm is gone. npm passes other signals on, but nothing announces that npm itself was killed. */
function whenOrphaned(stop: () => void): void {
  const npm = process.ppid
  setInterval(() => process.ppid === npm || stop(), 500)
}

/** Makes a path of the command line absolute. It is relative to the folder that the command was called from. */
export function resolveGiven(path: string): string {
  return resolve(calledFrom, path)
}

/**
 * Reads the command line. `--help` prints the usage and ends the process.
 * @param takesRest whether arguments may stand behind `--`
 * @returns the flags, and those arguments
 * @throws {Refusal} there is a flag or an argument that `options` does not have
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

/** Refuses flags that were given without `--` before them: npm keeps those, and passes only their values on. */
function refuseFlagsOfNpm(options: ParseArgsOptionsConfig): void {
  const taken = Object.keys(options).find((flag) => process.env[`npm_config_${flag.replaceAll('-', '_')}`])
  if (!taken) return
  const command = process.env.npm_lifecycle_event ?? 'dev'
  throw new Refusal(
    `npm has kept --${taken} for itself: write npm run ${command} -- --${taken} …, with -- before the flags`,
  )
}

/** Reads the port that a flag gives; refuses anything but 1 to 65535. */
export function toPort(flag: string, value: unknown): number {
  const port = Number(value)
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Refusal(`--${flag} takes a port, 1 to 65535`)
  return port
}

/** Refuses ports that are taken. The message names all of them, each with the flag that chooses another. */
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

/** Says why something failed, by the error's message, or else by its code or name. */
export function describeCause(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  // A refused connection to a name with several addresses has no message of its own.
  return error.message || ('code' in error ? String(error.code) : error.name)
}
