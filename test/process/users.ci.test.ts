/** `npm run users` on a real server, as the role of the service. The real Worker shows its effects. */
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startLocalDatabase } from '../../local/local-database.ts'
import { registerRequest } from '../../src/schemas/requests.ts'
import { type CommandOptions, callCommand, expectRefusal, runCommand } from '../support/process/command.ts'
import { copyProject } from '../support/process/dev-server.ts'
import { createPostgresDatabase, findFreePort, findPostgres, runOn } from '../support/process/postgres.ts'
import { type Service, startService } from '../support/process/users-service.ts'

const project = join(import.meta.dirname, '../..')
const postgres = await findPostgres('No command for operators was tested')
const commands = ['list', 'show', 'reset-password', 'end-sessions', 'delete', 'import']

afterAll(() => postgres?.close())

const runUsers = (args: string[], options?: CommandOptions) => callCommand('ops/users.ts', args, options)

test.each(['', ...commands])('prints its usage: %s', async (command) => {
  const { status, output, errors } = await runUsers([command, '--help'].filter(Boolean))
  expect({ status, errors }).toEqual({ status: 0, errors: '' })
  expect(output).toContain(`Usage: npm run users -- ${command}`)
})

test.each([
  { args: ['lsit'], message: "unknown command 'lsit'" },
  { args: ['show'], message: "missing required argument 'NAME'" },
  { args: ['show', 'ada', 'bob'], message: 'too many arguments' },
  { args: ['delete', 'ada', '--force'], message: "unknown option '--force'" },
])('refuses $args', async ({ args, message }) => {
  const { status, output, errors } = await runUsers(args)
  expect({ status, output }).toEqual({ status: 1, output: '' })
  expect(errors).toContain(message)
})

describe('refuses a database in one line:', () => {
  const refuse = (message: string, env: Record<string, string>, folder = project) =>
    expectRefusal(message, runUsers(['list'], { env, folder }))

  test('one that is not PostgreSQL', () =>
    refuse('DATABASE_URL must read postgres://', { DATABASE_URL: 'mysql://user:canary@localhost/users' }))

  test('one that cannot be reached', async () => {
    const url = `postgres://user:canary@localhost:${await findFreePort()}/users?sslmode=require`
    await refuse('The database of DATABASE_URL cannot be reached: ', { DATABASE_URL: url })
  })

  test('the local one while it is not running; when it does, it is the default', async () => {
    const project = await copyProject()
    const port = await findFreePort()
    const path = join(project.folder, 'ops/users/database.ts')
    await writeFile(path, (await readFile(path, 'utf8')).replace('localhost:5488', `localhost:${port}`))
    await refuse(`There is no database at localhost:${port}: start it with \`npm run dev\``, {}, project.folder)

    const local = await startLocalDatabase({ port, demoIterations: 15_000 })
    const { status, output } = await runUsers(['list'], { folder: project.folder })
    expect(status).toBe(0)
    expect(output).toBe(`id                        username  email                   name
5c61ed848d891bd9e8016898  walter    walter@acmefitness.com  Walter White
5c61ed848d891bd9e8016899  dwight    dwight@acmefitness.com  Dwight Schrute
5c61ed848d891bd9e801689a  eric      eric@acmefitness.com    Eric Cartman
5c61ed848d891bd9e801689b  han       han@acmefitness.com     Han Solo
5c61ed848d891bd9e801689c  phoebe    phoebe@acmefitness.com  Phoebe Buffay
5c61ed848d891bd9e801689d  elaine    elaine@acmefitness.com  Elaine Benes
`)
    expect((await runUsers(['delete', 'ELAINE', '--yes'], { folder: project.folder })).status).toBe(0)
    expect((await runUsers(['list'], { folder: project.folder })).output).not.toContain('elaine')
    await local.close()
    await project.remove()
  })

  test.skipIf(!postgres)('one without tables', async () => {
    const empty = await createPostgresDatabase()
    await refuse('Make it first: npm run db:migrate', { DATABASE_URL: empty.url })
    await empty.close()
  })
})

describe.skipIf(!postgres)('with users', () => {
  const owner = postgres?.url ?? ''
  let service: Service

  beforeAll(async () => {
    service = await startService(owner)
  })

  afterAll(() => service?.close())

  const run = (...args: string[]) =>
    runUsers(args, { env: { DATABASE_URL: service.role.url, PBKDF2_ITERATIONS: '1000' } })
  const list = async (...flags: string[]) => {
    const result = await runCommand('ops/users.ts', ['list', ...flags], { env: { DATABASE_URL: service.role.url } })
    expect(result).toMatchObject({ status: 0, errors: '' })
    return result.output
  }
  const password = 'correct horse battery'

  async function succeed(...args: string[]): Promise<string> {
    const { status, output, errors } = await run(...args)
    expect([status, errors]).toEqual([0, ''])
    return output
  }

  /** Registers a user and logs in. */
  async function createUser() {
    const username = `Ada.${crypto.randomUUID()}`
    const email = `${username}@acmefitness.com`
    const person = { username, email, firstname: 'Ada', lastname: 'Lovelace', password }
    const { json } = await service.worker.post('/register', person)
    return { username, email, id: String(json.resourceId), refreshToken: (await logIn(username)).json.refresh_token }
  }

  const logIn = (username: string, secret = password) => service.worker.post('/login', { username, password: secret })
  const refresh = async (token: unknown) =>
    (await service.worker.post('/refresh-token', { refresh_token: token })).status

  test('show prints a user, and only the form in which the password is stored', async () => {
    const { id, username, email } = await createUser()
    await runOn(owner, `INSERT INTO sessions VALUES ('${id}', '${id}', 1, now(), true, now())`)
    await runOn(owner, `UPDATE users SET generation = 7 WHERE id = '${id}'`)
    expect(await succeed('show', username.toUpperCase())).toBe(`id          ${id}
username    ${username}
email       ${email}
firstname   Ada
lastname    Lovelace
password    PBKDF2, 1,000 iterations
generation  7
sessions    1 rotated or ended
`)
  })

  test.each([
    ['$pbkdf2-sha256-chain$i=50000,r=12$salt$hash', 'PBKDF2, 600,000 iterations'],
    [
      '$sha1(c2FsdA)-pbkdf2-sha256-chain$i=50000,r=12$salt$hash',
      'SHA-1 digest of an earlier service, wrapped in PBKDF2, 600,000 iterations',
    ],
    ['$2b$12$salt', 'in no known form: no password matches it'],
  ])('show names the scheme and cost of %s', async (hash, description) => {
    const { id, username } = await createUser()
    await runOn(owner, `UPDATE users SET password_hash = '${hash}' WHERE id = '${id}'`)
    const output = await succeed('show', username)
    expect(output).toContain(`\npassword    ${description}\n`)
    expect(output).not.toMatch(/salt|c2FsdA|hash/)
  })

  test.each(['show', 'reset-password', 'end-sessions', 'delete'])('%s refuses an unknown user', async (command) => {
    const { status, output, errors } = await run(command, 'no\u001b[2Jbody')
    expect({ status, output, errors }).toEqual({
      status: 1,
      output: '',
      errors: 'There is no user no\\u001b[2Jbody\n',
    })
  })

  test.each(['reset-password', 'end-sessions', 'delete'])(
    '%s asks first, and changes nothing unasked',
    async (command) => {
      const { id, username, email, refreshToken } = await createUser()
      const { status, output, errors } = await run(command, username)
      expect({ status, output }).toEqual({ status: 1, output: '' })
      const { host, pathname } = new URL(owner)
      expect(errors).toContain(`${username} (${email}, ${id}) in the database ${pathname.slice(1)} at ${host}`)
      expect(errors).toContain('There is no terminal to ask on: add --yes\n')
      expect(await refresh(refreshToken)).toBe(200)
      expect((await logIn(username)).status).toBe(200)
    },
  )

  test('reset-password prints a new password once, and ends all sessions', async () => {
    const { username, email, id, refreshToken } = await createUser()
    const { status, output, errors } = await run('reset-password', username.toUpperCase(), '--yes')
    expect(status).toBe(0)
    expect(output).toMatch(/^([0-9a-hjkmnp-tv-z]{4}-){3}[0-9a-hjkmnp-tv-z]{4}\n$/)
    const issued = output.trim()
    expect(errors).not.toContain(issued)
    const person = { username, email, firstname: 'Ada', lastname: 'Lovelace', password: issued }
    expect(registerRequest.safeParse(person).success).toBe(true)

    expect([(await logIn(username)).status, (await logIn(username, issued)).status]).toEqual([401, 200])
    expect(await refresh(refreshToken)).toBe(401)
    const { rows } = await runOn(owner, `SELECT password_hash AS hash FROM users WHERE id = '${id}'`)
    expect(rows[0].hash).toMatch(/^\$pbkdf2-sha256-chain\$i=1000,r=1\$/)
    const again = await run('reset-password', username, '--yes', '--iterations', '2000')
    expect(again.output.trim()).not.toBe(issued)
    expect(await succeed('show', username)).toContain('PBKDF2, 2,000 iterations')
  })

  test('end-sessions ends the tokens from before, and lets people log in again [V7.4.5]', async () => {
    const [{ username, refreshToken }, other] = [await createUser(), await createUser()]
    expect(await succeed('end-sessions', username, '--yes')).toMatch(/^All sessions of \S+ have ended\./)
    expect(await refresh(refreshToken)).toBe(401)
    expect(await refresh((await logIn(username)).json.refresh_token)).toBe(200)
    expect(await refresh(other.refreshToken)).toBe(200)
  })

  test('delete removes a user, and nobody else', async () => {
    const [{ username, id, refreshToken }, other] = [await createUser(), await createUser()]
    expect(await succeed('delete', username, '--yes')).toMatch(/^\S+ is deleted\./)
    expect((await service.worker.get(`/users/${id}`)).status).toBe(404)
    expect([(await logIn(username)).status, await refresh(refreshToken)]).toEqual([401, 401])
    expect((await logIn(other.username)).status).toBe(200)
    expect((await run('show', username)).status).toBe(1)
  })

  describe('of whom there are thousands', () => {
    const hostile = 'Bell\u0007\u009b2J\u202e\n'

    beforeAll(async () => {
      await runOn(
        owner,
        `INSERT INTO users (id, username, email, firstname, lastname, password_hash)
         SELECT 'many-' || n, 'many-' || n, 'many-' || n || '@acmefitness.com', '${hostile}', '🏋', 'x'
         FROM generate_series(1, 2500) n`,
      )
    })

    test('list prints each once, in columns, and no control character', async () => {
      const [header = '', ...lines] = (await list()).trimEnd().split('\n')
      const { rows } = await runOn(owner, 'SELECT id FROM users ORDER BY id')
      expect(lines.map((line) => line.split(' ')[0])).toEqual(rows.map(({ id }) => id))
      const columns = [header.indexOf('username'), header.indexOf('email'), header.lastIndexOf('name')]
      for (const line of lines)
        for (const column of columns) expect(line.slice(column - 2, column + 1)).toMatch(/^ {2}\S$/)
      expect(lines.join('')).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u)
      expect(lines.at(-1)).toContain('Bell\\u0007\\u009b2J\\u202e\\u000a 🏋')
    })

    test('list --json prints each on a line, as it is', async () => {
      const output = await list('--json')
      expect(output.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u)
      const users = output
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
      expect(users).toContainEqual({
        username: 'many-2500',
        email: 'many-2500@acmefitness.com',
        firstname: hostile,
        lastname: '🏋',
        id: 'many-2500',
      })
      expect(users.length).toBe((await runOn(owner, 'SELECT count(*)::int AS n FROM users')).rows[0].n)
    })

    test('list ends without an error when its reader closes the pipe', async () => {
      const script = 'set -o pipefail; "$0" ops/users.ts list | head -n 1'
      const env = { ...process.env, DATABASE_URL: service.role.url }
      const { stdout, stderr } = await promisify(execFile)('bash', ['-c', script, process.execPath], {
        cwd: project,
        env,
      })
      expect([stdout.trim(), stderr]).toEqual([expect.stringMatching(/^id +username +email +name$/), ''])
    })
  })
})
