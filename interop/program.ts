/** Runs a filled-in snippet with the real verifier, and tells whether the token passed. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isOpen } from '../test/support/process/container.ts'
import { waitUntil } from '../test/support/process/dev-server.ts'
import { describeEnvironment, LANGUAGES } from './languages.ts'

/** A program, the token that it is to verify, and what it finds around it. */
export interface Program {
  extension: string
  text: string
  token: string
  /** The port on which it listens, if it is a server. */
  port: number | undefined
  /** The file of the authority behind the URL of the key set. */
  authority: string
  /** The public key in PEM. */
  pem: string
}

/** The text that the program printed or answered, or that of its error. */
export type Output = { printed: string } | { error: string }

/** Runs a program in a folder of its own. */
export async function runProgram(program: Program): Promise<Output> {
  const folder = await mkdtemp(join(tmpdir(), 'acme-user-interop-'))
  try {
    await writeFile(join(folder, `verifier${program.extension}`), program.text)
    await writeFile(join(folder, 'key.pem'), program.pem)
    await symlink(join(import.meta.dirname, 'npm/node_modules'), join(folder, 'node_modules'))
    return await runIn(folder, program)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function runIn(folder: string, { extension, token, port, authority }: Program): Promise<Output> {
  const [command = '', ...args] = LANGUAGES[extension] ?? []
  const env = describeEnvironment(authority, folder)
  const child = spawn(command, args, { cwd: folder, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  // A server's own processes with it.
  const kill = () => child.pid && child.exitCode === null && process.kill(-child.pid, 'SIGKILL')
  process.once('exit', kill)
  let printed = ''
  let errors = ''
  child.stdout.on('data', (chunk) => (printed += chunk))
  child.stderr.on('data', (chunk) => (errors += chunk))
  const closed = once(child, 'close')
  const answer = port === undefined ? undefined : await ask(child, { port, token })
  if (answer) kill()
  const [status] = await closed
  process.off('exit', kill)
  if (answer?.ok) return { printed: answer.text }
  if (status === 0) return { printed }
  if (answer) return { error: `${answer.status} ${answer.text}`.trim() }
  return { error: findError(errors).trim() || `exit status ${status}` }
}

/** Sends the token to a server as soon as it listens; one that ends before has nothing to say. */
async function ask(child: ChildProcess, { port, token }: { port: number; token: string }) {
  await waitUntil(
    async () => child.exitCode !== null || (await isOpen(port)),
    () => 'the verifier does not listen',
  )
  if (child.exitCode !== null) return undefined
  const headers = { Authorization: `Bearer ${token}`, Connection: 'close' }
  const response = await fetch(`http://127.0.0.1:${port}/`, { headers })
  return { ok: response.ok, status: response.status, text: findReason(await response.text()) }
}

/** The line above a stack, or else the last one. */
function findError(errors: string): string {
  const [, above] = /^(\S.*)\n(?:.+\n)*?\s+(?:at|from) /m.exec(errors) ?? []
  return above ?? errors.trim().split('\n').at(-1) ?? ''
}

/** Finds the reason in an answer: above the stack of an error's page, in the JSON's message, or in the first line. */
function findReason(answer: string): string {
  const [, inPage] = /<(?:pre|h1)>(?:\d{3} )?(.*?)<(?:br|\/)/.exec(answer) ?? []
  const [, message] = /"message":("(?:[^"\\]|\\.)*")/.exec(answer) ?? []
  const [line = ''] = answer.trim().split('\n')
  return (inPage ?? (message ? String(JSON.parse(message)) : line)).replaceAll('&#39;', "'").replaceAll('&quot;', '"')
}
