import { createExecutionContext, createScheduledController, waitOnExecutionContext } from 'cloudflare:test'
import { env, exports } from 'cloudflare:workers'
import { inArray, sql } from 'drizzle-orm'
import { describe, expect, inject, test, vi } from 'vitest'
import { sessions } from '../src/db/schema.ts'
import worker, { UserService } from '../src/index.ts'
import type { TokensResponse } from '../src/schemas/responses.ts'
import { logInPerson, registerPerson } from './support/people.ts'
import { changeRow, db, readSession } from './support/store.ts'
import { decode } from './support/tokens.ts'

describe('the cron trigger', () => {
  /** Inserts rows that expire in the given numbers of seconds, and returns their ids. */
  async function addSessions(count: number, seconds: number): Promise<string[]> {
    const sids = Array.from({ length: count }, () => crypto.randomUUID())
    const expiresAt = sql`now() + make_interval(secs => ${seconds})`
    const common = { userId: 'nobody', rotation: 1, rotatedAt: sql`now()`, ended: true, expiresAt }
    await db.insert(sessions).values(sids.map((sid) => ({ sid, ...common })))
    return sids
  }

  const countRows = (sids: string[]) => db.$count(sessions, inArray(sessions.sid, sids))

  async function runCron() {
    const context = createExecutionContext()
    await worker.scheduled(createScheduledController(), env)
    await waitOnExecutionContext(context)
  }

  test('deletes the rows about tokens that have expired, and nothing else [V14.2.4]', async () => {
    const [expired, alive] = [await addSessions(30, -1), await addSessions(30, 60)]
    await runCron()
    expect(await countRows(expired)).toBe(0)
    expect(await countRows(alive)).toBe(30)
  })

  test('deletes in as many batches as it takes', async () => {
    const mark = crypto.randomUUID()
    const isMarked = sql`user_id = ${mark}`
    await db.execute(sql`
      INSERT INTO sessions (sid, user_id, rotation, rotated_at, ended, expires_at)
      SELECT ${mark} || n, ${mark}, 1, now(), true, now() - interval '1 second' FROM generate_series(1, 41000) n`)
    expect(await db.$count(sessions, isMarked)).toBe(41_000)
    const fetch = vi.spyOn(globalThis, 'fetch')
    await runCron()
    expect(fetch.mock.calls.length).toBeGreaterThanOrEqual(3)
    fetch.mockRestore()
    expect(await db.$count(sessions, isMarked)).toBe(0)
  })
})

describe('UserService', () => {
  test('verifyToken gives the claims of a good access token', async () => {
    const { accessToken } = await logInPerson()
    expect(await exports.UserService.verifyToken(accessToken)).toEqual(decode(accessToken).claims)
  })

  test('verifyToken gives null for anything else', async () => {
    const { accessToken, refreshToken } = await logInPerson()
    for (const token of [
      `${accessToken}x`,
      refreshToken,
      '',
      'a.b.c',
      null,
      undefined,
      1,
      {},
      [accessToken],
      new Date(),
    ]) {
      expect(await exports.UserService.verifyToken(token)).toBeNull()
    }
  })

  test('getUser gives the user as anyone may see it', async () => {
    const { id, username, email, firstname, lastname } = await logInPerson()
    expect(await exports.UserService.getUser(id)).toEqual({ username, email, firstname, lastname, id })
  })

  test('getUser gives null for anything else', async () => {
    for (const id of ['000000000000000000000000', 'not_an_id', '', null, undefined, 1, {}, ['a']]) {
      expect(await exports.UserService.getUser(id)).toBeNull()
    }
  })

  test('login and refresh give what the calls over HTTP give', async () => {
    const person = await registerPerson()
    const { username, password } = person
    const session = await exports.UserService.login({ username, password, extra: 'ignored' })
    expect(Object.keys(session)).toEqual(['access_token', 'refresh_token', 'status'])
    const { access_token, refresh_token } = session as TokensResponse
    expect(decode(access_token).claims).toMatchObject({ sub: person.id, Username: username })
    const refreshed = await exports.UserService.refresh(refresh_token)
    expect(refreshed).toMatchObject({ refresh_token, status: 200 })
  })

  test('login and refresh give a refusal for anything else', async () => {
    const cyclic: Record<string, unknown> = {}
    cyclic.self = cyclic
    const invalid = { message: 'Validation failed', status: 400 }
    for (const credentials of [{}, { username: 'walter' }, [], 'walter', null, 1]) {
      expect(await exports.UserService.login(credentials)).toMatchObject(invalid)
    }
    for (const credentials of [undefined, cyclic, 1n, { username: 1n }]) {
      expect(await exports.UserService.login(credentials)).toMatchObject({ message: 'Body is not valid JSON' })
    }
    expect(await exports.UserService.login({ username: 'nobody', password: 'wrong' })).toEqual({
      message: 'Invalid username or password',
      status: 401,
    })
    for (const token of [1, null, {}]) expect(await exports.UserService.refresh(token)).toMatchObject(invalid)
    for (const token of ['', 'a.b.c']) expect(await exports.UserService.refresh(token)).toMatchObject({ status: 401 })
  })

  test('login counts by account alone, because all people of a front end share its address [V6.3.1]', async () => {
    const keys: string[] = []
    const count = (success: boolean) => ({
      limit: async ({ key }: { key: string }) => ({ success: keys.push(key) > 0 && success }),
    })
    const limits = {
      LOGIN_BY_ADDRESS: count(false),
      LOGIN_BY_ACCOUNT_AND_ADDRESS: count(false),
      LOGIN_BY_ACCOUNT: count(true),
    }
    const service = new UserService(createExecutionContext(), { ...env, ...limits })
    expect(await service.login({ username: 'walter', password: 'wrong' })).toMatchObject({ status: 401 })
    expect(keys).toEqual(['walter'])
    const limited = new UserService(createExecutionContext(), { ...env, LOGIN_BY_ACCOUNT: count(false) })
    expect(await limited.login({ username: 'walter', password: 'vmware1!' })).toMatchObject({ status: 429 })
  })

  test('getUser answers whatever USERS_ACCESS says', async () => {
    const { id } = await logInPerson()
    const service = new UserService(createExecutionContext(), { ...env, USERS_ACCESS: 'owner' })
    expect(await service.getUser(id)).toMatchObject({ id })
  })

  test.each([
    { settings: { DATABASE_URL: inject('brokenDatabaseUrl') } },
    { settings: { REFRESH_TOKEN_KEY: 'canary' } },
  ])(
    'throws nothing but "Service unavailable" where $settings fail, and logs the cause [V16.5.1] [V16.5.3]',
    async ({ settings }) => {
      const log = vi.spyOn(console, 'error').mockImplementation(() => {})
      const service = new UserService(createExecutionContext(), { ...env, ...settings })
      const failure = await service.getUser('5c61ed848d891bd9e8016898').catch((error) => error)
      expect(failure).toBeInstanceOf(Error)
      expect(failure.message).toBe('Service unavailable')
      expect(failure.cause).toBeUndefined()
      expect(log).toHaveBeenCalled()
      expect(String(log.mock.calls)).not.toContain('canary')
    },
  )
})

test('a session row is not needed for a session that neither rotated nor ended', async () => {
  const { username, refreshToken } = await logInPerson()
  await changeRow(username, { firstname: 'Same' })
  expect(await readSession(decode(refreshToken).claims.sid)).toBeUndefined()
})
