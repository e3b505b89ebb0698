/** Runs commands of the project as processes, as the scripts of package.json do. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect, vi } from 'vitest'

const project = join(import.meta.dirname, '../../..')

/** The result of a command. */
export interface CommandResult {
  status: number | null
  output: string
  errors: string
}

/** Options of a command. */
export interface CommandOptions {
  /** Its environment beside the path: nothing of this process's own unless given. */
  env?: NodeJS.ProcessEnv
  /** The copy of the project that it belongs to. */
  folder?: string
  /** Where it is called from. */
  cwd?: string
  /** Standard input; without, nobody is there to answer. */
  input?: string | Buffer
  /** Whether it leads a process group. */
  detached?: boolean
}

/** The arguments with which Node runs a command, such as `ops/users.ts`. */
export function toArguments(command: string, folder = project): string[] {
  return ['--import', join(folder, 'ops/installed.js'), join(folder, command)]
}

/** Starts a command. */
export function startCommand(
  command: string,
  args: string[],
  { env, folder, input, ...options }: CommandOptions = {},
): { process: ChildProcess; result: Promise<CommandResult> } {
  const { PATH = '' } = process.env
  const child = spawn(process.execPath, [...toArguments(command, folder), ...args], {
    ...options,
    env: { PATH, ...env },
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  })
  child.stdin?.end(input)
  const { stdout, stderr } = child
  if (!stdout || !stderr) throw new Error('the command has no output')
  const result = Promise.all([text(stdout), text(stderr), once(child, 'close')])
  return { process: child, result: result.then(([output, errors, [status]]) => ({ status, output, errors })) }
}

/** Runs a command to its end. */
export function runCommand(command: string, args: string[], options?: CommandOptions): Promise<CommandResult> {
  return startCommand(command, args, options).result
}

/** Thrown where a command called in this process would have ended it. */
class Exit extends Error {}

let calls = 0

/**
 * Runs a command to its end in this process, because another takes a hundred times as long to start. What only a process
 * shows, such as what is left of it after a signal, needs `runCommand`.
 */
export async function callCommand(
  command: string,
  args: string[],
  { env, folder = project, input = '' }: Omit<CommandOptions, 'cwd' | 'detached'> = {},
): Promise<CommandResult> {
  const { argv, env: ownEnv, stdin } = process
  const cwd = process.cwd()
  const result: CommandResult = { status: null, output: '', errors: '' }
  const keep = (name: 'output' | 'errors') => (text: unknown) => {
    if (result.status === null) result[name] += text
    return true
  }
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(keep('output')),
    vi.spyOn(process.stderr, 'write').mockImplementation(keep('errors')),
    vi.spyOn(console, 'log').mockImplementation((text) => void keep('output')(`${text}\n`)),
    vi.spyOn(console, 'error').mockImplementation((text) => void keep('errors')(`${text}\n`)),
    vi.spyOn(process, 'on').mockReturnValue(process),
    vi.spyOn(process.stdout, 'on').mockReturnValue(process.stdout),
    vi.spyOn(process, 'exit').mockImplementation((status) => {
      result.status ??= Number(status ?? 0)
      throw new Exit()
    }),
  ]
  try {
    process.argv = [process.execPath, command, ...args]
    process.env = { PATH: ownEnv.PATH, ...env }
    Object.defineProperty(process, 'stdin', { value: Readable.from([input]), configurable: true })
    // A module runs once, and a command is what its module does.
    await import(`${join(folder, command)}?${calls++}`).catch((error) => {
      if (!(error instanceof Exit)) throw error
    })
    result.status ??= Number(process.exitCode ?? 0)
    return result
  } finally {
    for (const spy of spies) spy.mockRestore()
    Object.assign(process, { argv, env: ownEnv, exitCode: undefined })
    Object.defineProperty(process, 'stdin', { value: stdin, configurable: true })
    process.chdir(cwd)
  }
}

/** Expects a refusal in one line, however long, on standard error alone; no line of it has the word `canary`. */
export async function expectRefusal(message: string, result: Promise<CommandResult>): Promise<void> {
  const { status, output, errors } = await result
  expect({ status, output, errors }).toEqual({ status: 1, output: '', errors: expect.stringContaining(message) })
  expect(errors).toMatch(/^[^\n]+\n$/)
  expect(errors).not.toContain('canary')
}
