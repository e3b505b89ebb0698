import { afterEach, expect, test, vi } from 'vitest'
import { call, get, post } from '../support/client.ts'
import { logIn, logInPerson, registerPerson } from '../support/people.ts'
import { readSession } from '../support/store.ts'
import { decode, forge, secrets } from '../support/tokens.ts'

const logOut = (refresh_token: string) => post('/logout', { refresh_token })
const refresh = (refresh_token: string) => post('/refresh-token', { refresh_token })

afterEach(() => void vi.useRealTimers())

test('succeeds, and the session can refresh no more [V7.4.1] [V10.4.9] [V7.4.4] [V2.3.1] [V7.5.2]', async () => {
  const { refreshToken } = await logInPerson()
  const { status, text } = await logOut(refreshToken)
  expect(status).toBe(200)
  expect(text).toBe('{"message":"Logged out","status":200}')
  expect((await refresh(refreshToken)).status).toBe(401)
})

test('succeeds again for a session that has ended', async () => {
  const { refreshToken } = await logInPerson()
  await logOut(refreshToken)
  expect((await logOut(refreshToken)).text).toBe('{"message":"Logged out","status":200}')
  expect((await refresh(refreshToken)).status).toBe(401)
})

test('succeeds with an expired token, and ends the session for its successors', async () => {
  const settings = { REFRESH_ROTATION: 'on' }
  const { refreshToken } = await logInPerson()
  const { claims } = decode(refreshToken)
  vi.useFakeTimers({ toFake: ['Date'] })
  vi.setSystemTime((Number(claims.exp) - 5) * 1000)
  const { json } = await post('/refresh-token', { refresh_token: refreshToken }, { settings })
  vi.setSystemTime((Number(claims.exp) + 60) * 1000)
  expect((await post('/refresh-token', { refresh_token: refreshToken }, { settings })).status).toBe(401)
  expect((await logOut(refreshToken)).status).toBe(200)
  const successor = await post('/refresh-token', { refresh_token: json.refresh_token }, { settings })
  expect(successor.status).toBe(401)
})

test('succeeds without touching the other sessions of the user', async () => {
  const person = await logInPerson()
  const other = await logIn(person)
  await logOut(person.refreshToken)
  expect((await refresh(other.refreshToken)).status).toBe(200)
})

test('ends the owner calls of the session too, though its access token verifies until it expires [V7.4.1]', async () => {
  const { id, accessToken, refreshToken } = await logInPerson()
  await logOut(refreshToken)
  const patch = await call('PATCH', `/users/${id}`, { firstname: 'New' }, { token: accessToken })
  expect(patch.status).toBe(401)
  expect(patch.headers.get('WWW-Authenticate')).toBe('Bearer error="invalid_token"')
  expect((await post('/verify-token', { access_token: accessToken })).status).toBe(200)
})

test('keeps its row for as long as any token of the session can be valid', async () => {
  const { refreshToken } = await logInPerson()
  const { sid, exp, sub } = decode(refreshToken).claims
  await logOut(refreshToken)
  const row = await readSession(sid)
  expect(row).toMatchObject({ userId: sub, ended: true })
  expect(Number(row?.expiresAt) / 1000).toBeGreaterThanOrEqual(Number(exp) + 300)
})

test('rejects a forged token and an access token, and ends nothing', async () => {
  const { accessToken, refreshToken } = await logInPerson()
  const { header, claims } = decode(refreshToken)
  const forged = await forge(header, claims, secrets.access)
  for (const token of [forged, accessToken, `${refreshToken}x`, 'a.b.c', '']) {
    const { status, text } = await logOut(token)
    expect(status).toBe(401)
    expect(text).toBe('{"message":"Invalid Key. User Not Authorized","status":401}')
  }
  expect(await readSession(claims.sid)).toBeUndefined()
  expect((await refresh(refreshToken)).status).toBe(200)
})

test('rejects a body without the token by its field', async () => {
  const { status, json } = await post('/logout', {})
  expect(status).toBe(400)
  expect(json.errors).toEqual([{ field: 'refresh_token', message: 'Refresh token is required' }])
})

test('protects the store: one statement', async () => {
  const { refreshToken } = await logInPerson()
  const fetch = vi.spyOn(globalThis, 'fetch')
  await logOut(refreshToken)
  expect(fetch).toHaveBeenCalledTimes(1)
})

test('protects those who never logged in: registering opens no session', async () => {
  const { id } = await registerPerson()
  expect(Object.keys((await get(`/users/${id}`)).json.data)).not.toContain('access_token')
})
