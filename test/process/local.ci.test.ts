/** The other ways to run the service on your machine: the commands of the pages, with ports and a server of the test. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { isOpen } from '../support/process/container.ts'
import { copyProject, waitUntil } from '../support/process/dev-server.ts'
import { PAGES, readPage } from '../support/process/pages.ts'
import { findFreePort, findPostgres, runOn } from '../support/process/postgres.ts'

const postgres = await findPostgres('`npm run dev` was not tried on a server')

const root = join(import.meta.dirname, '../..')
/** Lists the commands of a page, which are lines of their own or between backticks. */
const commands = PAGES.map(readPage)
  .join('\n')
  .split(/\n *|`/)
const users = { data: ['walter', 'dwight', 'eric', 'han', 'phoebe', 'elaine'].map((username) => ({ username })) }

let project: Awaited<ReturnType<typeof copyProject>>
let port: number
const stops: ((signal: NodeJS.Signals) => Promise<number | null>)[] = []

/** Returns a command, and fails if no page shows it. */
function quote(command: string): string {
  expect(commands).toContain(command)
  return command
}

/** Types a command into a terminal without this machine's settings, and waits for the port that it opens. */
async function start(command: string, opens?: number) {
  const { PATH = '' } = process.env
  const quiet = { WRANGLER_SEND_METRICS: 'false', CLOUDFLARE_CF_FETCH_ENABLED: 'false' }
  const env = { PATH, HOME: project.folder, PORT: String(port), ...quiet }
  // As in a terminal, a signal reaches a whole process group.
  const child = spawn('bash', ['-c', command], { cwd: project.folder, env, detached: true })
  const { pid } = child
  if (pid === undefined) throw new Error('there is no bash')
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  const exited: Promise<number | null> = once(child, 'close').then(([status]) => status)
  const stop = (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-pid, signal)
    return exited
  }
  stops.push(stop)
  await waitUntil(
    async () => opens === undefined || child.exitCode !== null || (await isOpen(opens)),
    () => output,
  )
  if (child.exitCode !== null) throw new Error(`${command} ended: ${output}`)
  return { output: () => output, exited, stop }
}

/** Waits for the first answer: Wrangler's port is open before it can answer, and may drop early calls. */
async function listUsers(): Promise<unknown> {
  let answer: Response | undefined
  const ask = async () => {
    answer = await fetch(`http://localhost:${port}/users`).catch(() => undefined)
    return answer !== undefined
  }
  await waitUntil(ask, () => 'no answer from the Worker')
  return answer?.json()
}

beforeAll(async () => {
  project = await copyProject()
  await cp(join(root, 'container'), join(project.folder, 'container'), { recursive: true })
  port = await findFreePort()
  const databasePort = await findFreePort()
  const url = `postgres://postgres:postgres@localhost:${databasePort}/postgres`
  await writeFile(join(project.folder, '.dev.vars'), `DATABASE_URL=${url}\n`)
  await start(`${quote('npm run db')} -- --db-port ${databasePort}`, databasePort)
})

afterAll(async () => {
  await Promise.all(stops.map((stop) => stop('SIGINT')))
  await project.remove()
  await postgres?.close()
})

test('`npm run db` is the database of `npx wrangler dev` beside it', async () => {
  const worker = await start(`${quote('npx wrangler dev')} --port ${port}`, port)
  expect(await listUsers()).toMatchObject(users)
  await worker.stop('SIGINT')
})

test('`npm run db` is the database of `npm run serve` with the settings of `.dev.vars`', async () => {
  const worker = await start(quote('set -a; . ./.dev.vars; npm run serve'), port)
  expect(await listUsers()).toMatchObject(users)
  await worker.stop('SIGINT')
})

/** Runs `npm run dev` on a server. */
const startOn = async (url: string, opens?: number) => {
  const command = quote('DATABASE_URL=postgres://… npm run dev').replace('postgres://…', url)
  return start(`${command} -- --port ${port} --db-port ${await findFreePort()}`, opens)
}

test.skipIf(!postgres)('`npm run dev` uses a server of this machine', async () => {
  const url = postgres?.url ?? ''
  const server = await startOn(url, port)
  expect(await listUsers()).toMatchObject(users)
  expect((await runOn(url, 'SELECT count(*)::int AS users FROM users')).rows).toEqual([{ users: 6 }])
  expect(await server.stop('SIGTERM')).toBe(0)
  expect(await isOpen(port)).toBe(false)
})

test('`npm run dev` refuses a server elsewhere, and does not repeat its password', async () => {
  const { exited, output } = await startOn('postgres://owner:canary-3f9c1d@db.example/users')
  expect(await exited).toBe(1)
  expect(output()).toContain('db.example, not this machine')
  expect(output()).not.toContain('canary')
})

test('the statement for schedulers deletes the sessions that have expired', async () => {
  const [past, present] = [crypto.randomUUID(), crypto.randomUUID()]
  const url = inject('databaseUrl')
  await runOn(url, `INSERT INTO sessions VALUES ('${past}', 'a', 1, now(), true, now() - interval '1 minute')`)
  await runOn(url, `INSERT INTO sessions VALUES ('${present}', 'a', 1, now(), true, now() + interval '1 minute')`)
  await runOn(url, quote('DELETE FROM sessions WHERE expires_at < now();'))
  const { rows } = await runOn(url, `SELECT sid FROM sessions WHERE sid IN ('${past}', '${present}')`)
  expect(rows).toEqual([{ sid: present }])
})
