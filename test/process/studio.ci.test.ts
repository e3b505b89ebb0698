/** Drizzle Studio, as its page asks it, and psql look into the local database while the Worker uses it. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type LocalDatabase, startLocalDatabase } from '../../local/local-database.ts'
import { isOpen } from '../support/process/container.ts'
import { waitUntil } from '../support/process/dev-server.ts'
import { findFreePort, runOn } from '../support/process/postgres.ts'
import { times } from '../support/process/times.ts'
import { type RunningWorker, startWorker } from '../support/process/worker.ts'

const root = join(import.meta.dirname, '../..')
const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))

let local: LocalDatabase
let worker: RunningWorker
let studio: Awaited<ReturnType<typeof startStudio>>
const started: ChildProcess[] = []

/** Starts `npm run db:studio` without this machine's settings, except those given. */
function spawnStudio(port: number, settings: Record<string, string>): ChildProcess {
  const env = { PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}`, ...settings }
  const child = spawn('sh', ['-c', `exec ${scripts['db:studio']} --port ${port}`], { cwd: root, env })
  started.push(child)
  return child
}

async function startStudio(databaseUrl: string) {
  const port = await findFreePort()
  const child = spawnStudio(port, { DATABASE_URL: databaseUrl })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk))
  const isReady = () => output.includes(`https://local.drizzle.studio?port=${port}`)
  await waitUntil(
    () => isReady() || child.exitCode !== null,
    () => output,
  )
  if (!isReady()) throw new Error(`Studio ended: ${output}`)
  return { process: child, port }
}

/** The request that the page of Studio sends for every look into a table. */
async function ask(sql: string, params: unknown[] = []): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${studio.port}/`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ type: 'proxy', data: { sql, params, method: 'all' } }),
  })
  return response.json()
}

const findByName = (name: string) => ask('SELECT username, firstname FROM users WHERE username = $1', [name])

beforeAll(async () => {
  local = await startLocalDatabase({ demoIterations: 15_000 })
  ;[studio, worker] = await Promise.all([startStudio(local.url), startWorker(local.url)])
})

afterAll(async () => {
  for (const child of started) child.kill('SIGKILL')
  await worker?.close()
  await local?.close()
})

test('Studio shows the rows of a table', async () => {
  expect(await findByName('walter')).toEqual([{ username: 'walter', firstname: 'Walter' }])
})

test('Studio and the Worker use the database at once', async () => {
  const names = times(10, (index) => `studio-${index}`)
  const register = (username: string) =>
    worker.post('/register', {
      username,
      password: 'correct horse',
      firstname: 'Jane',
      lastname: 'Doe',
      email: `${username}@acmefitness.com`,
    })
  const [looks, registrations] = await Promise.all([
    Promise.all(times(30, () => findByName('walter'))),
    Promise.all(names.map(register)),
  ])
  for (const rows of looks) expect(rows).toEqual([{ username: 'walter', firstname: 'Walter' }])
  expect(registrations.map(({ status }) => status)).toEqual(names.map(() => 201))
  const found = names.map((username) => [{ username, firstname: 'Jane' }])
  expect(await Promise.all(names.map(findByName))).toEqual(found)
})

test('psql lists the tables', async () => {
  const listed = await promisify(execFile)('psql', [local.url, '-c', '\\dt']).then(
    ({ stdout }) => stdout,
    async (error) => {
      if (error.code !== 'ENOENT') throw error
      const { rows } = await runOn(local.url, `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`)
      return JSON.stringify(rows)
    },
  )
  expect(listed).toContain('sessions')
  expect(listed).toContain('users')
})

test('Studio is open to this machine alone', async () => {
  const addresses = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  const address = addresses.find(({ internal, family }) => !internal && family === 'IPv4')?.address ?? '127.0.0.2'
  await expect(once(connect(studio.port, address), 'connect')).rejects.toThrow('ECONNREFUSED')
})

test('Studio is never given a database that others can reach, and does not repeat its URL', async () => {
  const child = spawnStudio(await findFreePort(), {
    MIGRATION_DATABASE_URL: 'postgres://owner:canary-3f9c1d@db.example/users',
    DATABASE_URL: local.url,
  })
  const exited = once(child, 'exit')
  const output = await Promise.all([child.stdout, child.stderr].map((stream) => (stream ? text(stream) : '')))
  expect(await exited).toEqual([1, null])
  expect(output.join('')).toContain('Studio is for a database on this machine')
  expect(output.join('')).not.toContain('canary')
})

test('Studio ends on SIGTERM', async () => {
  const { process, port } = await startStudio(local.url)
  const exited = once(process, 'exit')
  process.kill('SIGTERM')
  await exited
  expect(await isOpen(port)).toBe(false)
})
