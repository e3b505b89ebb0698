import { createExecutionContext, createScheduledController, waitOnExecutionContext } from 'cloudflare:test'
import { env, exports } from 'cloudflare:workers'
import { inArray, sql } from 'drizzle-orm'
import { describe, expect, test, vi } from 'vitest'
import { sessions } from '../src/db/schema.ts'
import worker, { UserService } from '../src/index.ts'
import { logInPerson } from './support/people.ts'
import { changeRow, readSession, store } from './support/store.ts'
import { decode } from './support/tokens.ts'

describe('the cron trigger', () => {
  /** Inserts rows that expire so many seconds from now, and returns their ids. */
  async function addSessions(count: number, seconds: number): Promise<string[]> {
    const sids = Array.from({ length: count }, () => crypto.randomUUID())
    const expiresAt = sql`now() + make_interval(secs => ${seconds})`
    const common = { userId: 'nobody', rotation: 1, rotatedAt: sql`now()`, ended: true, expiresAt }
    await store.insert(sessions).values(sids.map((sid) => ({ sid, ...common })))
    return sids
  }

  const countRows = (sids: string[]) => store.$count(sessions, inArray(sessions.sid, sids))

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

  test('deletes in batches, as many as it takes', async () => {
    const expired: string[] = []
    for (let chunk = 0; chunk < 11; chunk++) expired.push(...(await addSessions(1_000, -1)))
    const fetch = vi.spyOn(globalThis, 'fetch')
    await runCron()
    expect(fetch.mock.calls.length).toBeGreaterThanOrEqual(3)
    fetch.mockRestore()
    for (let at = 0; at < expired.length; at += 1_000) expect(await countRows(expired.slice(at, at + 1_000))).toBe(0)
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

  test('getUser answers whatever USERS_ACCESS says', async () => {
    const { id } = await logInPerson()
    const service = new UserService(createExecutionContext(), { ...env, USERS_ACCESS: 'owner' })
    expect(await service.getUser(id)).toMatchObject({ id })
  })

  test.each([
    { settings: { DATABASE_URL: 'postgres://canary:canary@localhost:1/canary' } },
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
