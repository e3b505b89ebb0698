import { env, exports } from 'cloudflare:workers'
import { describe, expect, inject, test, vi } from 'vitest'
import { app } from '../src/app.ts'
import { docs } from '../src/routes/docs.ts'
import { get, post, send } from './support/client.ts'
import { newKey, setOf } from './support/keys.ts'
import { openMail } from './support/mail.ts'

interface Route {
  path: string
  allow: string
  behindSlash?: number
  settings?: Record<string, unknown>
}

const walter = '/users/5c61ed848d891bd9e8016898'
const { settings: withMail } = openMail()
/** With an issuer that can be discovered. */
const settings = { TOKEN_ISSUER: 'https://users.example', ACCESS_TOKEN_KEY: setOf(await newKey('ES256')) }
const routes: Route[] = [
  { path: '/register', allow: 'POST, OPTIONS' },
  { path: '/login', allow: 'POST, OPTIONS' },
  { path: '/refresh-token', allow: 'POST, OPTIONS' },
  { path: '/verify-token', allow: 'POST, OPTIONS' },
  { path: '/logout', allow: 'POST, OPTIONS' },
  { path: '/users', allow: 'GET, HEAD, OPTIONS' },
  { path: walter, allow: 'GET, HEAD, PATCH, DELETE, OPTIONS' },
  { path: `${walter}/password`, allow: 'PUT, OPTIONS' },
  { path: `${walter}/logout`, allow: 'POST, OPTIONS' },
  { path: `${walter}/email-verification`, allow: 'POST, OPTIONS', settings: withMail },
  { path: '/password-reset', allow: 'POST, PUT, OPTIONS', settings: withMail },
  { path: '/email-verification', allow: 'PUT, OPTIONS', settings: withMail },
  { path: '/.well-known/jwks.json', allow: 'GET, HEAD, OPTIONS' },
  { path: '/.well-known/openid-configuration', allow: 'GET, HEAD, OPTIONS', settings },
  { path: '/.well-known/oauth-authorization-server', allow: 'GET, HEAD, OPTIONS', settings },
  { path: '/health', allow: 'GET, HEAD, OPTIONS' },
  { path: '/health/ready', allow: 'GET, HEAD, OPTIONS' },
  // These files hold relative addresses, so each is at one path, and the other path redirects to it.
  ...docs.routes.map(({ path }) => ({ path, allow: 'GET, HEAD, OPTIONS', behindSlash: 302 })),
]

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'PURGE']

test('every route of the app is in this list', () => {
  const listed = routes.flatMap(({ path, allow }) =>
    allow.split(', ').map((method) => `${method} ${path.replace(walter, '/users/:id')}`),
  )
  const registered = app.routes.filter(({ method }) => method !== 'ALL').map(({ method, path }) => `${method} ${path}`)
  expect(new Set(registered)).toEqual(new Set(listed.filter((route) => !/^(HEAD|OPTIONS)/.test(route))))
})

test('the entry point of the Worker answers', async () => {
  const response = await exports.default.fetch('https://user.example/users')
  expect(response.status).toBe(200)
})

describe.each(routes)('$path', ({ path, allow, behindSlash, settings }) => {
  test('succeeds with and without a trailing slash', async () => {
    const [method = ''] = allow.split(', ')
    const plain = await send(path, { method }, settings)
    const slashed = await send(path.replace(/\/?$/, '/'), { method }, settings)
    expect(slashed.status).toBe(behindSlash ?? plain.status)
    expect([404, 405]).not.toContain(plain.status)
  })

  test('names its methods [V6.3.4] [V13.4.5]', async () => {
    const { status, headers, text } = await send(path, { method: 'OPTIONS' }, settings)
    expect([status, headers.get('Allow'), text]).toEqual([204, allow, ''])
  })

  test.each(methods.filter((method) => !allow.split(', ').includes(method)))(
    'rejects %s, which it does not have [V3.5.3] [V13.4.4]',
    async (method) => {
      const { status, headers, text } = await send(path, { method }, settings)
      expect([status, headers.get('Allow')]).toEqual([405, allow])
      expect(text).toBe(method === 'HEAD' ? '' : '{"message":"Method not allowed","status":405}')
    },
  )
})

test('HEAD is answered as GET, without the body', async () => {
  const headers = { 'X-Request-Id': 'head-and-get' }
  const [head, whole] = [await send('/users', { method: 'HEAD', headers }), await get('/users', { headers })]
  expect([head.status, head.text]).toEqual([200, ''])
  expect([...head.headers]).toEqual([...whole.headers])
})

test('a method is never overridden by a header [V3.5.3]', async () => {
  const { status } = await get('/login', { headers: { 'X-HTTP-Method-Override': 'POST' } })
  expect(status).toBe(405)
})

test.each(['/nope', '/users/1/x.css', '/login/x', '/.git/config', '/.dev.vars', '/LOGIN', '//login', '/users//'])(
  'rejects the unknown path %s, whatever the method [V13.4.1] [V13.4.5]',
  async (path) => {
    for (const method of ['GET', 'POST', 'OPTIONS', 'PURGE']) {
      const { status, text } = await send(path, { method })
      expect(status).toBe(404)
      expect(text).toBe('{"message":"Not found","status":404}')
    }
  },
)

test('every answer with a body says that it is JSON [V4.1.1] [V1.2.1]', async () => {
  const answers = [
    await get('/users'),
    await get('/users/nobody'),
    await get('/nope'),
    await get('/login'),
    await get('/.well-known/jwks.json'),
    await post('/login', '{'),
    await post('/login', { username: '<script>', password: '<script>' }),
    await post('/verify-token', { access_token: '<script>' }),
    await get('/users', { settings: { ACCESS_TOKEN_KEY: null } }),
  ]
  for (const { headers } of answers) expect(headers.get('Content-Type')).toBe('application/json')
})

describe('failures', () => {
  test('a store that cannot be reached is 503, and nothing shows its address [V16.2.5] [V16.3.4] [V16.5.1] [V16.5.2]', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    const settings = { DATABASE_URL: inject('brokenDatabaseUrl') }
    const { status, text, headers } = await get('/users', { settings })
    expect([status, headers.get('Retry-After')]).toEqual([503, '5'])
    expect(text).toBe('{"message":"Service unavailable. Try again later","status":503}')
    expect(JSON.stringify(log.mock.calls)).toContain('status 502')
    expect(JSON.stringify(log.mock.calls)).not.toContain('canary')
  })

  test.each(['DATABASE_URL', 'ACCESS_TOKEN_KEY', 'REFRESH_TOKEN_KEY'])(
    'without %s every route is 500, and the log says why [V13.2.3] [V13.4.2] [V16.3.4] [V16.5.1] [V16.5.3]',
    async (name) => {
      const log = vi.spyOn(console, 'error').mockImplementation(() => {})
      for (const path of ['/users', '/nope']) {
        const { status, text } = await get(path, { settings: { [name]: null } })
        expect(status).toBe(500)
        expect(text).toBe('{"message":"Internal server error","status":500}')
      }
      expect(String(log.mock.calls[0])).toContain(`${name} is missing`)
      expect(String(log.mock.calls)).not.toContain(env.REFRESH_TOKEN_KEY)
    },
  )
})
