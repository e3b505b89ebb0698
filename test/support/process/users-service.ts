/** Makes the database and the Worker for the tests of `npm run users`. */
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { startLocalDatabase } from '../../../local/local-database.ts'
import { runOn } from './postgres.ts'
import { type RunningWorker, startWorker } from './worker.ts'

const project = join(import.meta.dirname, '../../..')

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

/** Makes a role with the rights of the service's role. It has a name of its own, because a server may be shared. */
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
