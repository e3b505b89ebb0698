/** `npm run dev`, started, stopped, killed and started again as developers do it. */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isOpen } from '../support/process/container.ts'
import {
  copyProject,
  type DevOptions,
  type DevServer,
  startDev,
  waitUntil,
  waitUntilReady,
} from '../support/process/dev-server.ts'
import { findPostgres, runOn } from '../support/process/postgres.ts'

const postgres = await findPostgres('No server of one’s own was tried')

let project: Awaited<ReturnType<typeof copyProject>>
const started: DevServer[] = []

const start = async (options?: DevOptions) => {
  const server = await startDev(project.folder, options)
  started.push(server)
  return server
}

const listUsernames = async ({ url }: DevServer) => {
  const { data } = (await (await fetch(`${url}/users`)).json()) as { data: { username: string }[] }
  return data.map(({ username }) => username)
}

const register = async ({ url }: DevServer, username: string) => {
  const body = {
    username,
    password: 'correct horse',
    firstname: 'J',
    lastname: 'D',
    email: `${username}@acmefitness.com`,
  }
  const headers = { 'Content-Type': 'application/json' }
  const { status } = await fetch(`${url}/register`, { method: 'POST', headers, body: JSON.stringify(body) })
  expect(status).toBe(201)
}

/** Finds the process that npm has started, by the file in which it names itself. */
const findHolder = async () => {
  const [, holder] = /^process (\d+) /.exec(await readFile(join(project.folder, '.data/owner'), 'utf8')) ?? []
  return Number(holder)
}

const expectPortsFree = async ({ port, databasePort }: DevServer) => {
  const free = async () => !(await isOpen(port)) && !(await isOpen(databasePort))
  await waitUntil(free, () => `ports ${port} and ${databasePort} are still open`)
}

beforeAll(async () => {
  project = await copyProject()
})

afterAll(async () => {
  for (const { process } of started) process.kill('SIGTERM')
  await Promise.all(started.map(({ exited }) => exited))
  await project.remove()
  await postgres?.close()
})

test('may end while it makes the database, and leaves no half of it', async () => {
  const server = await start()
  await waitUntil(() => server.output().includes('Creating the database'), server.output)
  server.process.kill('SIGINT')
  expect(await server.exited).toBe(0)
  expect(server.output()).toContain('.dev.vars')
  // The next test begins with what this one leaves.
  expect(existsSync(join(project.folder, '.data/pglite/unfinished'))).toBe(true)
  await expectPortsFree(server)
})

test('keeps every committed row, however it ends, and leaves nothing running', async () => {
  const first = await waitUntilReady(await start())
  expect(await listUsernames(first)).toEqual(['walter', 'dwight', 'eric', 'han', 'phoebe', 'elaine'])
  await register(first, 'before-ctrl-c')
  first.process.kill('SIGINT')
  expect(await first.exited).toBe(0)
  await expectPortsFree(first)

  const second = await waitUntilReady(await start())
  expect(await listUsernames(second)).toContain('before-ctrl-c')
  await register(second, 'before-kill')
  process.kill(await findHolder(), 'SIGKILL')
  await expectPortsFree(second)

  const third = await waitUntilReady(await start())
  expect(await listUsernames(third)).toEqual(expect.arrayContaining(['before-ctrl-c', 'before-kill']))

  const rival = await start()
  expect(await rival.exited).toBe(1)
  expect(rival.output()).toContain(`process ${await findHolder()} (${third.url})`)
  expect(await listUsernames(third)).toContain('before-kill')

  const url = `postgres://postgres:postgres@localhost:${third.databasePort}/postgres`
  expect((await runOn(url, 'SELECT count(*)::int AS users FROM users')).rows).toEqual([{ users: 8 }])
  // npm cannot pass this on.
  third.process.kill('SIGKILL')
  await expectPortsFree(third)
})

test.each(['port', 'databasePort'] as const)(
  'names a taken %s and the flag for another, and leaves nothing running',
  async (name) => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const address = taken.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const server = await start({ [name]: port })
    expect(await server.exited).toBe(1)
    expect(server.output()).toContain(`Port ${port} is taken`)
    expect(server.output()).toContain(name === 'port' ? '--port' : '--db-port')
    taken.close()
    await expectPortsFree(server)
  },
)

test('names every taken port at once', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const { exited, output } = await start({ port, databasePort: port })
  expect(await exited).toBe(1)
  expect(output()).toContain(`Port ${port} is taken: choose another with --port`)
  expect(output()).toContain(`Port ${port} is taken: choose another with --db-port`)
  server.close()
})

test('refuses a setting in .dev.vars by name before it starts the Worker, as the Worker would', async () => {
  const path = join(project.folder, '.dev.vars')
  const before = await readFile(path, 'utf8')
  await writeFile(path, `${before}CORS_ORIGINS=canary\n`)
  const { exited, output } = await start()
  expect(await exited).toBe(1)
  expect(output()).toContain('CORS_ORIGINS has something else than an origin as number 1')
  expect(output()).not.toMatch(/canary|^\s+at |runs at/m)
  await writeFile(path, before)
})

test.each([
  [['--port'], "Option '--port <value>' argument missing"],
  [['--verbose'], "Unknown option '--verbose'"],
  [['hardened'], "Unexpected argument 'hardened'"],
])('refuses the arguments %j in one line', async (flags, message) => {
  const { exited, output } = await start({ flags })
  expect(await exited).toBe(1)
  expect(output()).toContain(message)
})

test('runs a profile with limits that count, and passes the rest to wrangler dev', async () => {
  const flags = ['--env', 'hardened', '--limits', '--ip', '127.0.0.1', '--', '--log-level', 'info']
  const server = await waitUntilReady(await start({ flags }))
  const url = `http://127.0.0.1:${server.port}`
  expect((await fetch(`${url}/users`)).status).toBe(401)
  const headers = { 'Content-Type': 'application/json' }
  const logIn = () => fetch(`${url}/login`, { method: 'POST', headers, body: '{"username":"walter","password":"x"}' })
  const statuses = await Promise.all(Array.from({ length: 24 }, async () => (await logIn()).status))
  expect(statuses).toContain(429)
  server.process.kill('SIGINT')
  expect(await server.exited).toBe(0)
})

describe('without flags', () => {
  let server: DevServer

  beforeAll(async () => {
    server = await waitUntilReady(await start())
  })

  const send = (method: string, path: string, body: object) =>
    fetch(server.url + path, { method, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })

  test('counts nothing, however many log in from one address', async () => {
    const statuses = new Set<number>()
    for (let tries = 0; tries < 25; tries++) {
      statuses.add((await send('POST', '/login', { username: 'walter', password: 'x' })).status)
    }
    expect([...statuses]).toEqual([401])
  })

  test('logs a request once, and a failure with the names of the functions', async () => {
    const url = `postgres://postgres:postgres@localhost:${server.databasePort}/postgres`
    await runOn(url, 'ALTER TABLE users RENAME TO elsewhere')
    expect((await fetch(`${server.url}/users/${randomUUID()}`)).status).toBe(503)
    await runOn(url, 'ALTER TABLE elsewhere RENAME TO users')
    await fetch(`${server.url}/nowhere`)
    await fetch(`${server.url}/health`)
    await waitUntil(() => server.output().includes('"route":"/health"'), server.output)
    expect(server.output()).toMatch(/"event":"failure".*at async findUser /)
    expect(server.output().match(/\b404\b/g)).toHaveLength(1)
  })

  test('shows each message whole, so that its link can be followed', async () => {
    expect((await send('POST', '/password-reset', { email: 'walter@acmefitness.com' })).status).toBe(202)
    const link = new RegExp(`^http://localhost:${server.port}/docs#password-reset=(\\S+)$`, 'm')
    await waitUntil(() => link.test(server.output()), server.output)
    expect(server.output()).toMatch(/^To: walter@acmefitness\.com\nSubject: Choose a new password$/m)
    const [, token] = link.exec(server.output()) ?? []
    expect((await send('PUT', '/password-reset', { token, new_password: 'a forgotten horse' })).status).toBe(200)
  })
})

test.skipIf(!postgres)('serves a server of your own twice at once, whose URL may leave parts out', async () => {
  const { host, username, password, pathname } = new URL(postgres?.url ?? '')
  const [name, port] = host.split(':')
  const urls = [
    `postgres://${host}${pathname}?user=${username}&password=${password}`,
    `postgresql:///${pathname.slice(1)}?host=${name}&port=${port}&user=${username}&password=${password}`,
  ]
  const servers = await Promise.all(urls.map(async (databaseUrl) => waitUntilReady(await start({ databaseUrl }))))
  for (const server of servers) {
    expect(await listUsernames(server)).toContain('walter')
    server.process.kill('SIGINT')
    expect(await server.exited).toBe(0)
  }
})

test('makes token keys that only their owner may read, once [V13.3.1]', async () => {
  const path = join(project.folder, '.dev.vars')
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  const keys = [...(await readFile(path, 'utf8')).matchAll(/^(?:ACCESS|REFRESH)_TOKEN_KEY=([\w-]{43})$/gm)].map(
    (match) => match[1],
  )
  expect(new Set(keys).size).toBe(2)
})
