/** A password goes only to the server that it is meant for. `0.0.0.0` is this machine, but counts as another host. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startLocalDatabase } from '../../local/local-database.ts'
import { connect } from '../../ops/connection.ts'
import { readConnectionString } from '../../ops/connection-string.ts'
import { createAuthority } from '../support/process/certificates.ts'
import { runCommand } from '../support/process/command.ts'
import { startImpostor } from '../support/process/impostor.ts'
import { findLonePostgres, runOn } from '../support/process/postgres.ts'

const CANARY = 'canary-3f9c1d'
const HOST = '0.0.0.0'

const authority = await createAuthority()
const stranger = await createAuthority()
const postgres = await findLonePostgres('No server with TLS was tried', await authority.issue(HOST))

afterAll(async () => {
  await postgres?.close()
  await authority.remove()
  await stranger.remove()
})

/** Connects, asks something, and leaves. */
async function visit(url: string) {
  const client = await connect(readConnectionString('DATABASE_URL', url))
  try {
    const { rows } = await client.query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()')
    return rows
  } finally {
    await client.end()
  }
}

describe.each([
  { what: 'has no TLS', choose: async () => null, reason: 'has no TLS, so no password was sent' },
  {
    what: 'has a certificate for another name',
    choose: () => authority.issue('db.example'),
    reason: 'has another name',
  },
  { what: 'has a certificate of an unknown authority', choose: () => stranger.issue(HOST), reason: 'is not trusted' },
])('a server that $what', ({ choose, reason }) => {
  let impostor: Awaited<ReturnType<typeof startImpostor>>
  const address = (query: string) => `postgres://owner:${CANARY}@${HOST}:${impostor.port}/x?${query}`

  beforeAll(async () => {
    impostor = await startImpostor(await choose())
  })

  afterAll(() => impostor.close())

  test.each([
    '',
    'sslmode=prefer',
    'sslmode=require',
    'sslmode=verify-ca',
    'uselibpqcompat=true&sslmode=require',
    'uselibpqcompat=true&sslmode=verify-ca',
    'channel_binding=require&sslmode=require',
    'sslnegotiation=postgres',
  ])('is sent no password with %j [V12.3.1] [V12.3.2]', async (query) => {
    const url = address(`${query}&sslrootcert=${authority.ca}`)
    await expect(visit(url)).rejects.toThrow(reason)
    expect(impostor.heard()).toBe('')
  })

  test('is sent the password by a client that was told not to check', async () => {
    await expect(visit(address('sslmode=disable'))).rejects.toThrow('broke the connection off')
    expect(impostor.heard()).toContain(CANARY)
  })
})

describe.skipIf(!postgres)('the right server', () => {
  const { port, username, password } = new URL(postgres?.url ?? 'postgres://x')
  const address = (host: string, query: string) =>
    `postgres://${username}:${password}@${host}:${port}/postgres?${query}`
  const withCa = `sslrootcert=${authority.ca}`

  test.each([
    withCa,
    `sslmode=require&${withCa}`,
    `uselibpqcompat=true&sslmode=require&${withCa}`,
    `sslmode=verify-full&channel_binding=require&${withCa}`,
    `sslnegotiation=direct&${withCa}`,
    'sslmode=no-verify',
  ])('is reached through TLS with %j', async (query) => {
    expect(await visit(address(HOST, query))).toEqual([{ ssl: true }])
  })

  test('is reached without TLS where that was asked for, and on this machine', async () => {
    expect(await visit(address(HOST, 'sslmode=disable'))).toEqual([{ ssl: false }])
    expect(await visit(address('localhost', ''))).toEqual([{ ssl: false }])
  })

  test('is reached through its Unix socket, and so is the local database on it', async () => {
    const [{ unix_socket_directories: folder = '' } = {}] = (
      await runOn(address('localhost', ''), 'SHOW unix_socket_directories')
    ).rows
    const url = `postgres://${username}:${password}@/postgres?host=${folder}&port=${port}`
    expect(await visit(url)).toEqual([{ ssl: false }])
    const local = await startLocalDatabase({ databaseUrl: url, demoIterations: 1_000 })
    expect((await runOn(local.url, 'SELECT count(*)::int AS users FROM users')).rows).toEqual([{ users: 6 }])
    await local.close()
  })

  test('is refused under a name that its certificate lacks, on this machine too', async () => {
    await expect(visit(address('localhost', `sslmode=require&${withCa}`))).rejects.toThrow('has another name')
  })

  test.each([
    { what: 'trusts', ca: authority.ca, expected: { status: 0, errors: '' } },
    {
      what: 'does not trust',
      ca: stranger.ca,
      expected: { status: 1, errors: expect.stringContaining('is not trusted') },
    },
  ])('sslrootcert=system takes an authority that the machine $what', async ({ ca, expected }) => {
    const env = { SSL_CERT_FILE: ca, MIGRATION_DATABASE_URL: address(HOST, 'sslrootcert=system') }
    const { status, errors } = await runCommand('ops/migrate.ts', [], { env })
    expect({ status, errors }).toEqual(expected)
  })

  test('a wrong password and a missing one are said in one sentence', async () => {
    const as = (secret: string) => address(HOST, withCa).replace(password, secret)
    await expect(visit(as(CANARY))).rejects.toThrow(
      /password authentication failed for user "postgres": check the password$/,
    )
    await expect(visit(as(''))).rejects.toThrow('asks for a password: put it into the connection string')
  })
})
