/** The profile of `[env.hardened]` in wrangler.toml, as it is deployed. */
import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { breaches } from '../support/breaches.ts'
import { call, get, post, send } from '../support/client.ts'
import { logInPerson, newPerson, registerPerson } from '../support/people.ts'
import { decode, forge, secrets } from '../support/tokens.ts'

test('registers, logs in, verifies, refreshes and logs out', async () => {
  const { id, accessToken, refreshToken } = await logInPerson()
  expect((await post('/verify-token', { access_token: accessToken })).status).toBe(200)
  const { status, json } = await post('/refresh-token', { refresh_token: refreshToken })
  expect(status).toBe(200)
  expect(json.refresh_token).not.toBe(refreshToken)
  expect(decode(json.refresh_token).claims.rot).toBe(1)
  const token: string = json.access_token
  expect((await call('PATCH', `/users/${id}`, { firstname: 'Ann' }, { token })).status).toBe(200)
  expect((await post('/logout', { refresh_token: json.refresh_token })).status).toBe(200)
  expect((await post('/refresh-token', { refresh_token: json.refresh_token })).status).toBe(401)
})

test('shows nobody a list, and each only their own record', async () => {
  const [{ id, accessToken }, other] = [await logInPerson(), await registerPerson()]
  expect((await get('/users')).status).toBe(401)
  expect((await get('/users', { token: accessToken })).status).toBe(403)
  expect((await get(`/users/${other.id}`, { token: accessToken })).status).toBe(403)
  expect((await get(`/users/${id}`, { token: accessToken })).status).toBe(200)
})

test('issues both tokens with issuer and audience, and accepts none without', async () => {
  const { accessToken, refreshToken } = await logInPerson()
  const expected = { iss: 'https://users.acmefitness.example', aud: 'acme-fitness-shop' }
  expect(decode(accessToken).claims).toMatchObject(expected)
  expect(decode(refreshToken).claims).toMatchObject(expected)
  for (const change of [{ iss: undefined }, { aud: undefined }, { iss: 'https://evil.example' }, { aud: 'other' }]) {
    const access = decode(accessToken)
    const access_token = await forge(access.header, { ...access.claims, ...change }, secrets.access)
    expect((await post('/verify-token', { access_token })).status).toBe(401)
    const refresh = decode(refreshToken)
    const refresh_token = await forge(refresh.header, { ...refresh.claims, ...change }, secrets.refresh)
    expect((await post('/refresh-token', { refresh_token })).status).toBe(401)
    expect((await post('/logout', { refresh_token })).status).toBe(401)
  }
})

test('refuses breached passwords [V6.2.12]', async () => {
  const [[password = ''] = []] = Object.entries(breaches)
  expect((await post('/register', { ...newPerson(), password })).status).toBe(400)
})

test('lets a browser call only from the pages of the shop', async () => {
  const allowed = async (origin: string) =>
    (await send('/login', { method: 'OPTIONS', headers: { Origin: origin } })).headers.get(
      'Access-Control-Allow-Origin',
    )
  expect(await allowed('https://shop.acmefitness.example')).toBe('https://shop.acmefitness.example')
  expect(await allowed('https://evil.example')).toBeNull()
})

test('has the settings of wrangler.toml, and none that a test has set', () => {
  expect(env).toMatchObject({ USERS_ACCESS: 'owner', REFRESH_ROTATION: 'on', PWNED_PASSWORDS: 'on' })
})
