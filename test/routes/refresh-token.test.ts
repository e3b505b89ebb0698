import { afterEach, expect, test, vi } from 'vitest'
import { post } from '../support/client.ts'
import { logInPerson } from '../support/people.ts'
import { changeRow, deleteRow, readRow } from '../support/store.ts'
import { decode, forge, secrets } from '../support/tokens.ts'

const refresh = (refresh_token: string, settings?: Record<string, string>) =>
  post('/refresh-token', { refresh_token }, settings ? { settings } : {})

async function expectRefused(token: string, settings?: Record<string, string>) {
  const { status, text } = await refresh(token, settings)
  expect(status).toBe(401)
  expect(text).toBe('{"message":"Invalid Key. User Not Authorized","status":401}')
}

afterEach(() => void vi.useRealTimers())

test('succeeds with a new access token for the user of the token, and the refresh token that was sent', async () => {
  const { id, username, accessToken, refreshToken } = await logInPerson()
  const { status, json } = await refresh(refreshToken)
  expect(status).toBe(200)
  expect(Object.keys(json)).toEqual(['access_token', 'refresh_token', 'status'])
  expect(json).toMatchObject({ refresh_token: refreshToken, status: 200 })
  const [before, after] = [decode(accessToken).claims, decode(json.access_token).claims]
  expect(after).toMatchObject({ Username: username, sub: id, sid: before.sid, gen: before.gen })
  expect(after.jti).not.toBe(before.jti)
  expect((await post('/verify-token', { access_token: json.access_token })).status).toBe(200)
})

test('succeeds again and again until the token expires [V7.3.1]', async () => {
  const { refreshToken } = await logInPerson()
  const exp = Number(decode(refreshToken).claims.exp)
  vi.useFakeTimers({ toFake: ['Date'] })
  vi.setSystemTime((exp - 1) * 1000)
  expect((await refresh(refreshToken)).status).toBe(200)
  expect((await refresh(refreshToken)).status).toBe(200)
  vi.setSystemTime(exp * 1000)
  await expectRefused(refreshToken)
})

test('succeeds with one statement, and rejects a forgery with none', async () => {
  const { refreshToken } = await logInPerson()
  const fetch = vi.spyOn(globalThis, 'fetch')
  await refresh(refreshToken)
  expect(fetch).toHaveBeenCalledTimes(1)
  await refresh(`${refreshToken}x`)
  expect(fetch).toHaveBeenCalledTimes(1)
})

test('succeeds with the name that the user has now [V10.3.3]', async () => {
  const { username, refreshToken } = await logInPerson()
  await changeRow(username, { username: `${username}-renamed` })
  expect(decode((await refresh(refreshToken)).json.access_token).claims.Username).toBe(`${username}-renamed`)
})

test('rejects a token whose user no longer exists [V7.4.2]', async () => {
  const { username, refreshToken } = await logInPerson()
  await deleteRow(username)
  await expectRefused(refreshToken)
})

test('rejects a token of another generation [V7.4.5]', async () => {
  const { username, refreshToken } = await logInPerson()
  await changeRow(username, { generation: (await readRow(username)).generation + 1 })
  await expectRefused(refreshToken)
})

test('rejects an access token [V9.2.2]', async () => {
  await expectRefused((await logInPerson()).accessToken)
})

test('rejects a refresh token signed with the access key, under either key id [V9.1.3] [V9.2.2]', async () => {
  const { header, claims } = decode((await logInPerson()).refreshToken)
  await expectRefused(await forge(header, claims, secrets.access))
  await expectRefused(await forge({ ...header, kid: 'signin_1' }, claims, secrets.access))
})

test.each(['sub', 'iat', 'exp', 'jti', 'sid', 'gen', 'rot', 'auth_time'])(
  'rejects a token without %s or with another type of it [V9.2.1]',
  async (claim) => {
    const { header, claims } = decode((await logInPerson()).refreshToken)
    expect((await refresh(await forge(header, claims, secrets.refresh))).status).toBe(200)
    for (const value of [undefined, null, [1], '1e3', 1.5]) {
      if (typeof value === typeof claims[claim] && value !== 1.5) continue
      await expectRefused(await forge(header, { ...claims, [claim]: value }, secrets.refresh))
    }
  },
)

test('rejects a token that lives longer than is configured now', async () => {
  await expectRefused((await logInPerson()).refreshToken, { REFRESH_TOKEN_SECONDS: '899' })
})

test.each(['', '.', 'a.b.c', '\0', '\ud800.\ud800.\ud800', '😀'])('rejects the malformed token %j', (token) =>
  expectRefused(token),
)

test('rejects a body without the token by its field', async () => {
  const { status, json } = await post('/refresh-token', {})
  expect(status).toBe(400)
  expect(json.errors).toEqual([{ field: 'refresh_token', message: 'Refresh token is required' }])
})
