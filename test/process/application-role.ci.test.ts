/** The role that `npm run db:role` makes on a real server may do all that the service needs, and nothing else. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createNeonProxy } from '../../local/neon-proxy.ts'
import beforeGrants from '../../migrations/meta/0001_snapshot.json' with { type: 'json' }
import { callCommand } from '../support/process/command.ts'
import { findLonePostgres, runOn } from '../support/process/postgres.ts'
import { type RunningWorker, startWorker } from '../support/process/worker.ts'

// Roles belong to all databases of a server.
const postgres = await findLonePostgres('No role was tested')

describe.skipIf(!postgres)('the role of the application', () => {
  const owner = postgres?.url ?? ''
  let role: string
  let proxy: ReturnType<typeof createNeonProxy>
  let storeUrl: string

  const run = async (as: string, command: 'migrate' | 'application-role') => {
    const result = await callCommand(`ops/${command}.ts`, [], { env: { MIGRATION_DATABASE_URL: as } })
    if (result.status !== 0) throw new Error(result.errors)
    return result
  }

  /** Returns the one line that goes into `wrangler secret put`. */
  const makeRole = async (as = owner) => {
    const { output } = await run(as, 'application-role')
    expect(output).toMatch(/^postgres:\S+\n$/)
    return output.trim()
  }

  beforeAll(async () => {
    await expect(makeRole()).rejects.toThrow('npm run db:migrate')
    await run(owner, 'migrate')
    // As it was before PostgreSQL 15.
    await runOn(owner, 'GRANT CREATE ON SCHEMA public TO PUBLIC')
    await runOn(owner, 'CREATE SCHEMA private; CREATE TABLE private.secrets (secret text)')
    const first = await makeRole()
    await runOn(owner, 'CREATE TABLE later (data text)')
    role = await makeRole()
    expect(new URL(role).password).not.toBe(new URL(first).password)
    proxy = createNeonProxy({ databaseUrl: role })
    await once(proxy.server.listen(0, '127.0.0.1'), 'listening')
    const { port } = proxy.server.address() as AddressInfo
    storeUrl = Object.assign(new URL(role), { host: `localhost:${port}` }).href
  })

  afterAll(async () => {
    proxy?.server.close()
    await proxy?.close()
    await runOn(owner, 'DROP OWNED BY user_service; DROP ROLE user_service').catch(() => {
      // Another database of the server has it too.
    })
    await postgres?.close()
  })

  describe.each(['off', 'on'])('with REFRESH_ROTATION=%s', (rotation) => {
    let worker: RunningWorker

    beforeAll(async () => {
      worker = await startWorker(storeUrl, { REFRESH_ROTATION: rotation })
    })

    afterAll(() => worker?.close())

    test('serves every call', async () => {
      const username = crypto.randomUUID()
      const credentials = { username, password: 'correct horse battery' }
      const changed = { username, password: 'another horse battery' }
      const email = `${username}@acmefitness.com`
      const person = { ...credentials, firstname: 'Jane', lastname: 'Doe', email }
      const logIn = async () => (await worker.post('/login', changed)).json

      const registered = await worker.post('/register', person)
      const path = `/users/${registered.json.resourceId}`
      const loggedIn = await worker.post('/login', credentials)
      const refreshed = await worker.post('/refresh-token', { refresh_token: loggedIn.json.refresh_token })
      const token = String(refreshed.json.access_token)
      const profile = { firstname: 'Joan', email: `new-${email}`, current_password: credentials.password }
      const passwords = { current_password: credentials.password, new_password: changed.password }
      const answers = {
        registered,
        loggedIn,
        refreshed,
        users: await worker.get('/users'),
        user: await worker.get(path),
        profile: await worker.call('PATCH', path, profile, token),
        password: await worker.call('PUT', `${path}/password`, passwords, token),
        logout: await worker.post('/logout', { refresh_token: (await logIn()).refresh_token }),
        everywhere: await worker.call('POST', `${path}/logout`, undefined, String((await logIn()).access_token)),
        deleted: await worker.call(
          'DELETE',
          path,
          { password: changed.password },
          String((await logIn()).access_token),
        ),
      }
      expect(Object.entries(answers).map(([call, { status }]) => `${call} ${status}`)).toEqual(
        Object.keys(answers).map((call) => `${call} ${call === 'registered' ? 201 : 200}`),
      )
    })

    test('purges sessions', async () => {
      const sid = crypto.randomUUID()
      await runOn(owner, `INSERT INTO sessions VALUES ('${sid}', 'a', 1, now(), true, now() - interval '1 day')`)
      await worker.runCron()
      expect((await runOn(owner, `SELECT FROM sessions WHERE sid = '${sid}'`)).rowCount).toBe(0)
    })
  })

  /** The columns that the role may not change. */
  const findFixed = async (url: string, table: string) => {
    const { rows } = await runOn(
      url,
      `SELECT attname AS name FROM pg_attribute WHERE attrelid = '${table}'::regclass AND attnum > 0
        AND NOT attisdropped AND NOT has_column_privilege('user_service', attrelid, attnum, 'UPDATE') ORDER BY attnum`,
    )
    return rows.map(({ name }) => name)
  }

  test('may change every column but those that say to whom a row belongs', async () => {
    expect(await findFixed(owner, 'users')).toEqual(['id', 'username'])
    expect(await findFixed(owner, 'sessions')).toEqual(['sid', 'user_id'])
  })

  test('may change a new column once its migration is applied', async () => {
    await runOn(owner, 'CREATE DATABASE migrated')
    const url = Object.assign(new URL(owner), { pathname: 'migrated' }).href
    await run(url, 'migrate')
    const { 'public.users': users, 'public.sessions': sessions } = beforeGrants.tables
    expect(await findFixed(url, 'users')).toEqual(Object.keys(users.columns))
    expect(await findFixed(url, 'sessions')).toEqual(Object.keys(sessions.columns))
    await runOn(owner, 'DROP DATABASE migrated WITH (FORCE)')
  })

  test.each([
    'CREATE TABLE mine (data text)',
    'CREATE TEMPORARY TABLE mine (data text)',
    'CREATE SCHEMA mine',
    'CREATE ROLE mine',
    'DROP TABLE users',
    'ALTER TABLE users ADD COLUMN data text',
    'ALTER TABLE users DISABLE TRIGGER ALL',
    'CREATE INDEX ON users (firstname)',
    'TRUNCATE sessions',
    "UPDATE users SET id = 'a'",
    "UPDATE users SET username = 'a'",
    "UPDATE sessions SET user_id = 'a'",
    "UPDATE sessions SET sid = 'a'",
    'SELECT FROM pg_authid',
    'SELECT FROM private.secrets',
    'SELECT FROM later',
    'SELECT FROM acme_user.migrations',
    'SELECT lo_create(0)',
    'SELECT lo_creat(1)',
    "SELECT lo_from_bytea(0, 'a')",
    'ALTER TABLE users OWNER TO CURRENT_USER',
    'SET session_replication_role = replica',
    'SET ROLE postgres',
    "SELECT pg_read_file('PG_VERSION')",
    "COPY users TO PROGRAM 'true'",
  ])('may not %s [V13.2.2]', async (statement) => {
    await expect(runOn(role, statement)).rejects.toMatchObject({ code: '42501' })
  })

  test('has its statements cancelled after 5 seconds [V15.2.2]', async () => {
    expect((await runOn(role, 'SHOW statement_timeout')).rows).toEqual([{ statement_timeout: '5s' }])
    await expect(runOn(role, 'SELECT pg_sleep(6)')).rejects.toMatchObject({ code: '57014' })
  })

  test('may change its own settings, as every role, until it is made anew', async () => {
    await runOn(role, 'ALTER ROLE user_service SET statement_timeout = 0')
    await runOn(
      role,
      `ALTER ROLE user_service IN DATABASE ${new URL(owner).pathname.slice(1)} SET statement_timeout = 0`,
    )
    expect((await runOn(role, 'SHOW statement_timeout')).rows).toEqual([{ statement_timeout: '0' }])
    role = await makeRole()
    expect((await runOn(role, 'SHOW statement_timeout')).rows).toEqual([{ statement_timeout: '5s' }])
  })

  test.each([
    ['GRANT SELECT ON private.secrets TO user_service', 'SELECT FROM private.secrets'],
    ['GRANT SELECT (secret) ON private.secrets TO user_service', 'SELECT secret FROM private.secrets'],
    ['GRANT CREATE ON SCHEMA private TO user_service', 'CREATE TABLE private.mine (data text)'],
    ['GRANT TRUNCATE ON users TO user_service', 'TRUNCATE users'],
    ['GRANT UPDATE ON users TO user_service', "UPDATE users SET username = 'a'"],
    [
      'GRANT TRIGGER ON users TO user_service',
      'CREATE TRIGGER mine BEFORE INSERT ON users EXECUTE FUNCTION suppress_redundant_updates_trigger()',
    ],
    ['CREATE SEQUENCE numbers; GRANT USAGE ON SEQUENCE numbers TO user_service', "SELECT nextval('numbers')"],
    ['GRANT EXECUTE ON FUNCTION pg_read_file(text) TO user_service', "SELECT pg_read_file('PG_VERSION')"],
    ['SELECT lo_create(4711); GRANT SELECT ON LARGE OBJECT 4711 TO user_service', 'SELECT lo_get(4711)'],
    ['GRANT SET ON PARAMETER log_statement TO user_service', "SET log_statement = 'none'"],
    [
      'ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO user_service',
      async () => {
        await runOn(owner, 'CREATE TABLE made_later (data text)')
        return 'SELECT FROM made_later'
      },
    ],
  ])('loses what it was given before: %s [V13.2.2]', async (given, statement) => {
    await runOn(owner, `GRANT USAGE ON SCHEMA private TO user_service; ${given}`)
    role = await makeRole()
    const sql = typeof statement === 'string' ? statement : await statement()
    await expect(runOn(role, sql)).rejects.toMatchObject({ code: '42501' })
  })

  const usage = 'GRANT USAGE ON SCHEMA private TO PUBLIC'

  test.each([
    ['ALTER ROLE user_service CREATEROLE', 'the attribute CREATEROLE', 'ALTER ROLE user_service NOCREATEROLE'],
    [
      'GRANT pg_read_all_data TO user_service',
      'membership in pg_read_all_data',
      'REVOKE pg_read_all_data FROM user_service',
    ],
    [
      'ALTER TABLE private.secrets OWNER TO user_service',
      'ownership of table private.secrets',
      'ALTER TABLE private.secrets OWNER TO CURRENT_USER',
    ],
    [
      'SELECT lo_create(4712); ALTER LARGE OBJECT 4712 OWNER TO user_service',
      'ownership of large object 4712',
      'SELECT lo_unlink(4712)',
    ],
    [
      'GRANT SELECT ON private.secrets TO PUBLIC',
      'SELECT on private.secrets, like everybody',
      'REVOKE SELECT ON private.secrets FROM PUBLIC',
    ],
    [
      'GRANT SELECT (secret) ON private.secrets TO PUBLIC',
      'SELECT on private.secrets.secret, like everybody',
      'REVOKE SELECT (secret) ON private.secrets FROM PUBLIC',
    ],
    ['GRANT TRUNCATE ON users TO PUBLIC', 'TRUNCATE on users, like everybody', 'REVOKE TRUNCATE ON users FROM PUBLIC'],
    [
      'GRANT UPDATE (id) ON users TO PUBLIC',
      'UPDATE on users.id, like everybody',
      'REVOKE UPDATE (id) ON users FROM PUBLIC',
    ],
    [
      'GRANT CREATE ON SCHEMA private TO PUBLIC',
      'CREATE in the schema private',
      'REVOKE CREATE ON SCHEMA private FROM PUBLIC',
    ],
    [
      'SELECT lo_create(4713); GRANT UPDATE ON LARGE OBJECT 4713 TO PUBLIC',
      'UPDATE on large object 4713, like everybody',
      'SELECT lo_unlink(4713)',
    ],
    [
      'ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC',
      'SELECT on whatever postgres makes, like everybody',
      'ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM PUBLIC',
    ],
    [
      "CREATE FUNCTION private.peek() RETURNS SETOF private.secrets LANGUAGE sql SECURITY DEFINER AS 'SELECT * FROM private.secrets'",
      'EXECUTE of private.peek() as its owner, like everybody',
      'DROP FUNCTION private.peek()',
    ],
  ])('is not made where it would have more rights: %s [V13.2.2]', async (given, named, undo) => {
    await runOn(owner, `${usage}; ${given}`)
    await expect(makeRole()).rejects.toThrow(`user_service has rights from elsewhere: ${named}. Take them away`)
    await runOn(owner, undo)
    role = await makeRole()
  })

  test('gets nothing of the owner that a parameter holds', async () => {
    const { username, password, host, pathname } = new URL(owner)
    const made = await makeRole(
      `postgres://${host}${pathname}?user=${username}&password=${password}&application_name=shop`,
    )
    expect(made).not.toContain(password)
    expect((await runOn(made, 'SELECT current_user AS role')).rows).toEqual([{ role: 'user_service' }])
    role = made
  })

  test('is not made where another database of the server knows it', async () => {
    await runOn(owner, 'CREATE DATABASE elsewhere')
    const elsewhere = Object.assign(new URL(owner), { pathname: 'elsewhere' }).href
    await runOn(elsewhere, 'CREATE TABLE known (data text); GRANT SELECT ON known TO user_service')
    await expect(makeRole()).rejects.toThrow('something in the database elsewhere')
    await runOn(owner, 'DROP DATABASE elsewhere WITH (FORCE)')
  })

  describe('made by an owner who is no superuser, as on Neon,', () => {
    let ownerUrl: string

    beforeAll(async () => {
      await runOn(
        owner,
        `DROP OWNED BY user_service; DROP ROLE user_service; CREATE ROLE project_owner LOGIN CREATEROLE PASSWORD 'secret'`,
      )
      await runOn(owner, 'CREATE DATABASE project OWNER project_owner')
      ownerUrl = Object.assign(new URL(owner), {
        username: 'project_owner',
        password: 'secret',
        pathname: 'project',
      }).href
      await run(ownerUrl, 'migrate')
    })

    afterAll(async () => {
      await runOn(owner, 'DROP DATABASE project WITH (FORCE)')
      await runOn(owner, 'DROP ROLE user_service; DROP ROLE project_owner')
    })

    test('has its rights, and a warning names those that it has besides', async () => {
      const { output, errors } = await run(ownerUrl, 'application-role')
      expect(errors).toContain('user_service may connect to the other databases of this server, as everybody may: ')
      expect(errors).toContain('user_service may create large objects, as everybody may')
      const url = output.trim()
      expect((await runOn(url, 'SELECT count(*)::int AS users FROM users')).rows).toEqual([{ users: 0 }])
      await expect(runOn(url, 'CREATE TEMPORARY TABLE mine (data text)')).rejects.toMatchObject({ code: '42501' })
    })

    test('is made again, and loses what the owner gave it', async () => {
      await runOn(ownerUrl, 'CREATE TABLE later (data text); GRANT SELECT ON later TO user_service')
      await expect(runOn(await makeRole(ownerUrl), 'SELECT FROM later')).rejects.toMatchObject({ code: '42501' })
      const { rows } = await runOn(ownerUrl, "SELECT pg_has_role(current_user, 'user_service', 'USAGE') AS member")
      expect(rows).toEqual([{ member: false }])
    })

    test('is not made where another role has given it more', async () => {
      const asSuperuser = Object.assign(new URL(owner), { pathname: 'project' }).href
      await runOn(
        asSuperuser,
        'CREATE SCHEMA theirs; CREATE TABLE theirs.secrets (secret text); GRANT SELECT ON theirs.secrets TO user_service',
      )
      await expect(makeRole(ownerUrl)).rejects.toThrow(
        /^The role was left as it was: user_service has rights from elsewhere: a grant on table theirs.secrets\./,
      )
    })
  })
})
