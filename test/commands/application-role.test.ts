/** The application's role, made by `npm run db:role` on a real server: all that the service needs, and nothing else. */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createNeonProxy } from '../../dev/neon-proxy.ts'
import { findPostgres, runOn } from '../node/postgres.ts'
import { type RunningWorker, startWorker } from '../node/worker.ts'

const postgres = await findPostgres('No role was tested')

const project = join(import.meta.dirname, '../..')

describe.skipIf(!postgres)('the role of the application', () => {
  const owner = postgres?.url ?? ''
  let role: string
  let proxy: ReturnType<typeof createNeonProxy>
  let storeUrl: string

  const run = async (...args: string[]) => {
    const env = { ...process.env, MIGRATION_DATABASE_URL: owner }
    return (await promisify(execFile)('npm', ['run', ...args], { cwd: project, env })).stdout
  }

  /** What goes into `wrangler secret put`: one line, and not npm's own. */
  const makeRole = async () => {
    const output = await run('-s', 'db:role')
    expect(output).toMatch(/^postgres:\S+\n$/)
    return output.trim()
  }

  beforeAll(async () => {
    await expect(makeRole()).rejects.toThrow('npm run db:migrate')
    await run('db:migrate')
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
    'SELECT FROM drizzle.__drizzle_migrations',
    "SELECT pg_read_file('PG_VERSION')",
    "COPY users TO PROGRAM 'true'",
  ])('may not %s [V13.2.2]', async (statement) => {
    await expect(runOn(role, statement)).rejects.toMatchObject({ code: '42501' })
  })

  test('has its statements cancelled after 5 seconds [V15.2.2]', async () => {
    expect((await runOn(role, 'SHOW statement_timeout')).rows).toEqual([{ statement_timeout: '5s' }])
    await expect(runOn(role, 'SELECT pg_sleep(6)')).rejects.toMatchObject({ code: '57014' })
  })

  test('is not made of one that has more [V13.2.2]', async () => {
    await runOn(owner, 'ALTER ROLE user_service CREATEROLE')
    await expect(makeRole()).rejects.toThrow('rights from elsewhere')
    await runOn(owner, 'ALTER ROLE user_service NOCREATEROLE')
  })
})
