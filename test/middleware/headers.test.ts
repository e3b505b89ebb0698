import { describe, expect, inject, test } from 'vitest'
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
    await get('/users', { settings: { DATABASE_URL: inject('brokenDatabaseUrl') } }),
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

test('the published keys are the only answer of a call that may be kept [V14.2.2] [V14.3.2]', async () => {
  expect((await get('/.well-known/jwks.json')).headers.get('Cache-Control')).toBe('public, max-age=300')
})

describe('cross-origin access', () => {
  const preflight = {
    method: 'OPTIONS',
    headers: { Origin: 'https://shop.example', 'Access-Control-Request-Method': 'POST' },
  }

  test('answers a preflight for any origin, as the original did [V3.4.2]', async () => {
    const { status, headers } = await send('/login', preflight)
    expect(status).toBe(204)
    expect(headers.get('Access-Control-Allow-Origin')).toBe('*')
    expect(headers.get('Access-Control-Allow-Methods')).toBe('GET,POST,PUT,PATCH,DELETE')
    expect(headers.get('Access-Control-Allow-Headers')).toBe('Authorization,Content-Type')
    expect(headers.get('Access-Control-Allow-Credentials')).toBeNull()
    expect(headers.get('Vary')).toContain('Origin')
  })

  test.each(['X-Request-Id', 'traceparent,baggage', 'if-none-match, sentry-trace', 'authorization,content-type'])(
    'lets pages send %s',
    async (asked) => {
      const headers = { ...preflight.headers, 'Access-Control-Request-Headers': asked }
      const answer = await send('/login', { method: 'OPTIONS', headers })
      expect(answer.headers.get('Access-Control-Allow-Headers')).toBe(asked)
      expect(answer.headers.get('Vary')).toContain('Access-Control-Request-Headers')
      expect(answer.headers.get('Allow')).toBe('POST, OPTIONS')
    },
  )

  test('answers no preflight for a path that does not exist, where hono/cors would', async () => {
    const { status, headers } = await send('/nope', preflight)
    expect(status).toBe(404)
    expect(headers.get('Access-Control-Allow-Methods')).toBeNull()
  })

  test('lets pages read errors too', async () => {
    const headers = { Origin: 'https://shop.example' }
    const refusals = [
      await get('/nope', { headers }),
      await get('/login', { headers }),
      await get('/users/nobody', { headers }),
      await post('/login', '{', { headers }),
      await post('/login', {}, { headers }),
      await post('/login', { username: 'nobody', password: 'x' }, { headers }),
      await post('/login', {}, { headers: { ...headers, 'Content-Type': 'text/plain' } }),
      await post('/login', 'x'.repeat(17_000), { headers }),
      await get('/users', { headers, settings: { DATABASE_URL: inject('brokenDatabaseUrl') } }),
      await get('/users', { headers, settings: { ACCESS_TOKEN_KEY: null } }),
    ]
    expect(refusals.map(({ status }) => status)).toEqual([404, 405, 404, 400, 400, 401, 415, 413, 503, 500])
    for (const refusal of refusals) {
      expect(refusal.headers.get('Access-Control-Allow-Origin')).toBe('*')
      expect(refusal.headers.get('Access-Control-Expose-Headers')).toBe(
        'X-Request-Id,Retry-After,WWW-Authenticate,Allow,ETag',
      )
    }
  })

  test('sends no CORS headers without an Origin, and tells caches that answers vary with it', async () => {
    const { headers } = await get('/users')
    expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
    expect(headers.get('Vary')).toContain('Origin')
  })

  test.each([
    ['https://shop.example', 'https://shop.example'],
    ['https://admin.shop.example:8443', 'https://admin.shop.example:8443'],
    ['https://evil.example', null],
    ['https://shop.example.evil.example', null],
    ['http://shop.example', null],
    ['https://shop.example:444', null],
    ['https://SHOP.example', null],
    ['https://pr-7.pages.example', 'https://pr-7.pages.example'],
    ['https://a.b.pages.example', null],
    ['capacitor://localhost', 'capacitor://localhost'],
    ['null', null],
    ['*', null],
  ])('lets the page of %s in as %s where origins are configured [V3.4.2]', async (origin, allowed) => {
    const settings = {
      CORS_ORIGINS:
        'https://Shop.example/, https://admin.shop.example:8443,https://*.pages.example,capacitor://localhost,',
    }
    const answers = [
      await get('/users', { headers: { Origin: origin }, settings }),
      await send('/login', { method: 'OPTIONS', headers: { Origin: origin } }, settings),
    ]
    for (const { headers } of answers) {
      expect(headers.get('Access-Control-Allow-Origin')).toBe(allowed)
      expect(headers.get('Vary')).toContain('Origin')
    }
  })
})
