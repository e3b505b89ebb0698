import { env } from 'cloudflare:workers'
import { describe, expect, test, vi } from 'vitest'
import { createRouter } from '../../src/context.ts'
import { limitByAddress } from '../../src/middleware/rate-limit.ts'
import { prepareServices } from '../../src/services.ts'
import { type Answer, call, post } from '../support/client.ts'
import { logInPerson, newPerson, registerPerson } from '../support/people.ts'

/** Makes a limit that lets a number of tries for each key through, and remembers the keys. */
function limitOf(tries: number) {
  const counts = new Map<string, number>()
  const limit = vi.fn(async ({ key }: { key: string }) => {
    counts.set(key, (counts.get(key) ?? 0) + 1)
    return { success: (counts.get(key) ?? 0) <= tries }
  })
  return { limit, keys: () => [...counts.keys()] }
}

function expectLimited({ status, text, headers }: Answer) {
  expect([status, text]).toEqual([429, '{"message":"Too many requests. Try again later","status":429}'])
  expect(headers.get('Retry-After')).toBe('60')
}

const from = (address: string) => ({ 'CF-Connecting-IP': address })

test('the limits of wrangler.toml are there and count [V2.3.2] [V2.4.1] [V6.1.1] [V6.3.1]', async () => {
  const person = await registerPerson()
  // Counts start again with each minute of the clock, so the burst must not straddle two.
  if (new Date().getSeconds() >= 55) await scheduler.wait(6_000)
  const body = { username: person.username, password: 'wrong' }
  const answers: Answer[] = []
  for (let tries = 0; tries <= 20; tries++) answers.push(await post('/login', body, { headers: from('192.0.2.1') }))
  const statuses = answers.map(({ status }) => status)
  expect(statuses.slice(0, 10)).toEqual(Array(10).fill(401))
  expect(statuses.at(-1)).toBe(429)
  // Another address has tries of its own, so that no stranger can lock somebody out.
  const own = { username: person.username, password: person.password }
  expect((await post('/login', own, { headers: from('198.51.100.1') })).status).toBe(200)
})

describe.each([
  { path: '/login', name: 'LOGIN_BY_ADDRESS', body: () => ({ username: 'nobody', password: 'x' }), status: 401 },
  { path: '/register', name: 'REGISTER_BY_ADDRESS', body: newPerson, status: 201 },
  { path: '/refresh-token', name: 'REFRESH_BY_ADDRESS', body: () => ({ refresh_token: 'x' }), status: 401 },
])('$name', ({ path, name, body, status }) => {
  test('counts by the address that Cloudflare names, and by no header that the caller writes [V2.4.1] [V4.1.3] [V15.3.4]', async () => {
    const { limit, keys } = limitOf(1)
    const settings = { ...env, [name]: { limit } }
    expect((await post(path, body(), { settings, headers: from('192.0.2.7') })).status).toBe(status)
    for (const forged of ['X-Forwarded-For', 'X-Real-IP', 'True-Client-IP', 'Forwarded', 'Client-IP']) {
      expectLimited(await post(path, body(), { settings, headers: { ...from('192.0.2.7'), [forged]: '203.0.113.9' } }))
    }
    expect((await post(path, body(), { settings, headers: from('192.0.2.8') })).status).toBe(status)
    expect(keys()).toEqual(['192.0.2.7', '192.0.2.8'])
  })

  test('refuses before it reads the body [V2.4.1]', async () => {
    const settings = { ...env, [name]: limitOf(0) }
    const headers = from('192.0.2.7')
    expectLimited(await post(path, {}, { settings, headers: { ...headers, 'Content-Type': 'text/plain' } }))
    expectLimited(await post(path, 'x'.repeat(17_000), { settings, headers }))
    expectLimited(await post(path, '{', { settings, headers }))
  })

  test('is off where no address is known', async () => {
    const { limit } = limitOf(0)
    const settings = { ...env, [name]: { limit }, ADDRESS_HEADER: 'none' }
    expect((await post(path, body(), { settings, headers: from('192.0.2.7') })).status).toBe(status)
    expect(limit).not.toHaveBeenCalled()
  })

  test('believes the header that the configuration names, for hosts without Cloudflare [V15.3.4]', async () => {
    const { limit, keys } = limitOf(9)
    const settings = { ...env, [name]: { limit }, ADDRESS_HEADER: 'X-Real-IP' }
    await post(path, body(), { settings, headers: { ...from('192.0.2.7'), 'X-Real-IP': '203.0.113.9' } })
    expect(keys()).toEqual(['203.0.113.9'])
  })
})

test('logins count against their account too, whatever the case, from one address and from all [V6.3.1]', async () => {
  const [here, everywhere] = [limitOf(1), limitOf(3)]
  const settings = { ...env, LOGIN_BY_ACCOUNT_AND_ADDRESS: here, LOGIN_BY_ACCOUNT: everywhere }
  const { username } = await registerPerson()
  const logIn = (name: string, address: string) =>
    post('/login', { username: name, password: 'wrong' }, { settings, headers: from(address) })
  expect((await logIn(username, '192.0.2.1')).status).toBe(401)
  expectLimited(await logIn(username.toUpperCase(), '192.0.2.1'))
  expect((await logIn(username.toUpperCase(), '192.0.2.2')).status).toBe(401)
  expect((await logIn(username, '192.0.2.3')).status).toBe(401)
  expectLimited(await logIn(username, '192.0.2.4'))
  // White space around a name changes nothing. A text that cannot be a name belongs to no account, and is not counted.
  expectLimited(await logIn(` ${username}\n`, '192.0.2.5'))
  expect((await logIn(`${username}?`, '192.0.2.5')).status).toBe(401)
  expect(everywhere.keys()).toEqual([username])
})

test.each(['LOGIN_BY_ADDRESS', 'LOGIN_BY_ACCOUNT_AND_ADDRESS', 'LOGIN_BY_ACCOUNT'])(
  '%s holds for the right password too: tries are counted before it is looked at [V6.3.1]',
  async (name) => {
    const { username, password } = await registerPerson()
    const log = vi.spyOn(console, 'info').mockImplementation(() => {})
    const deriveBits = vi.spyOn(crypto.subtle, 'deriveBits')
    const settings = { ...env, [name]: limitOf(0) }
    expectLimited(await post('/login', { username, password }, { settings, headers: from('192.0.2.1') }))
    expect(deriveBits).not.toHaveBeenCalled()
    expect(JSON.parse(String(log.mock.lastCall))).toMatchObject({ status: 429, outcome: name.toLowerCase() })
  },
)

test('an owner’s tries with a password count against the account [V6.3.1]', async () => {
  const settings = { ...env, OWNER_BY_ACCOUNT: limitOf(2) }
  const { id, accessToken: token } = await logInPerson()
  const password = 'wrong'
  expect((await call('DELETE', `/users/${id}`, { password }, { settings, token })).status).toBe(403)
  const change = { current_password: password, new_password: 'correct horse 2' }
  expect((await call('PUT', `/users/${id}/password`, change, { settings, token })).status).toBe(403)
  const email = { email: 'a@acmefitness.com', current_password: password }
  expectLimited(await call('PATCH', `/users/${id}`, email, { settings, token }))
  expect((await call('PATCH', `/users/${id}`, { firstname: 'Ann' }, { settings, token })).status).toBe(200)
})

test('an owner’s limit holds for the right password too, and is named in the log [V6.3.1]', async () => {
  const log = vi.spyOn(console, 'info').mockImplementation(() => {})
  const { id, accessToken: token, password } = await logInPerson()
  const settings = { ...env, OWNER_BY_ACCOUNT: limitOf(0) }
  expectLimited(await call('DELETE', `/users/${id}`, { password }, { settings, token }))
  expect(JSON.parse(String(log.mock.lastCall))).toMatchObject({ status: 429, outcome: 'owner_by_account' })
  expect((await call('DELETE', `/users/${id}`, { password }, { token })).status).toBe(200)
})

test('RATE_LIMITS off counts nothing, and the log says so', async () => {
  const log = vi.spyOn(console, 'warn').mockImplementation(() => {})
  const { limit } = limitOf(0)
  const settings = { ...env, LOGIN_BY_ADDRESS: { limit }, RATE_LIMITS: 'off' }
  const body = { username: 'nobody', password: 'x' }
  expect((await post('/login', body, { settings, headers: from('192.0.2.7') })).status).toBe(401)
  expect(limit).not.toHaveBeenCalled()
  expect(String(log.mock.calls)).toContain('rate_limits_off')
})

test('callers without a readable address count as one, and the log says so once', async () => {
  const log = vi.spyOn(console, 'warn').mockImplementation(() => {})
  const { limit, keys } = limitOf(1)
  const services = await prepareServices({ ...env, LOGIN_BY_ADDRESS: { limit } })
  const app = createRouter()
    .use(async (c, next) => {
      c.set('services', services)
      await next()
    })
    .use(limitByAddress('LOGIN_BY_ADDRESS'))
    .get('/', (c) => c.text('ok'))
  const statuses = []
  for (const address of ['canary', 'proxy, ', '1.2.3.4.5', '::g']) {
    statuses.push((await app.request('/', { headers: from(address) })).status)
  }
  expect(statuses).toEqual([200, 500, 500, 500])
  expect(keys()).toEqual(['unknown'])
  const lines = log.mock.calls.map(([line]) => String(line)).filter((line) => line.includes('unknown_address'))
  expect(lines).toHaveLength(1)
  expect(lines[0]).not.toContain('canary')
})

test.each(['absent', 'null', 'throwing'])(
  'where a limit is %s the service runs, and the log says so [V16.3.4] [V16.5.2]',
  async (kind) => {
    const lines: string[] = []
    for (const level of ['warn', 'error'] as const)
      vi.spyOn(console, level).mockImplementation((line) => void lines.push(line))
    const throwing = { limit: () => Promise.reject(new Error('broken')) }
    const LOGIN_BY_ADDRESS = { absent: undefined, null: null, throwing }[kind]
    const settings = { ...env, LOGIN_BY_ADDRESS }
    const body = { username: 'walter', password: 'wrong' }
    expect((await post('/login', body, { settings, headers: from('192.0.2.1') })).status).toBe(401)
    expect(lines.join()).toMatch(kind === 'throwing' ? /rate_limit_failed/ : /rate_limits_off.*LOGIN_BY_ADDRESS/)
  },
)
