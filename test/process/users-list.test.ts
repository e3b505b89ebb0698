/** `GET /users` for more users than one page holds. `npm run test:large` runs it with a million of them. */
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { type LocalDatabase, startLocalDatabase } from '../../local/local-database.ts'
import { type Container, startContainer } from '../support/process/container.ts'
import { waitUntil } from '../support/process/dev-server.ts'
import { type Fault, startFaultyProxy } from '../support/process/faulty-proxy.ts'
import { findPostgres, runOn } from '../support/process/postgres.ts'
import { makeKeys } from '../support/process/service.ts'

const app = inject('app')

const USERS = Number(process.env.USERS ?? 32_345)
const PAGE = 5_000

const postgres = await findPostgres('No long list was tested')

describe.skipIf(!postgres)(`with ${USERS} users`, () => {
  let local: LocalDatabase
  let proxy: Awaited<ReturnType<typeof startFaultyProxy>>
  let worker: Container
  let statements = 0
  /** The fault of the nth statement, counted from 1. */
  let choose: (nth: number) => Fault | null | Promise<null> = () => null

  beforeAll(async () => {
    const url = postgres?.url ?? ''
    local = await startLocalDatabase({ databaseUrl: url })
    await runOn(
      url,
      `INSERT INTO users (id, username, email, firstname, lastname, password_hash)
       SELECT lpad(to_hex(n), 24, '0'), 'user-' || n, 'user-' || n || '@acmefitness.com', 'Jane', 'Doe', 'x'
       FROM generate_series(1, ${USERS}) n`,
    )
    proxy = await startFaultyProxy(local.url, () => choose(++statements))
    worker = await startContainer(app, {
      DATABASE_URL: proxy.url,
      ...makeKeys(),
    })
  })

  afterAll(async () => {
    worker.process.kill()
    await proxy.close()
    await local.close()
    await postgres?.close()
  })

  beforeEach(() => {
    statements = 0
    choose = () => null
  })

  const request = (query = '', init?: RequestInit) => fetch(`http://127.0.0.1:${worker.port}/users${query}`, init)

  /** Waits until the request of that id is logged, and returns how it ended. */
  async function findOutcome(id: string): Promise<string> {
    const find = () =>
      worker
        .output()
        .split('\n')
        .find((line) => line.includes(id) && line.includes('"event":"request"'))
    await waitUntil(() => find() !== undefined, worker.output)
    return JSON.parse(find() ?? '').outcome
  }

  /** Reads the most memory that workerd has used so far, in MiB; null where the system does not say. */
  async function readPeakMemory(): Promise<number | null> {
    const status = await readFile(`/proc/${worker.process.pid}/status`, 'utf8').catch(() => '')
    const [, kibibytes] = /VmHWM:\s+(\d+) kB/.exec(status) ?? []
    return kibibytes ? Number(kibibytes) / 1024 : null
  }

  test('the whole list has every id once, in order, with one statement a page and flat memory [V15.2.2]', async () => {
    await (await request()).text()
    const before = await readPeakMemory()
    statements = 0
    const start = performance.now()
    const body = await (await request()).text()
    const seconds = (performance.now() - start) / 1000
    const { data } = JSON.parse(body) as { data: { id: string }[] }
    const ids = data.map(({ id }) => id)
    expect(ids).toHaveLength(USERS)
    expect(ids).toEqual([...new Set(ids)].sort())
    expect(statements).toBe(Math.floor(USERS / PAGE) + 1)
    const after = await readPeakMemory()
    console.log(
      `${USERS} users, ${(body.length / 2 ** 20).toFixed(1)} MiB in ${seconds.toFixed(1)} s, ` +
        `${statements} statements, workerd's peak ${before?.toFixed(0)} -> ${after?.toFixed(0)} MiB`,
    )
    if (before && after) expect(after - before).toBeLessThan(64)
  })

  test('pages have every id once, and say how to go on', async () => {
    const ids: string[] = []
    for (let query = '?limit=4999'; query; ) {
      const { data, next } = (await (await request(query)).json()) as { data: { id: string }[]; next: string | null }
      ids.push(...data.map(({ id }) => id))
      query = next ? `?limit=4999&after=${next}` : ''
    }
    expect(ids).toHaveLength(USERS)
    expect(new Set(ids).size).toBe(USERS)
  })

  test('a first page that fails is a 503 [V16.5.2]', async () => {
    choose = () => 'status 500'
    const response = await request()
    expect([response.status, await response.text()]).toEqual([
      503,
      '{"message":"Service unavailable. Try again later","status":503}',
    ])
  })

  test('a later page that fails breaks the response off, so that it never looks complete [V16.5.2]', async () => {
    choose = (nth) => (nth > 2 ? 'status 500' : null)
    const response = await request('', { headers: { 'X-Request-Id': 'broken-list' } })
    expect(response.status).toBe(200)
    let received = ''
    const reading = (async () => {
      for await (const chunk of response.body ?? []) received += Buffer.from(chunk).toString()
    })()
    await expect(reading).rejects.toThrow()
    expect(received.startsWith('{"data":[')).toBe(true)
    expect(() => JSON.parse(received)).toThrow()
    expect(await findOutcome('broken-list')).toBe('list_broken')
    const [, cause] = /"event":"list_broken","request":"broken-list","cause":"([^"]*)/.exec(worker.output()) ?? []
    expect(cause).toMatch(/^StoreUnavailable: status 500: broken/)
  })

  test('a list that was read to its end is logged as such, and so is one that nobody reads', async () => {
    await (await request('', { headers: { 'X-Request-Id': 'whole-list' } })).text()
    expect(await findOutcome('whole-list')).toBe('ok')
    await request('', { method: 'HEAD', headers: { 'X-Request-Id': 'head-of-list' } })
    expect(await findOutcome('head-of-list')).toBe('ok')
  })

  test('a client that goes away stops the reading of pages, and is logged as gone [V15.2.2]', async () => {
    const gate = Promise.withResolvers<null>()
    choose = (nth) => (nth > 2 ? gate.promise : null)
    const aborter = new AbortController()
    const response = await request('', { signal: aborter.signal, headers: { 'X-Request-Id': 'gone-client' } })
    await response.body?.getReader().read()
    aborter.abort()
    // Only the page that was asked for before is still read.
    gate.resolve(null)
    expect(await findOutcome('gone-client')).toBe('client_gone')
    expect((await request('?limit=1')).status).toBe(200)
    expect(statements).toBeLessThan(Math.floor(USERS / PAGE))
  })
})
