import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, test, vi } from 'vitest'
import { hashPassword } from '../../src/auth/passwords.ts'
import { replacePasswordHash } from '../../src/db/users.ts'
import worker from '../../src/index.ts'
import { get, post } from '../support/client.ts'
import { logInPerson, registerPerson } from '../support/people.ts'
import { changeRow, readRow, store } from '../support/store.ts'
import { decode } from '../support/tokens.ts'

const wrong = 'not the password'
const loginOf = (username: string) =>
  new Request<unknown, IncomingRequestCfProperties>('https://user.example/login', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ username, password: wrong }),
  })
const refusal = '{"message":"Invalid username or password","status":401}'

test('succeeds for a demo user with the published password', async () => {
  const { status, text } = await post('/login/', { username: 'walter', password: 'vmware1!' })
  expect(status).toBe(200)
  expect(text).toMatch(
    /^\{"access_token":"[\w-]+\.[\w-]+\.[\w-]+","refresh_token":"[\w-]+\.[\w-]+\.[\w-]+","status":200\}$/,
  )
})

test('succeeds whatever the case of the username, and names the user as registered', async () => {
  const { username, password } = await registerPerson()
  const { status, json } = await post('/login', { username: username.toUpperCase(), password })
  expect(status).toBe(200)
  expect(decode(json.access_token).claims.Username).toBe(username)
})

test.each([' ', '\n', '\t\u00a0\ufeff'])(
  'succeeds with %j around the username, and never around the password',
  async (space) => {
    const { username, email, password } = await registerPerson()
    for (const name of [username, email]) {
      expect((await post('/login', { username: space + name + space, password })).status).toBe(200)
    }
    expect((await post('/login', { username, password: password + space })).status).toBe(401)
  },
)

test('succeeds with the email in place of the username, whatever its case, with one statement', async () => {
  const { username, email, password } = await registerPerson()
  const fetch = vi.spyOn(globalThis, 'fetch')
  const { status, json } = await post('/login', { username: email.toUpperCase(), password })
  expect(status).toBe(200)
  expect(decode(json.access_token).claims.Username).toBe(username)
  expect(fetch).toHaveBeenCalledTimes(1)
})

test('rejects strangers of both kinds with the same bytes, after the same statement and the same work', async () => {
  const deriveBits = vi.spyOn(crypto.subtle, 'deriveBits')
  const fetch = vi.spyOn(globalThis, 'fetch')
  const answers = []
  for (const username of ['nobody-by-that-name', 'nobody@acmefitness.com']) {
    deriveBits.mockClear()
    fetch.mockClear()
    const { status, text } = await post('/login', { username, password: wrong })
    const { query } = JSON.parse(String(fetch.mock.calls[0]?.[1]?.body))
    answers.push({ status, text, query, links: deriveBits.mock.calls.length })
  }
  expect(answers[0]).toMatchObject({ status: 401, text: refusal, links: 1 })
  expect(answers[1]).toEqual(answers[0])
})

test('succeeds with an access token of the published form [V7.2.3] [V10.3.3] [V11.5.1]', async () => {
  const { id, username, accessToken } = await logInPerson()
  const { header, claims } = decode(accessToken)
  expect(JSON.stringify(header)).toBe('{"alg":"HS256","kid":"signin_1","typ":"JWT"}')
  expect(claims).toEqual({
    Username: username,
    sub: id,
    sid: expect.stringMatching(/^[\w-]{22}$/),
    jti: expect.stringMatching(/^[\w-]{22}$/),
    gen: (await readRow(username)).generation,
    iat: expect.any(Number),
    exp: Number(claims.iat) + 5 * 60,
  })
  expect(Math.abs(Number(claims.iat) - Date.now() / 1000)).toBeLessThan(60)
})

test('succeeds with a refresh token of the same session that names no one', async () => {
  const { id, accessToken, refreshToken } = await logInPerson()
  const { header, claims } = decode(refreshToken)
  expect(header).toEqual({ alg: 'HS256', kid: 'signin_2', typ: 'JWT' })
  expect(claims).toEqual({
    sub: id,
    sid: decode(accessToken).claims.sid,
    jti: expect.stringMatching(/^[\w-]{22}$/),
    gen: expect.any(Number),
    rot: 0,
    auth_time: claims.iat,
    iat: expect.any(Number),
    exp: Number(claims.iat) + 15 * 60,
  })
})

test('succeeds with a list of audiences, and any of them is accepted', async () => {
  const { username, password } = await registerPerson()
  const settings = { TOKEN_AUDIENCE: 'cart, order' }
  const { json } = await post('/login', { username, password }, { settings })
  expect(decode(json.access_token).claims.aud).toEqual(['cart', 'order'])
  const statuses = []
  for (const TOKEN_AUDIENCE of ['order', 'cart,order', 'order,catalog', 'catalog', 'cart order']) {
    const answer = await post('/verify-token', { access_token: json.access_token }, { settings: { TOKEN_AUDIENCE } })
    statuses.push(answer.status)
  }
  expect(statuses).toEqual([200, 200, 200, 401, 401])
})

test('succeeds with lifetimes, issuer and audience as configured [V9.2.4]', async () => {
  const { username, password } = await registerPerson()
  const settings = { ACCESS_TOKEN_SECONDS: 10, REFRESH_TOKEN_SECONDS: '20', TOKEN_ISSUER: 'us', TOKEN_AUDIENCE: 'shop' }
  const { json } = await post('/login', { username, password }, { settings })
  const [access, refresh] = [json.access_token, json.refresh_token].map((token: string) => decode(token).claims)
  expect(access).toMatchObject({ iss: 'us', aud: 'shop', exp: Number(access?.iat) + 10 })
  expect(refresh).toMatchObject({ iss: 'us', aud: 'shop', exp: Number(refresh?.iat) + 20 })
})

test('succeeds with another session every time [V7.2.2] [V7.2.4] [V11.5.1]', async () => {
  const { username, password } = await registerPerson()
  const logIn = async () => decode((await post('/login', { username, password })).json.refresh_token).claims
  const [one, other] = await Promise.all([logIn(), logIn()])
  expect(one.sid).not.toBe(other.sid)
  expect(one.jti).not.toBe(other.jti)
})

test.each([
  ['another password', wrong],
  ['the password in other case', (password: string) => password.toUpperCase()],
  ['the password with a space at its end', (password: string) => `${password} `],
  ['the password with a NUL at its end, which HMAC alone cannot tell apart', (password: string) => `${password}\0`],
  ['a lone surrogate', '\ud800'],
])('rejects %s [V6.2.8]', async (_, given) => {
  const { username, password } = await registerPerson()
  const { status, text } = await post('/login', {
    username,
    password: typeof given === 'string' ? given : given(password),
  })
  expect(status).toBe(401)
  expect(text).toBe(refusal)
})

test('rejects a lone surrogate where the password has the character that encoders put in its place', async () => {
  const { username } = await registerPerson()
  await changeRow(username, { passwordHash: await hashPassword('replacement \ufffd', 15_000) })
  expect((await post('/login', { username, password: 'replacement \ufffd' })).status).toBe(200)
  expect((await post('/login', { username, password: 'replacement \ud800' })).status).toBe(401)
})

test.each(['nul\0', 'lone \ud800', "' OR ''='", 'x'.repeat(256), '😀'])(
  'rejects the username %j [V1.2.4]',
  async (username) => {
    const { status, text } = await post('/login', { username, password: wrong })
    expect(status).toBe(401)
    expect(text).toBe(refusal)
  },
)

test.each([
  [{}, ['username', 'password']],
  [{ username: 'walter' }, ['password']],
  [{ username: ['walter'], password: { $ne: 1 } }, ['username', 'password']],
  [{ username: '', password: 'x'.repeat(257) }, ['username', 'password']],
])('rejects the body %j with its fields at fault [V2.2.1] [V2.2.2] [V15.3.5]', async (body, fields) => {
  const { status, json } = await post('/login', body)
  expect(status).toBe(400)
  expect(json.errors.map(({ field }: { field: string }) => field)).toEqual(fields)
})

test('protects the store: one statement, whether the user exists or not', async () => {
  const { username, password } = await registerPerson()
  const fetch = vi.spyOn(globalThis, 'fetch')
  for (const body of [
    { username, password },
    { username, password: wrong },
    { username: 'nobody', password: wrong },
  ]) {
    fetch.mockClear()
    await post('/login', body)
    expect(fetch).toHaveBeenCalledTimes(1)
  }
})

describe('protects from guessing who exists', () => {
  /** The iterations that `work` asks PBKDF2 for. */
  async function countIterations(work: () => Promise<unknown>): Promise<number> {
    const deriveBits = vi.spyOn(crypto.subtle, 'deriveBits')
    await work()
    const counts = deriveBits.mock.calls.map(([algorithm]) => (algorithm as { iterations: number }).iterations)
    deriveBits.mockRestore()
    return counts.reduce((sum, count) => sum + count, 0)
  }

  test('an unknown user, a wrong password and a cheap, broken or unaffordable hash cannot be told apart', async () => {
    const people = await Promise.all([registerPerson(), registerPerson(), registerPerson(), registerPerson()])
    const [known, cheap, broken, unaffordable] = people
    await changeRow(cheap.username, { passwordHash: await hashPassword(cheap.password, 1_000) })
    await changeRow(broken.username, { passwordHash: 'vmware1!' })
    const { passwordHash } = await readRow(unaffordable.username)
    await changeRow(unaffordable.username, { passwordHash: passwordHash.replace('r=2', 'r=99999999') })

    const answers = []
    for (const username of ['nobody', ...[known, cheap, broken, unaffordable].map((person) => person.username)]) {
      let answer: unknown
      const iterations = await countIterations(async () => {
        const options = { headers: { 'X-Request-Id': 'the-same' } }
        const { status, text, headers } = await post('/login', { username, password: wrong }, options)
        answer = { status, text, headers: [...headers] }
      })
      answers.push({ answer, iterations })
    }
    expect(answers[0]).toMatchObject({ answer: { status: 401, text: refusal }, iterations: 15_000 })
    for (const answer of answers) expect(answer).toEqual(answers[0])
  })

  test('once a hash is met that costs more than is configured, every failure costs as much', async () => {
    const log = vi.spyOn(console, 'warn').mockImplementation(() => {})
    const person = await registerPerson()
    await changeRow(person.username, { passwordHash: await hashPassword(person.password, 60_000) })
    const settings = { ...env }
    const fail = (username: string) =>
      countIterations(() => worker.fetch(loginOf(username), settings, createExecutionContext()))
    expect(await fail(person.username)).toBe(60_000)
    expect(await fail('nobody')).toBe(60_000)
    expect(await fail('no such\0name')).toBe(60_000)
    const events = log.mock.calls.map(([line]) => JSON.parse(line)).filter(({ event }) => event === 'costlier_hash')
    expect(events).toEqual([expect.objectContaining({ iterations: 60_000 })])
  })

  test('with PBKDF2_LARGEST_ITERATIONS the first failure costs as much already', async () => {
    const settings = { PBKDF2_LARGEST_ITERATIONS: '60000' }
    const fail = () => post('/login', { username: 'nobody', password: wrong }, { settings })
    expect(await countIterations(fail)).toBe(60_000)
  })

  test('a name that cannot exist costs the same', async () => {
    const login = () => post('/login', { username: 'no such\0name', password: wrong })
    expect(await countIterations(login)).toBe(15_000)
  })
})

describe('rewrites a hash of another cost', () => {
  async function personWithOldHash() {
    const person = await registerPerson()
    await changeRow(person.username, { passwordHash: await hashPassword(person.password, 1_000) })
    return person
  }

  test('after a login, at the configured cost, and the password goes on working [V11.2.2]', async () => {
    const { username, password } = await personWithOldHash()
    expect((await post('/login', { username, password })).status).toBe(200)
    const { passwordHash } = await readRow(username)
    expect(passwordHash).toContain('$i=15000,r=1$')
    expect((await post('/login', { username, password })).status).toBe(200)
    expect((await readRow(username)).passwordHash).toBe(passwordHash)
  })

  test('never after a failed one', async () => {
    const { username } = await personWithOldHash()
    await post('/login', { username, password: wrong })
    expect((await readRow(username)).passwordHash).toContain('$i=1000,r=1$')
  })

  test('but not over a password that was changed meanwhile', async () => {
    const { id, username, password } = await personWithOldHash()
    const { passwordHash: verified } = await readRow(username)
    const changed = await hashPassword('a new password', 15_000)
    await changeRow(username, { passwordHash: changed })
    await replacePasswordHash(store, id, { verified, replacement: await hashPassword(password, 15_000) })
    expect((await readRow(username)).passwordHash).toBe(changed)
  })
})

test('succeeds even if a rehash fails, with a line in the log', async () => {
  const log = vi.spyOn(console, 'error').mockImplementation(() => {})
  const { id, username, password } = await registerPerson()
  await changeRow(username, { passwordHash: await hashPassword(password, 1_000) })
  const { fetch } = globalThis
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) =>
    String(init?.body).includes('update') ? new Response(null, { status: 500 }) : fetch(input, init),
  )
  expect((await post('/login', { username, password })).status).toBe(200)
  const events = log.mock.calls.map(([line]) => JSON.parse(line))
  expect(events).toEqual([expect.objectContaining({ event: 'rehash_failed', user: id })])
  expect(String(log.mock.calls)).not.toContain('pbkdf2')
})

test('protects the isolate: other requests run between the links of 16 logins at once [V15.2.2]', async () => {
  const { username, password, accessToken } = await logInPerson()
  const settings = { PBKDF2_ITERATIONS: null }
  await changeRow(username, { passwordHash: await hashPassword(password, 600_000) })
  const deriveBits = vi.spyOn(crypto.subtle, 'deriveBits')
  let answered = 0
  const logins = Array.from({ length: 16 }, async () => {
    const { status } = await post('/login', { username, password }, { settings })
    answered++
    return status
  })
  expect((await post('/verify-token', { access_token: accessToken })).status).toBe(200)
  expect(answered).toBe(0)
  const linksPerTurn: number[] = []
  while (answered < 16) {
    const before = deriveBits.mock.calls.length
    await scheduler.wait(0)
    const links = deriveBits.mock.calls.length - before
    if (links > 0) linksPerTurn.push(links)
  }
  expect(await Promise.all(logins)).toEqual(Array(16).fill(200))
  const average = linksPerTurn.reduce((sum, links) => sum + links, 0) / linksPerTurn.length
  // Without turns whole logins would run at a time, of twelve links each.
  expect(average).toBeLessThan(12)
})

test('protects the password and its hash: neither is in any response [V8.2.3] [V14.2.4]', async () => {
  const { id, username, password } = await registerPerson()
  const { passwordHash } = await readRow(username)
  const answers = [
    await post('/login', { username, password }),
    await post('/login', { username, password: wrong }),
    await post('/register', { username, password }),
    await get('/users'),
    await get(`/users/${id}`),
  ]
  for (const { text } of answers) {
    for (const secret of [password, wrong, passwordHash, env.ACCESS_TOKEN_KEY]) expect(text).not.toContain(secret)
  }
})
