/** The embedded database is one session for all, and exits at bytes that are no message. No client may spoil it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type LocalDatabase, startLocalDatabase } from '../../local/local-database.ts'
import { toArguments } from '../support/process/command.ts'
import { copyProject, waitUntil } from '../support/process/dev-server.ts'
import { findFreePort } from '../support/process/postgres.ts'
import { times } from '../support/process/times.ts'

// A busy machine may take minutes to make a database.
vi.setConfig({ hookTimeout: 600_000, testTimeout: 600_000 })

let local: LocalDatabase
let port: number

/** Runs a statement as the Worker sends it. */
async function ask(query: string): Promise<unknown> {
  const body = JSON.stringify({ query, params: [] })
  const headers = { 'Neon-Array-Mode': 'true' }
  const response = await fetch(`http://localhost:${port}/sql`, { method: 'POST', body, headers })
  const { rows, message } = (await response.json()) as { rows?: unknown; message?: string }
  if (!rows) throw new Error(message)
  return rows
}

const describeSession = `
  SELECT current_user, session_user, current_setting('search_path'), current_setting('default_transaction_read_only'),
    current_setting('statement_timeout'), current_setting('TimeZone'), current_setting('client_encoding'),
    nullif(current_setting('shop.tenant', true), ''), (SELECT count(*) FROM pg_prepared_statements),
    (SELECT count(*) FROM pg_cursors WHERE is_holdable), (SELECT count(*) FROM pg_listening_channels()),
    (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'),
    (SELECT count(*) FROM pg_class WHERE relpersistence = 't' AND relkind = 'r'), (SELECT count(*) FROM public.users)`

/** Connects a client like psql. Its socket lets it leave like a process that is killed. */
async function visit(): Promise<{ client: pg.Client; socket: Socket }> {
  const socket = new Socket()
  const client = new pg.Client({ connectionString: local.url, stream: () => socket })
  client.on('error', () => {})
  await client.connect()
  return { client, socket }
}

/** Sends bytes, and hangs up if `end` is true. It resolves when the connection is closed. */
function send(bytes: Buffer, end = false): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, 'localhost', () => (end ? socket.end(bytes) : socket.write(bytes)))
    socket
      .on('error', () => {})
      .on('close', () => resolve())
      .resume()
  })
}

const int32 = (...values: number[]) =>
  Buffer.concat(values.map((value) => Buffer.from([value >> 24, value >> 16, value >> 8, value])))
const message = (type: string, body: Buffer) => Buffer.concat([Buffer.from(type), int32(body.length + 4), body])
const startUp = Buffer.concat([int32(17, 196_608), Buffer.from('user\0a\0\0\0', 'latin1')])

/** Makes random bytes by Park and Miller's generator, which are the same in every run. */
function makeNoise(seed: number, length: number): Buffer {
  let state = seed
  const bytes = times(length, () => {
    state = (state * 48_271) % 2_147_483_647
    return state & 0xff
  })
  return Buffer.from(bytes)
}

beforeAll(async () => {
  local = await startLocalDatabase({ demoIterations: 1_000 })
  port = Number(new URL(local.url).port)
  await ask('CREATE SCHEMA elsewhere')
  await ask('CREATE ROLE other')
})

afterAll(() => local?.close())

describe('after a client has left', () => {
  let before: unknown

  beforeEach(async () => {
    before = await ask(describeSession)
  })

  /** Waits for the reset, until which others may be refused. */
  const expectReset = () =>
    waitUntil(
      async () => JSON.stringify(await ask(describeSession).catch(String)) === JSON.stringify(before),
      () => 'the session is another than before',
    )

  describe.each([
    { how: 'in good order', leave: ({ client }: Awaited<ReturnType<typeof visit>>) => client.end() },
    { how: 'killed', leave: async ({ socket }: Awaited<ReturnType<typeof visit>>) => void socket.resetAndDestroy() },
  ])('$how, the session is as before:', ({ leave }) => {
    test.each([
      'SET search_path = elsewhere',
      'SET ROLE other',
      'SET SESSION AUTHORIZATION other',
      'SET SESSION AUTHORIZATION other; SET ROLE other',
      'SET default_transaction_read_only = on',
      'SET statement_timeout = 1',
      "SET TIME ZONE 'Asia/Tokyo'",
      "SET client_encoding = 'LATIN1'",
      "SET shop.tenant = 'a'",
      'CREATE TEMPORARY TABLE users (id int)',
      'LISTEN channel',
      'PREPARE statement AS SELECT 1',
      'DECLARE held CURSOR WITH HOLD FOR SELECT 1',
      'SELECT pg_advisory_lock(1)',
    ])('%s', async (statement) => {
      const visitor = await visit()
      await visitor.client.query(statement)
      await leave(visitor)
      await expectReset()
    })

    test.each([
      'BEGIN; DELETE FROM public.users',
      'BEGIN; SET LOCAL ROLE other; SET search_path = elsewhere',
      'BEGIN; LOCK TABLE public.users; SAVEPOINT one',
      'BEGIN; SELECT 1/0',
    ])('%s', async (statement) => {
      const visitor = await visit()
      await visitor.client.query(statement).catch(() => {})
      await leave(visitor)
      await expectReset()
    })
  })

  test.each(['SELECT nothing FROM nowhere', 'SET search_path = elsewhere'])(
    'who is killed between Parse and Sync, the next one is answered: %s',
    async (sql) => {
      const parse = message('P', Buffer.from(`\0${sql}\0\0\0`, 'latin1'))
      const execute = Buffer.concat([
        message('B', Buffer.alloc(8)),
        message('E', Buffer.alloc(5)),
        message('H', Buffer.alloc(0)),
      ])
      await send(Buffer.concat([startUp, parse, execute]), true)
      await expectReset()
    },
  )

  test('the clients that are still there go on', async () => {
    const { client } = await visit()
    const visitor = await visit()
    await visitor.client.query('SET search_path = elsewhere')
    await visitor.client.end()
    await expectReset()
    expect((await client.query('SELECT username FROM users LIMIT 1')).rowCount).toBe(1)
    await client.end()
  })
})

describe('garbage ends only its own connection:', () => {
  const noise = times(20, (index) => ({
    what: `noise ${index + 1}`,
    bytes: Buffer.concat([Buffer.from([0]), makeNoise(index + 1, 3000)]),
  }))
  const framed = times(20, (index) => {
    const seed = index + 100
    const messages = [...'PBDEHCFQX'].map((type) => message(type, makeNoise(seed + type.charCodeAt(0), seed)))
    return {
      what: `noise in messages ${index + 1}`,
      bytes: Buffer.concat([startUp, ...messages, message('z', Buffer.alloc(0))]),
    }
  })

  test.each([
    { what: 'a length of 0', bytes: int32(0, 196_608) },
    { what: 'a length of 7', bytes: int32(7, 196_608) },
    { what: 'a huge length', bytes: int32(0x00ff_ffff, 196_608) },
    { what: 'an old protocol', bytes: int32(8, 131_072) },
    { what: 'a protocol to come', bytes: int32(8, 262_144) },
    { what: 'a request to cancel', bytes: int32(16, 80_877_102, 1, 2) },
    { what: 'a start-up without an end', bytes: Buffer.concat([int32(12, 196_608), Buffer.from('user')]), end: true },
    {
      what: 'a strange parameter',
      bytes: Buffer.concat([int32(24, 196_608), Buffer.from('replication\0zz\0\0')]),
      end: true,
    },
    { what: 'half a start-up', bytes: startUp.subarray(0, 12), end: true },
    { what: 'half a length', bytes: Buffer.from([0, 0]), end: true },
    { what: 'a start-up and a negative length', bytes: Buffer.concat([startUp, Buffer.from('Q'), int32(-1)]) },
    { what: 'a start-up and a length of 3', bytes: Buffer.concat([startUp, Buffer.from('Q'), int32(3)]) },
    { what: 'a start-up and a huge length', bytes: Buffer.concat([startUp, Buffer.from('Q'), int32(0x7fff_ffff)]) },
    { what: 'a start-up and an unknown message', bytes: Buffer.concat([startUp, message('z', Buffer.from('a'))]) },
    { what: 'a password that nobody asked for', bytes: Buffer.concat([startUp, message('p', Buffer.from('a\0'))]) },
    { what: 'data that nobody asked for', bytes: Buffer.concat([startUp, message('d', Buffer.from('a'))]) },
    { what: 'a second start-up', bytes: Buffer.concat([startUp, startUp]) },
    {
      what: 'half a message',
      bytes: Buffer.concat([startUp, Buffer.from('Q'), int32(100), Buffer.from('SELECT')]),
      end: true,
    },
    {
      what: 'a query without an end',
      bytes: Buffer.concat([startUp, message('Q', Buffer.from('SELECT 1'))]),
      end: true,
    },
    { what: 'HTTP that is none', bytes: Buffer.from('BREW /pot COFFEE\r\n\r\n') },
    { what: 'bytes of neither protocol', bytes: Buffer.from([0xff, 0xfe, 0xfd]) },
    { what: 'the hello of TLS', bytes: Buffer.from('160301020001000100', 'hex') },
    ...noise,
    ...framed,
  ])('$what', async ({ bytes, end = false }: { bytes: Buffer; end?: boolean }) => {
    const { client } = await visit()
    await send(bytes, end)
    expect(await ask('SELECT 1')).toEqual([['1']])
    expect((await client.query('SELECT 2 AS two')).rows).toEqual([{ two: 2 }])
    await client.end()
  })

  test('half a start-up, and then nothing', async () => {
    await send(startUp.subarray(0, 12))
    expect(await ask('SELECT 1')).toEqual([['1']])
  })
})

test.each([
  ['TLS', 80_877_103],
  ['encryption by GSSAPI', 80_877_104],
])('a client that asks for %s is told that there is none, and goes on', async (_, code) => {
  const socket = connect(port, 'localhost')
  let answer = ''
  socket.on('data', (chunk) => (answer += chunk.toString('latin1')))
  socket.write(int32(8, code))
  await waitUntil(
    () => answer === 'N',
    () => answer,
  )
  socket.write(Buffer.concat([startUp, message('Q', Buffer.from("SELECT 'here'\0"))]))
  await waitUntil(
    () => answer.includes('here'),
    () => answer,
  )
  socket.destroy()
})

test('COPY FROM STDIN, at which PGlite exits, is an error like any other', async () => {
  const { client } = await visit()
  await client.query('CREATE TABLE notes (note text)')
  await expect(client.query('COPY notes FROM STDIN')).rejects.toThrow('the embedded database has only INSERT')
  await expect(client.query('copy notes (note) from stdin with (format csv)')).rejects.toThrow('has only INSERT')
  expect(await ask('SELECT 1')).toEqual([['1']])
  await client.end()
})

test('a PGlite that exits ends its command too, which says so', async () => {
  const project = await copyProject()
  const databasePort = await findFreePort()
  const command = [...toArguments('local/database.ts', project.folder), '--db-port', String(databasePort)]
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'] })
  const [exited, errors] = [once(child, 'exit'), text(child.stderr)]
  const output = child.stdout.setEncoding('utf8')
  for await (const chunk of output.iterator({ destroyOnReturn: false })) if (chunk.includes('Ctrl-C')) break
  const client = new pg.Client(`postgres://postgres:postgres@localhost:${databasePort}/postgres`)
  client.on('error', () => {})
  await client.connect()
  await expect(client.query('COPY users /* ; */ FROM STDIN')).rejects.toThrow()
  expect(await exited).toEqual([1, null])
  expect(await errors).toBe('The embedded database has ended by itself: start it again. What was committed is kept\n')
  await project.remove()
})
