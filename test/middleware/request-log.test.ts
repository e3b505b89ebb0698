import { env } from 'cloudflare:workers'
import { describe, expect, inject, test, vi } from 'vitest'
import { call, get, post, send } from '../support/client.ts'
import { newSecret } from '../support/keys.ts'
import { logIn, logInPerson, newPerson } from '../support/people.ts'
import { ageSession } from '../support/store.ts'
import { decode } from '../support/tokens.ts'

/** Collects the lines that are logged from now on. */
function watchLog() {
  const lines: string[] = []
  for (const level of ['info', 'warn', 'error'] as const) {
    vi.spyOn(console, level).mockImplementation((line) => void lines.push(String(line)))
  }
  const find = (event: string) => lines.map((line) => JSON.parse(line)).filter((line) => line.event === event)
  return { find, text: () => lines.join('\n') }
}

describe('the log', () => {
  test('has one line for each request, with its route and never its path [V16.2.1] [V16.2.2] [V16.2.4]', async () => {
    const log = watchLog()
    await get('/users/5c61ed848d891bd9e8016898', { headers: { 'X-Request-Id': 'log-line-1' } })
    expect(log.find('request')).toEqual([
      {
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        level: 'info',
        event: 'request',
        request: 'log-line-1',
        route: '/users/:id',
        method: 'GET',
        status: 200,
        ms: expect.any(Number),
        outcome: 'ok',
        colo: null,
      },
    ])
  })

  test('names the data center where there is one, and never one that a caller claims', async () => {
    const log = watchLog()
    await send('/health', { cf: { colo: 'SJC' } as IncomingRequestCfProperties })
    await get('/health', { headers: { 'CF-Ray': '230b030023ae2822-CDG' } })
    expect(log.find('request').map(({ colo }) => colo)).toEqual(['SJC', null])
  })

  test.each([
    ...['/health', '/health/ready', '/docs', '/openapi.json', '/.well-known/jwks.json'].map((route) => ({
      make: () => get(route),
      route,
      status: 200,
      outcome: 'ok',
    })),
    { make: () => get('/nope'), route: 'none', status: 404, outcome: 'not_found' },
    { make: () => get('/login'), route: 'none', status: 405, outcome: 'method_not_allowed' },
    { make: () => get('/users/nobody'), route: '/users/:id', status: 404, outcome: 'user_not_found' },
    { make: () => post('/login', '{'), route: '/login', status: 400, outcome: 'invalid_json' },
    { make: () => post('/login', {}), route: '/login', status: 400, outcome: 'validation_failed' },
    {
      make: () => post('/login', { username: 'walter', password: 'wrong' }),
      route: '/login',
      status: 401,
      outcome: 'invalid_credentials',
    },
    {
      make: () => post('/refresh-token', { refresh_token: 'x' }),
      route: '/refresh-token',
      status: 401,
      outcome: 'invalid_token',
    },
    { make: () => send('/login', { method: 'OPTIONS' }), route: 'none', status: 204, outcome: 'ok' },
  ])('calls $status on $route "$outcome" [V16.3.1] [V16.3.2] [V16.3.3]', async ({ make, route, status, outcome }) => {
    const log = watchLog()
    await make()
    expect(log.find('request')).toEqual([expect.objectContaining({ route, status, outcome })])
  })

  test('has one line for each security event, with the user id [V16.2.1] [V16.2.5] [V16.3.1] [V16.3.3]', async () => {
    const person = await logInPerson({ REFRESH_ROTATION: 'on' })
    const { id, username, password, accessToken: token, refreshToken } = person
    const log = watchLog()
    await post('/login', { username, password: 'wrong' })
    await post('/login', { username: password, password: username })
    expect(log.find('login_failed').map(({ user }) => user)).toEqual([id, null])

    const settings = { REFRESH_ROTATION: 'on' }
    await post('/refresh-token', { refresh_token: refreshToken }, { settings })
    await ageSession(decode(refreshToken).claims.sid, 11)
    await post('/refresh-token', { refresh_token: refreshToken }, { settings })
    expect(log.find('refresh_token_replayed')).toEqual([expect.objectContaining({ user: id, level: 'warn' })])

    await post('/logout', { refresh_token: refreshToken })
    expect(log.find('session_ended')).toEqual([expect.objectContaining({ user: id })])

    const again = await logIn(person)
    await call(
      'PATCH',
      `/users/${id}`,
      { email: `x-${person.email}`, current_password: 'wrong' },
      { token: again.accessToken },
    )
    await call(
      'PATCH',
      `/users/${id}`,
      { email: `x-${person.email}`, current_password: password },
      { token: again.accessToken },
    )
    await call('POST', `/users/${id}/logout`, undefined, { token: again.accessToken })
    for (const event of ['password_refused', 'email_changed', 'all_sessions_ended']) {
      expect(log.find(event)).toEqual([expect.objectContaining({ user: id })])
    }
    for (const secret of [username, password, person.email, token, refreshToken])
      expect(log.text()).not.toContain(secret)
  })

  test('names a limit that was reached', async () => {
    const log = watchLog()
    const REGISTER_BY_ADDRESS = { limit: async () => ({ success: false }) }
    const headers = { 'CF-Connecting-IP': '192.0.2.1' }
    await post('/register', {}, { settings: { ...env, REGISTER_BY_ADDRESS }, headers })
    expect(log.find('request')).toMatchObject([{ status: 429, outcome: 'register_by_address' }])
  })

  test('has no failure for a body that breaks off, because the caller broke it off [V16.5.2]', async () => {
    const log = watchLog()
    const body = () =>
      new ReadableStream({
        start: (controller) => controller.enqueue(new TextEncoder().encode('{"username":')),
        pull: (controller) => controller.error(new Error('Network connection lost.')),
      })
    const headers = { 'Content-Type': 'application/json' }
    const answers = [
      await send('/login', { method: 'POST', headers, body: body() }),
      await send('/login', { method: 'POST', headers: { ...headers, 'Content-Length': '100' }, body: body() }),
    ]
    expect(answers.map(({ status, json }) => [status, json.message])).toEqual(
      Array(2).fill([400, 'Body is not valid JSON']),
    )
    expect(log.find('failure')).toEqual([])
    expect(log.find('request').map(({ outcome }) => outcome)).toEqual(['invalid_json', 'invalid_json'])
  })

  test('warns below 600,000 iterations, and not at 600,000', async () => {
    const log = watchLog()
    await get('/health/ready', { settings: { PBKDF2_ITERATIONS: '600000' } })
    expect(log.find('few_password_iterations')).toEqual([])
    await get('/health/ready', { settings: { PBKDF2_ITERATIONS: '599999' } })
    expect(log.find('few_password_iterations')).toHaveLength(1)
  })

  test('has the cause of a failure under the id of its request [V16.2.5] [V16.3.4]', async () => {
    const log = watchLog()
    const settings = { DATABASE_URL: inject('brokenDatabaseUrl') }
    await get('/users', { settings, headers: { 'X-Request-Id': 'failing-1' } })
    expect(log.find('failure')).toEqual([expect.objectContaining({ request: 'failing-1', level: 'error' })])
    expect(log.find('request')).toEqual([expect.objectContaining({ status: 503, outcome: 'unavailable' })])
    expect(log.text()).not.toContain('canary')
  })
})

describe('X-Request-Id', () => {
  test('is the caller’s where it is well formed', async () => {
    const { headers } = await get('/users/nobody', { headers: { 'X-Request-Id': 'abc_DEF-123' } })
    expect(headers.get('X-Request-Id')).toBe('abc_DEF-123')
  })

  test.each(['', 'with space', 'x'.repeat(65), '{"event":"login_ok"}', 'ansi\u001b[31m'])(
    'is made where the caller’s is %j [V16.4.1]',
    async (given) => {
      const { headers } = await get('/nope', { headers: { 'X-Request-Id': given } })
      expect(headers.get('X-Request-Id')).toMatch(/^[0-9a-f-]{36}$/)
    },
  )
})

describe('metrics', () => {
  test('get one data point for each request', async () => {
    const writeDataPoint = vi.fn()
    const isolate = { ...env, METRICS: { writeDataPoint } }
    await send('/login', { method: 'POST', body: '{', headers: { 'Content-Type': 'application/json' } }, isolate)
    expect(writeDataPoint.mock.calls).toEqual([
      [{ indexes: ['/login'], blobs: ['/login', 'POST', '4xx', 'invalid_json'], doubles: [expect.any(Number)] }],
    ])
  })

  test('change nothing where they fail or are absent [V16.5.2]', async () => {
    const failing = {
      writeDataPoint: () => {
        throw new Error('broken')
      },
    }
    for (const METRICS of [failing, null, undefined]) {
      expect((await send('/users', {}, { ...env, METRICS })).status).toBe(200)
    }
  })
})

test('canaries in passwords, tokens, keys and the database URL turn up nowhere [V14.2.4] [V16.2.5] [V16.5.1]', async () => {
  const log = watchLog()
  const settings = {
    ACCESS_TOKEN_KEY: `canary-${newSecret()}`,
    REFRESH_TOKEN_KEY: `canary-${newSecret()}`,
    DATABASE_URL: env.DATABASE_URL.replace('postgres:postgres@', 'postgres:canary@'),
  }
  const person = { ...newPerson(), password: 'canary password' }
  const answers = [
    await post('/register', person, { settings }),
    await post('/register', person, { settings }),
    await post('/register', { ...person, password: 'canary\0' }, { settings }),
    await post('/login', { username: person.username, password: 'canary wrong' }, { settings }),
    await post('/login', { username: 'canary-unknown', password: 'canary' }, { settings }),
    await post('/verify-token', { access_token: 'canary.canary.canary' }, { settings }),
    await post('/refresh-token', { refresh_token: 'canary.canary.canary' }, { settings }),
    await post('/logout', { refresh_token: 'canary' }, { settings }),
    await get('/users/canary', { settings, token: 'canary' }),
    await call('DELETE', '/users/canary', { password: 'canary' }, { settings, token: 'canary' }),
    await post('/login', 'canary', { settings }),
    await get('/canary?canary=canary', { settings }),
    await get('/users/5c61ed848d891bd9e8016898', {
      settings: { ...settings, DATABASE_URL: inject('brokenDatabaseUrl') },
    }),
    await get('/users', { settings: { ...settings, PBKDF2_ITERATIONS: 'canary' } }),
  ]
  for (const { text, headers } of answers) expect(text + JSON.stringify([...headers])).not.toContain('canary')
  expect(log.text()).not.toContain('canary')
})
