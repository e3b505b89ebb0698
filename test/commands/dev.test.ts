/** `npm run dev` as a developer lives with it: started, stopped, killed and started again. */
import { once } from 'node:events'
import { readFile, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isOpen } from '../node/container.ts'
import { copyProject, type DevServer, startDev, waitUntil, waitUntilReady } from '../node/dev-server.ts'
import { runOn } from '../node/postgres.ts'

let project: Awaited<ReturnType<typeof copyProject>>
const started: DevServer[] = []

const start = async (ports?: { port?: number; databasePort?: number }) => {
  const server = await startDev(project.folder, ports)
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

/** The process that npm has started, as it says itself. */
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
})

test('keeps every committed row, however it ends, and leaves nothing running', { timeout: 180_000 }, async () => {
  const first = await waitUntilReady(await start())
  expect(first.output()).toContain('.dev.vars')
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

test('makes token keys that only their owner may read, once [V13.3.1]', async () => {
  const path = join(project.folder, '.dev.vars')
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  const keys = [...(await readFile(path, 'utf8')).matchAll(/^(?:ACCESS|REFRESH)_TOKEN_KEY=([\w-]{43})$/gm)].map(
    (match) => match[1],
  )
  expect(new Set(keys).size).toBe(2)
})
