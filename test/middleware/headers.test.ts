import { expect, test } from 'vitest'
import { get, post, send } from '../support/client.ts'
import { logInPerson } from '../support/people.ts'

test('every status of every route carries the security headers and may not be kept [V3.2.1] [V3.4.1] [V3.4.3] [V3.4.4] [V3.4.5] [V3.4.6] [V14.2.2] [V14.3.2]', async () => {
  const { username, password, accessToken } = await logInPerson()
  const answers = [
    await get('/users'),
    await get('/users/5c61ed848d891bd9e8016898'),
    await post('/login', { username, password }),
    await post('/verify-token', { access_token: accessToken }),
    await post('/login', {}),
    await post('/login', { username, password: 'wrong' }),
    await get('/users', { settings: { USERS_ACCESS: 'owner' }, token: accessToken }),
    await get('/nope'),
    await get('/login'),
    await send('/login', { method: 'OPTIONS' }),
    await send('/users', { method: 'HEAD' }),
    await post('/login', 'x'.repeat(17_000)),
    await post('/login', {}, { headers: { 'Content-Type': 'text/plain' } }),
    await get('/users', { settings: { DATABASE_URL: 'postgres://u:p@localhost:1/x' } }),
    await get('/users', { settings: { ACCESS_TOKEN_KEY: null } }),
    await get('/health'),
  ]
  expect(new Set(answers.map(({ status }) => status))).toEqual(
    new Set([200, 400, 401, 403, 404, 405, 204, 413, 415, 503, 500]),
  )
  for (const { headers } of answers) {
    expect(Object.fromEntries(headers)).toMatchObject({
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
      'referrer-policy': 'no-referrer',
      'strict-transport-security': 'max-age=63072000; includeSubDomains',
      'x-content-type-options': 'nosniff',
    })
  }
})

test('of what the calls answer only the published keys may be kept [V14.2.2] [V14.3.2]', async () => {
  expect((await get('/.well-known/jwks.json')).headers.get('Cache-Control')).toBe('public, max-age=300')
})
