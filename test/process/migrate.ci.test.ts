/** `npm run db:migrate` on a real server: it makes tables, leaves others alone, and refuses in one sentence. */
import { once } from 'node:events'
import { appendFile, readFile, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import pg from 'pg'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import journal from '../../migrations/meta/_journal.json' with { type: 'json' }
import { callCommand, expectRefusal, runCommand } from '../support/process/command.ts'
import { copyProject } from '../support/process/dev-server.ts'
import { findFreePort, findPostgres, runOn } from '../support/process/postgres.ts'
import { times } from '../support/process/times.ts'

const postgres = await findPostgres('Only refusals before the database were tested')

const CANARY = 'canary-3f9c1d'
const tags = journal.entries.map(({ tag }) => tag)
const APPLIED = `Migrated: ${tags.join(', ')}\n`
const NOTHING = 'Migrated: nothing to do\n'

const ours = readMigrationFiles({ migrationsFolder: join(import.meta.dirname, '../../migrations') })

/** Drizzle's default journal, which every application uses that does not name another. */
const shared =
  'CREATE SCHEMA drizzle; CREATE TABLE drizzle.__drizzle_migrations (id serial, hash text, created_at bigint);'

const project = await copyProject()
const databases: string[] = []
const roles: string[] = []

afterAll(async () => {
  for (const name of databases) await runOn(postgres?.url ?? '', `DROP DATABASE ${name} WITH (FORCE)`)
  for (const name of roles) await runOn(postgres?.url ?? '', `DROP ROLE ${name}`)
  await postgres?.close()
  await project.remove()
})

/** Runs the command without this machine's settings, except the path and those given. */
function migrate(env: Record<string, string>, folder = project.folder, run = callCommand) {
  return run('ops/migrate.ts', [], { env, folder })
}

const migrateUrl = (url: string, folder?: string) => migrate({ MIGRATION_DATABASE_URL: url }, folder)
const migrateAsProcess = (url: string) => migrate({ MIGRATION_DATABASE_URL: url }, project.folder, runCommand)

test('prints its usage, with what it asks of TLS', async () => {
  const { output } = await callCommand('ops/migrate.ts', ['--help'])
  expect(output).toContain('MIGRATION_DATABASE_URL')
  expect(output).toContain('sslmode=disable or sslmode=no-verify')
})

describe('refuses in one sentence', () => {
  test('a file that is not where the command was called from', async () => {
    const [cwd, env] = [
      tmpdir(),
      { MIGRATION_DATABASE_URL: `postgres://owner:${CANARY}@db.example/x?sslrootcert=ca.pem` },
    ]
    await expectRefusal(`cannot be read: ${join(cwd, 'ca.pem')}`, runCommand('ops/migrate.ts', [], { env, cwd }))
  })

  test('to start without a database', async () => {
    const { status, errors } = await migrate({})
    expect({ status, errors }).toEqual({
      status: 1,
      errors: expect.stringContaining('MIGRATION_DATABASE_URL is missing'),
    })
  })

  test('a server that is not there', async () => {
    const port = await findFreePort()
    await expectRefusal(
      `nobody listens at localhost:${port}`,
      migrateUrl(`postgres://owner:${CANARY}@localhost:${port}/x?sslmode=prefer`),
    )
  })

  test('an unknown host', () =>
    expectRefusal(
      'no address is known for db.invalid',
      migrateUrl(`postgres://owner:${CANARY}@db.invalid/x?sslmode=require`),
    ))

  test('a Unix socket that is not there', () =>
    expectRefusal('nobody listens at /nowhere', migrateUrl(`postgres://owner:${CANARY}@/x?host=/nowhere`)))

  test('a server that hangs up', async () => {
    const server = createServer((socket) => socket.on('error', () => {}).destroy()).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    await expectRefusal('broke the connection off', migrateUrl(`postgres://owner:${CANARY}@127.0.0.1:${port}/x`))
    server.close()
  })

  test.skipIf(!postgres).each(['0001_sessions.sql', 'meta/_journal.json', 'meta'])(
    'migrations without %s',
    async (path) => {
      const broken = await copyProject()
      await rm(join(broken.folder, 'migrations', path), { recursive: true })
      await expectRefusal('The folder migrations is not complete', migrateUrl(postgres?.url ?? '', broken.folder))
      await broken.remove()
    },
  )
})

describe.skipIf(!postgres)('on a server', () => {
  let url: string

  const query = async <Row extends pg.QueryResultRow>(sql: string): Promise<Row[]> => (await runOn(url, sql)).rows
  const findHashes = async (table: string) =>
    (await query<{ hash: string }>(`SELECT hash FROM ${table} ORDER BY created_at`)).map(({ hash }) => hash)
  const findTables = async () =>
    (
      await query<{ name: string }>("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    ).map(({ name }) => name)

  /** A database as only this test has it. */
  beforeEach(async () => {
    const name = `migrate_${databases.length}`
    databases.push(name)
    await runOn(postgres?.url ?? '', `CREATE DATABASE ${name}`)
    url = Object.assign(new URL(postgres?.url ?? ''), { pathname: name }).href
  })

  /** A role of this test's, by its URL: it may create schemas and tables. */
  const createMigrator = async () => {
    const role = `migrator_${databases.length}`
    roles.push(role)
    await query(`CREATE ROLE ${role} LOGIN PASSWORD 'secret'; GRANT CREATE ON SCHEMA public TO ${role};
      GRANT CREATE ON DATABASE ${databases.at(-1)} TO ${role}`)
    return { role, url: asRole(role, 'secret') }
  }
  const asRole = (username: string, password: string) => Object.assign(new URL(url), { username, password }).href

  test('makes the tables, then has nothing to do', async () => {
    expect(await migrateAsProcess(url)).toEqual({ status: 0, output: APPLIED, errors: '' })
    expect(await findTables()).toEqual(['sessions', 'users'])
    expect(await migrateAsProcess(url)).toEqual({ status: 0, output: NOTHING, errors: '' })
  })

  test('prints no warning for the words that Neon and libpq use', async () => {
    const words = 'sslmode=prefer&channel_binding=require&uselibpqcompat=true'
    expect(await migrateAsProcess(`${url}?${words}`)).toEqual({ status: 0, output: APPLIED, errors: '' })
  })

  test('takes DATABASE_URL where there is no other', async () => {
    expect(await migrate({ DATABASE_URL: url })).toEqual({ status: 0, output: APPLIED, errors: '' })
  })

  test('two runs at once do not disturb each other', async () => {
    const results = await Promise.all(times(3, () => migrateAsProcess(url)))
    expect(results.map(({ output }) => output).sort()).toEqual([APPLIED, NOTHING, NOTHING])
    expect(await findHashes('acme_user.migrations')).toEqual(ours.map(({ hash }) => hash))
  })

  test('ignores any search_path', async () => {
    await query('CREATE SCHEMA elsewhere')
    const astray = `${url}?options=${encodeURIComponent('-c search_path=elsewhere')}`
    expect(await migrateUrl(astray)).toMatchObject({ status: 0, output: APPLIED })
    expect(await findTables()).toEqual(['sessions', 'users'])
    expect(await migrateUrl(astray)).toMatchObject({ status: 0, output: NOTHING })
  })

  describe('beside another application of Drizzle', () => {
    test.each([1, Date.now() + 1e12])('makes its tables where the other migrated at %d', async (time) => {
      await query(`${shared} INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES ('theirs', ${time})`)
      expect(await migrateUrl(url)).toEqual({ status: 0, output: APPLIED, errors: '' })
      expect(await findTables()).toEqual(['sessions', 'users'])
      expect(await findHashes('drizzle.__drizzle_migrations')).toEqual(['theirs'])
    })

    test('moves its own entries out of the shared journal, and no others', async () => {
      expect(await migrateUrl(url)).toMatchObject({ output: APPLIED })
      await query(`DROP SCHEMA acme_user CASCADE; ${shared}`)
      for (const { hash, folderMillis } of [...ours, { hash: 'theirs', folderMillis: ours[0]?.folderMillis }]) {
        await query(`INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES ('${hash}', ${folderMillis})`)
      }
      expect(await migrateUrl(url)).toEqual({ status: 0, output: NOTHING, errors: '' })
      expect(await findHashes('acme_user.migrations')).toEqual(ours.map(({ hash }) => hash))
      expect(await findHashes('drizzle.__drizzle_migrations')).toEqual(['theirs'])
    })

    test('applies what the shared journal does not have', async () => {
      const [first] = ours
      await query(`${shared} ${first?.sql.join(';')}`)
      await query(
        `INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES ('${first?.hash}', ${first?.folderMillis}), ('theirs', 9e15)`,
      )
      expect(await migrateUrl(url)).toEqual({
        status: 0,
        output: `Migrated: ${tags.slice(1).join(', ')}\n`,
        errors: '',
      })
      expect(await findTables()).toEqual(['sessions', 'users'])
    })

    test('leaves alone a journal that it may not change', async () => {
      await query(shared)
      expect(await migrateUrl((await createMigrator()).url)).toEqual({ status: 0, output: APPLIED, errors: '' })
    })
  })

  describe('looks at the tables themselves', () => {
    test('refuses a table of the same name that is not ours, and does not touch it', async () => {
      await query('CREATE TABLE users (id serial PRIMARY KEY, name text)')
      await expectRefusal(
        'The database has users of another application, without sessions, users.username, users.email, …',
        migrateAsProcess(url),
      )
      expect(await findTables()).toEqual(['users'])
      expect(await query("SELECT to_regnamespace('acme_user') AS journal")).toEqual([{ journal: null }])
    })

    test('refuses a view of the same name', async () => {
      await query('CREATE VIEW users AS SELECT 1 AS id')
      await expectRefusal('The database has users of another application', migrateUrl(url))
    })

    test('refuses a foreign table with which only a later migration collides', async () => {
      const [first] = ours
      await query(`${shared} ${first?.sql.join(';')}; CREATE TABLE sessions (id int)`)
      await query(
        `INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES ('${first?.hash}', ${first?.folderMillis})`,
      )
      await expectRefusal(
        'The migration 0001_sessions has failed, and the database is as it was: relation "sessions"',
        migrateUrl(url),
      )
      expect(await findHashes('drizzle.__drizzle_migrations')).toEqual([first?.hash])
    })

    test.each([
      ['DROP TABLE sessions', 'sessions'],
      ['ALTER TABLE users DROP COLUMN generation', 'users.generation'],
      ['DROP INDEX users_email_key', 'users_email_key'],
    ])('does not say that there is nothing to do after %s', async (drop, missing) => {
      await migrateUrl(url)
      await query(drop)
      await expectRefusal(`Every migration is applied, but the database lacks ${missing}:`, migrateUrl(url))
    })

    test('takes over complete tables that have lost their journal', async () => {
      await migrateUrl(url)
      await query('DROP SCHEMA acme_user CASCADE')
      expect(await migrateUrl(url)).toEqual({ status: 0, output: NOTHING, errors: '' })
      expect(await findHashes('acme_user.migrations')).toEqual(ours.map(({ hash }) => hash))
    })
  })

  describe('refuses in one sentence', () => {
    test('a wrong password', () =>
      expectRefusal(
        'password authentication failed for user "postgres": check the password',
        migrateUrl(asRole('postgres', CANARY)),
      ))

    test('no password', () => expectRefusal('asks for a password', migrateUrl(asRole('postgres', ''))))

    test('a database that it may not enter', async () => {
      const { role, url: theirs } = await createMigrator()
      await query(`REVOKE CONNECT ON DATABASE ${databases.at(-1)} FROM PUBLIC`)
      await expectRefusal(`permission denied for database`, migrateUrl(theirs))
      await query(`GRANT CONNECT ON DATABASE ${databases.at(-1)} TO ${role}`)
    })

    test('a database that is not there', () =>
      expectRefusal(
        'database "nowhere" does not exist: check the name',
        migrateUrl(Object.assign(new URL(url), { pathname: 'nowhere' }).href),
      ))

    test('a server without TLS where TLS was asked for', () =>
      expectRefusal('has no TLS, so no password was sent', migrateUrl(`${url}?sslmode=require`)))

    test('a role that may not create', async () => {
      const { role, url: theirs } = await createMigrator()
      await query(`REVOKE CREATE ON SCHEMA public FROM ${role}`)
      await expectRefusal('may not create schemas', migrateUrl(theirs))
    })

    test('a database without the schema public', async () => {
      await query('DROP SCHEMA public')
      await expectRefusal('may not create schemas', migrateUrl(url))
    })

    test('a role that is not the owner of the tables', async () => {
      const broken = await copyProject()
      await migrateUrl(url)
      await addMigration(broken.folder, 'ALTER TABLE users ADD COLUMN phone text')
      const { role, url: theirs } = await createMigrator()
      await query(`GRANT ALL ON SCHEMA acme_user TO ${role}; GRANT ALL ON ALL TABLES IN SCHEMA acme_user TO ${role}`)
      await expectRefusal(
        "must be owner of table users: take the connection string of the tables' owner",
        migrateUrl(theirs, broken.folder),
      )
      await broken.remove()
    })

    test('a database that is read-only', async () => {
      await query(`ALTER DATABASE ${databases.at(-1)} SET default_transaction_read_only = on`)
      await expectRefusal('read-only transaction: take the connection string of the primary', migrateUrl(url))
    })

    test('a table that somebody else holds', async () => {
      const later = await copyProject()
      await migrateUrl(url)
      await addMigration(later.folder, 'ALTER TABLE users ADD COLUMN phone text')
      const holder = new pg.Client(url)
      await holder.connect()
      await holder.query('BEGIN; LOCK TABLE users')
      await expectRefusal(
        '0002_later has failed, and the database is as it was: canceling statement due to lock timeout',
        migrateUrl(url, later.folder),
      )
      await holder.end()
      expect(await migrateUrl(url, later.folder)).toMatchObject({ status: 0, output: 'Migrated: 0002_later\n' })
      await later.remove()
    })

    test('a migration that fails half-way, and undoes all of it', async () => {
      const broken = await copyProject()
      await appendFile(
        join(broken.folder, 'migrations/0001_sessions.sql'),
        '--> statement-breakpoint\nSELECT nothing FROM nowhere;',
      )
      await expectRefusal(
        'The migration 0001_sessions has failed, and the database is as it was: relation "nowhere" does not exist',
        migrateUrl(url, broken.folder),
      )
      expect(await findTables()).toEqual([])
      expect(await query("SELECT to_regnamespace('acme_user') AS journal")).toEqual([{ journal: null }])
      await broken.remove()
    })

    test('a migration that was changed after it was applied', async () => {
      const changed = await copyProject()
      await migrateUrl(url)
      await appendFile(join(changed.folder, 'migrations/0001_sessions.sql'), '\n-- later')
      await expectRefusal('0001_sessions has been changed since it was applied', migrateUrl(url, changed.folder))
      await changed.remove()
    })

    test('a migration that is older than the last one', async () => {
      const late = await copyProject()
      await migrateUrl(url)
      await addMigration(late.folder, 'CREATE TABLE late (id int)', -1)
      await expectRefusal('0002_later is older than the last one', migrateUrl(url, late.folder))
      await late.remove()
    })
  })
})

/** Adds a migration to a copy of the project, dated the given time after the last one. */
async function addMigration(folder: string, sql: string, milliseconds = 1): Promise<void> {
  const path = join(folder, 'migrations/meta/_journal.json')
  const file = JSON.parse(await readFile(path, 'utf8'))
  const last = file.entries.at(-1)
  file.entries.push({ ...last, idx: last.idx + 1, tag: '0002_later', when: last.when + milliseconds })
  await writeFile(path, JSON.stringify(file))
  await writeFile(join(folder, 'migrations/0002_later.sql'), sql)
}
