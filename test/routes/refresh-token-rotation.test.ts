import { eq } from 'drizzle-orm'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { sessions } from '../../src/db/schema.ts'
import { post } from '../support/client.ts'
import { logInPerson } from '../support/people.ts'
import { ageSession, changeRow, db, deleteRow, readRow, readSession } from '../support/store.ts'
import { decode } from '../support/tokens.ts'

const on = { REFRESH_ROTATION: 'on' }
const refresh = (refresh_token: string, settings: Record<string, string> = on) =>
  post('/refresh-token', { refresh_token }, { settings })

/** Refreshes once the grace of the last move is over, and returns the token that moves the session on. */
async function move(token: string, settings?: Record<string, string>): Promise<string> {
  await ageSession(decode(token).claims.sid, 11)
  return next(token, settings)
}

/** Refreshes and returns the token of the answer. */
async function next(token: string, settings?: Record<string, string>): Promise<string> {
  const { status, json } = await refresh(token, settings)
  expect(status).toBe(200)
  return json.refresh_token
}

async function expectDead(...tokens: string[]) {
  for (const token of tokens) {
    const { status, text } = await refresh(token)
    expect([status, text]).toEqual([401, '{"message":"Invalid Key. User Not Authorized","status":401}'])
  }
}

afterEach(() => void vi.useRealTimers())

test('succeeds with a new refresh token of the same session, one rotation on', async () => {
  const { id, username, refreshToken } = await logInPerson()
  const { status, json } = await refresh(refreshToken)
  expect(status).toBe(200)
  expect(Object.keys(json)).toEqual(['access_token', 'refresh_token', 'status'])
  const [before, after] = [decode(refreshToken).claims, decode(json.refresh_token).claims]
  expect(after).toMatchObject({ sub: id, sid: before.sid, gen: before.gen, auth_time: before.auth_time, rot: 1 })
  expect(after.jti).not.toBe(before.jti)
  expect(decode(json.access_token).claims).toMatchObject({ sub: id, Username: username, sid: before.sid })
})

test('succeeds along a chain of rotations, each with one statement', async () => {
  let { refreshToken } = await logInPerson()
  const fetch = vi.spyOn(globalThis, 'fetch')
  for (let rotation = 1; rotation <= 5; rotation++) {
    await ageSession(decode(refreshToken).claims.sid, 11)
    fetch.mockClear()
    refreshToken = await next(refreshToken)
    expect(decode(refreshToken).claims.rot).toBe(rotation)
    expect(fetch).toHaveBeenCalledTimes(1)
  }
})

describe('a token used a second time', () => {
  test('within the grace gets another token of the same, current rotation', async () => {
    const { refreshToken } = await logInPerson()
    const [first, second] = [await next(refreshToken), await next(refreshToken)]
    expect(decode(first).claims.rot).toBe(1)
    expect(decode(second).claims.rot).toBe(1)
    expect(decode(second).claims.jti).not.toBe(decode(first).claims.jti)
    // Both are the current token, so the session has one branch, and either tab may go on.
    const third = await move(first)
    expect(decode(await next(second)).claims.rot).toBe(2)
    expect(decode(third).claims.rot).toBe(2)
  })

  test('that is the current one, within the grace of its own issue, gets another of the same rotation', async () => {
    const { refreshToken } = await logInPerson()
    const first = await next(refreshToken)
    const again = await next(first)
    expect(decode(again).claims).toMatchObject({ rot: 1 })
    expect(decode(again).claims.jti).not.toBe(decode(first).claims.jti)
    // So no tab can fall two rotations behind within the grace.
    expect(decode(await next(refreshToken)).claims.rot).toBe(1)
    expect(decode(await move(again)).claims.rot).toBe(2)
  })

  test('after the grace ends the whole session, and the log says so [V10.4.5] [V16.3.3]', async () => {
    const log = vi.spyOn(console, 'warn').mockImplementation(() => {})
    const { id, refreshToken } = await logInPerson()
    const successor = await next(refreshToken)
    await ageSession(decode(refreshToken).claims.sid, 11)
    await expectDead(refreshToken)
    const replays = log.mock.calls
      .map(([line]) => String(line))
      .filter((line) => line.includes('refresh_token_replayed'))
    expect(replays).toHaveLength(1)
    expect(replays[0]).toContain(id)
    expect(replays[0]).not.toContain(refreshToken)
    await expectDead(successor, refreshToken)
  })

  test('ends the session within the grace too when it is older than the predecessor', async () => {
    const { refreshToken } = await logInPerson()
    const second = await next(refreshToken)
    const third = await move(second)
    await expectDead(refreshToken, second, third)
  })

  test('has no grace where none is configured', async () => {
    const { refreshToken } = await logInPerson()
    const successor = await next(refreshToken)
    expect((await refresh(refreshToken, { ...on, REFRESH_GRACE_SECONDS: '0' })).status).toBe(401)
    await expectDead(successor)
  })

  test('does not lengthen the grace, which is counted from the first use', async () => {
    const { refreshToken } = await logInPerson()
    const { sid } = decode(refreshToken).claims
    await next(refreshToken)
    await ageSession(sid, 6)
    await next(refreshToken)
    await ageSession(sid, 6)
    await expectDead(refreshToken)
  })
})

test('rejects every token of a session that has logged out, and reports no replay', async () => {
  const log = vi.spyOn(console, 'warn').mockImplementation(() => {})
  const { refreshToken } = await logInPerson()
  const successor = await next(refreshToken)
  await post('/logout', { refresh_token: successor })
  await ageSession(decode(refreshToken).claims.sid, 11)
  await expectDead(successor, successor, refreshToken)
  expect(String(log.mock.calls)).not.toContain('replayed')
})

test('rejects a rotated token whose session has no row any more, and reports no replay', async () => {
  const log = vi.spyOn(console, 'warn').mockImplementation(() => {})
  const { refreshToken } = await logInPerson()
  const successor = await next(refreshToken)
  const { sid } = decode(successor).claims
  await db.delete(sessions).where(eq(sessions.sid, String(sid)))
  await expectDead(successor)
  expect(await readSession(sid)).toMatchObject({ ended: true })
  await expectDead(refreshToken)
  expect(String(log.mock.calls)).not.toContain('replayed')
})

test('logs a session whose grace is used again and again', async () => {
  const log = vi.spyOn(console, 'warn').mockImplementation(() => {})
  const { id, refreshToken } = await logInPerson()
  let token = refreshToken
  for (let round = 0; round < 10; round++) {
    const spent = token
    token = round === 0 ? await next(token) : await move(token)
    // Somebody beside the owner, each time within the grace.
    await next(spent)
  }
  const lines = log.mock.calls.map(([line]) => JSON.parse(line)).filter(({ event }) => event === 'refresh_grace_reused')
  expect(lines).toEqual([expect.objectContaining({ user: id, uses: 10 })])
  expect(decode(token).claims.rot).toBe(10)
})

test('sends a rotation once more only where the grace outlasts both tries', async () => {
  const { refreshToken } = await logInPerson()
  const fetch = vi.spyOn(globalThis, 'fetch').mockResolvedValue(new Response(null, { status: 503 }))
  const tries = async (settings: Record<string, string>) => {
    fetch.mockClear()
    expect((await refresh(refreshToken, { ...on, DATABASE_TIMEOUT_SECONDS: '5', ...settings })).status).toBe(503)
    return fetch.mock.calls.length
  }
  expect(await tries({ REFRESH_GRACE_SECONDS: '6' })).toBe(2)
  expect(await tries({ REFRESH_GRACE_SECONDS: '5' })).toBe(1)
  expect(await tries({ REFRESH_GRACE_SECONDS: '0' })).toBe(1)
})

test('rejects a token whose user is gone or of another generation, and writes nothing', async () => {
  const [gone, changed] = [await logInPerson(), await logInPerson()]
  await deleteRow(gone.username)
  await changeRow(changed.username, { generation: (await readRow(changed.username)).generation + 1 })
  for (const { refreshToken } of [gone, changed]) {
    await expectDead(refreshToken)
    expect(await readSession(decode(refreshToken).claims.sid)).toBeUndefined()
  }
})

test('rejects a spent token where rotation is switched off later', async () => {
  const { refreshToken } = await logInPerson()
  const successor = await next(refreshToken)
  expect((await refresh(refreshToken, {})).status).toBe(401)
  expect((await refresh(successor, {})).status).toBe(200)
})

test('slides with each refresh, up to the absolute lifetime from the login [V7.3.2] [V10.4.8]', async () => {
  const settings = { ...on, SESSION_SECONDS: '1500' }
  let { refreshToken } = await logInPerson(settings)
  const start = Number(decode(refreshToken).claims.auth_time)
  vi.useFakeTimers({ toFake: ['Date'] })
  vi.setSystemTime((start + 800) * 1000)
  refreshToken = await next(refreshToken, settings)
  expect(decode(refreshToken).claims.exp).toBe(start + 1500)
  vi.setSystemTime((start + 1499) * 1000)
  refreshToken = await next(refreshToken, settings)
  expect(decode(refreshToken).claims.exp).toBe(start + 1500)
  vi.setSystemTime((start + 1500) * 1000)
  expect((await refresh(refreshToken, settings)).status).toBe(401)
})

test('rejects a session that is older than is configured now', async () => {
  const { refreshToken } = await logInPerson()
  const start = Number(decode(refreshToken).claims.auth_time)
  vi.useFakeTimers({ toFake: ['Date'] })
  vi.setSystemTime((start + 60) * 1000)
  expect((await refresh(refreshToken, { ...on, SESSION_SECONDS: '60' })).status).toBe(401)
})

test('keeps the row of a session for as long as any of its tokens can be valid, longer with each refresh', async () => {
  const { refreshToken } = await logInPerson()
  const second = await next(refreshToken)
  vi.useFakeTimers({ toFake: ['Date'] })
  vi.setSystemTime((Number(decode(second).claims.exp) - 1) * 1000)
  const { exp, sid } = decode(await next(second)).claims
  const row = await readSession(sid)
  expect(Number(row?.expiresAt) / 1000).toBeGreaterThanOrEqual(Number(exp) + 300)
})

test('never shortens that time, neither by a refresh nor by a logout', async () => {
  const { refreshToken } = await logInPerson()
  const successor = await next(refreshToken)
  const { sid } = decode(successor).claims
  const expiresAt = new Date(Date.now() + 86_400_000)
  const setLater = () =>
    db
      .update(sessions)
      .set({ expiresAt })
      .where(eq(sessions.sid, String(sid)))
  await setLater()
  await next(successor)
  expect((await readSession(sid))?.expiresAt).toEqual(expiresAt)
  await move(successor)
  expect((await readSession(sid))?.expiresAt).toEqual(expiresAt)
  await post('/logout', { refresh_token: successor })
  expect(await readSession(sid)).toMatchObject({ ended: true, expiresAt })
})
