/** `npm run users` as a process, and what its tests have in common. */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import pg from 'pg'
import { startLocalDatabase } from '../../../local/local-database.ts'
import { runOn } from './postgres.ts'
import { type RunningWorker, startWorker } from './worker.ts'

const project = join(import.meta.dirname, '../../..')

/** What a command has come to. */
export interface CommandResult {
  status: number | null
  output: string
  errors: string
}

/** Starts the command with nothing of this process's environment but the path. Nobody is there to answer it. */
export function startUsers(
  args: string[],
  env: Record<string, string>,
  folder = project,
): { process: ChildProcess; result: Promise<CommandResult> } {
  const { PATH = '' } = process.env
  const child = spawn(
    process.execPath,
    ['--import', join(folder, 'ops/installed.js'), join(folder, 'ops/users.ts'), ...args],
    {
      env: { PATH, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  const result = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return {
    process: child,
    result: result.then(([output, errors, [status]]) => ({ status, output, errors })),
  }
}

/** Runs the command to its end. */
export function runUsers(args: string[], env: Record<string, string>, folder?: string): Promise<CommandResult> {
  return startUsers(args, env, folder).result
}

/** A database as both sides have it: the command as the service's own role, and the real Worker. */
export interface Service {
  role: { name: string; url: string; drop(): Promise<void> }
  worker: RunningWorker
  close(): Promise<void>
}

/** Makes the tables of an empty database, a role for the command, and starts the Worker on it. */
export async function startService(owner: string): Promise<Service> {
  const local = await startLocalDatabase({ databaseUrl: owner })
  const role = await createRole(owner)
  const worker = await startWorker(local.url)
  return {
    role,
    worker,
    async close() {
      await worker.close()
      await local.close()
      await role.drop()
    },
  }
}

/** With the rights of the service's own, under a name of its own, since a server may be shared. */
async function createRole(owner: string): Promise<Service['role']> {
  const name = `user_service_${randomBytes(6).toString('hex')}`
  const password = randomBytes(16).toString('hex')
  const sql = await readFile(join(project, 'migrations/application-role.sql'), 'utf8')
  await runOn(owner, sql.replaceAll('user_service', name).replaceAll(":'password'", pg.escapeLiteral(password)))
  return {
    name,
    url: Object.assign(new URL(owner), { username: name, password }).href,
    drop: async () => {
      await runOn(owner, `DROP OWNED BY ${name}; DROP ROLE ${name}`)
    },
  }
}
