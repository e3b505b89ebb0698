import { expect, inject, test, vi } from 'vitest'
import { breaches } from '../support/breaches.ts'
import { type CallOptions, call, post } from '../support/client.ts'
import { logInPerson, newPerson } from '../support/people.ts'
import { readRow } from '../support/store.ts'

const service = inject('rangeServiceUrl')
const breached = 'breached horse battery'
const message = 'Password is known from a data breach: choose another one'

/** Settings that look passwords up, at a service that behaves so. */
const asking = (behaviour = 'range') => ({ PWNED_PASSWORDS: 'on', PWNED_PASSWORDS_URL: `${service}/${behaviour}` })

const register = (password: string, settings: CallOptions['settings'] = asking()) =>
  post('/register', { ...newPerson(), password }, { settings })

const change = (
  { id, accessToken, password }: Awaited<ReturnType<typeof logInPerson>>,
  body: Record<string, string>,
  settings: CallOptions['settings'] = asking(),
) =>
  call(
    'PUT',
    `/users/${id}/password`,
    { current_password: password, new_password: breached, ...body },
    { token: accessToken, settings },
  )

/** The requests to the range service, from now on. */
function watchLookUps() {
  const fetch = vi.spyOn(globalThis, 'fetch')
  return () => fetch.mock.calls.filter(([url]) => String(url).startsWith(service))
}

async function sha1(text: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-1', new TextEncoder().encode(text)))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

test('refuses a breached password at registration, and stores nobody [V6.2.12]', async () => {
  const person = { ...newPerson(), password: breached }
  const { status, json } = await post('/register', person, { settings: asking() })
  expect([status, json]).toEqual([
    400,
    { message: 'Validation failed', status: 400, errors: [{ field: 'password', message }] },
  ])
  await expect(readRow(person.username)).rejects.toThrow('no user')
})

test('refuses a breached password at a change, and the old one still logs in [V6.2.12]', async () => {
  const person = await logInPerson()
  const { status, json } = await change(person, {})
  expect([status, json]).toEqual([
    400,
    { message: 'Validation failed', status: 400, errors: [{ field: 'new_password', message }] },
  ])
  const { username, password } = person
  expect((await post('/login', { username, password })).status).toBe(200)
})

test('refuses each way to write a breached password that would log in as it', async () => {
  for (const password of ['breached ﬁsh battery', 'breached fish battery', 'ｂｒｅａｃｈｅｄ fish battery']) {
    expect((await register(password)).status).toBe(400)
  }
})

test('takes a password that breaches do not have, and one that is padding', async () => {
  expect(breaches['padded horse battery']).toBe(0)
  for (const password of ['padded horse battery', newPerson().password]) {
    expect((await register(password)).status).toBe(201)
  }
})

test.each([
  ['writes in lower case', 'lower-case'],
  ['has an address that ends with a slash', 'range/'],
])('understands a mirror that %s', async (_, behaviour) => {
  expect((await register(breached, asking(behaviour))).status).toBe(400)
  expect((await register('padded horse battery', asking(behaviour))).status).toBe(201)
})

test('asks nobody where it is off, as it is in the contract', async () => {
  const lookUps = watchLookUps()
  const { PWNED_PASSWORDS_URL } = asking()
  expect((await register(breached, { PWNED_PASSWORDS_URL })).status).toBe(201)
  expect(lookUps()).toEqual([])
})

test.each([
  ['status-429', 'status 429'],
  ['status-503', 'status 503'],
  ['redirect', 'status 302'],
  ['page', 'no list of digests'],
  ['nothing', 'no list of digests'],
  ['page-behind-lines', 'no list of digests'],
  ['cut-line', 'no list of digests'],
  ['silence', 'timeout'],
  ['stall', 'timeout'],
  ['endless', 'more than 262144 characters'],
])('a service that answers with %s changes no answer, and the log says so [V16.5.2]', async (behaviour, cause) => {
  const log = vi.spyOn(console, 'error').mockImplementation(() => {})
  const lookUps = watchLookUps()
  const { status } = await register(breached, asking(behaviour))
  expect(status).toBe(201)
  expect(lookUps()).toHaveLength(1)
  expect(log.mock.calls.map(([line]) => JSON.parse(String(line)))).toEqual([
    {
      time: expect.any(String),
      level: 'error',
      event: 'pwned_check_failed',
      request: expect.any(String),
      cause: expect.stringContaining(cause),
    },
  ])
})

test('a look-up has a second', async () => {
  const timeout = vi.spyOn(AbortSignal, 'timeout')
  const lookUps = watchLookUps()
  await register(breached)
  const [[, init] = []] = lookUps()
  const made = timeout.mock.calls.findIndex(([ms]) => ms === 1_000)
  expect(init?.signal).toBe(timeout.mock.results[made]?.value)
})

test('protects the password: five digits of its digest leave the Worker, and nothing else of it [V14.2.1]', async () => {
  const written = (['info', 'warn', 'error'] as const).map((level) =>
    vi.spyOn(console, level).mockImplementation(() => {}),
  )
  const lookUps = watchLookUps()
  const digest = await sha1(breached)
  for (const behaviour of ['range', 'status-503', 'page', 'silence']) {
    await register(breached, asking(behaviour))
  }
  for (const [url, init] of lookUps()) {
    expect(String(url).slice(service.length)).toMatch(/^\/[a-z\d-]+\/[\dA-F]{5}$/)
    expect(Object.keys(init ?? {}).sort()).toEqual(['headers', 'redirect', 'signal'])
    expect(init?.headers).toEqual({ 'Add-Padding': 'true', 'User-Agent': 'acme-user-service' })
  }
  const lines = String(written.map(({ mock }) => mock.calls)).toLowerCase()
  for (const secret of [breached, digest.slice(0, 5), digest.slice(5)]) expect(lines).not.toContain(secret)
})

test('protects the service: it is asked after every limit and every other check, and only for new passwords', async () => {
  const person = await logInPerson()
  const lookUps = watchLookUps()
  const spent = { limit: async () => ({ success: false }) }
  const limited = { ...asking(), REGISTER_BY_ADDRESS: spent, OWNER_BY_ACCOUNT: spent }
  const headers = { 'CF-Connecting-IP': '192.0.2.77' }
  const settings = asking()
  const answers = [
    await post('/register', { ...newPerson(), password: breached }, { settings: limited, headers }),
    await post('/register', { ...newPerson(), password: breached, email: 'none' }, { settings }),
    await post('/register', { ...newPerson(), password: 'sunshine' }, { settings }),
    await change(person, {}, limited),
    await change(person, { current_password: 'wrong' }),
    await change(person, { new_password: person.username }),
    await change({ ...person, accessToken: 'forged' }, {}),
    await post('/login', { username: person.username, password: person.password }, { settings }),
  ]
  expect(answers.map(({ status }) => status)).toEqual([429, 400, 400, 429, 403, 400, 401, 200])
  expect(lookUps()).toEqual([])
})

test('protects the time: no password is hashed before it is looked up', async () => {
  const deriveBits = vi.spyOn(crypto.subtle, 'deriveBits')
  expect((await register(breached)).status).toBe(400)
  expect(deriveBits).not.toHaveBeenCalled()
})

test('is an outcome of its own in the metrics', async () => {
  const writeDataPoint = vi.fn()
  await register(breached, { ...asking(), METRICS: { writeDataPoint } })
  expect(writeDataPoint.mock.calls.map(([{ blobs }]) => blobs)).toEqual([
    ['/register', 'POST', '4xx', 'password_pwned'],
  ])
})

test('takes a password change that is sent again without another look-up', async () => {
  const person = await logInPerson()
  expect((await change(person, { new_password: 'unbreached horse 1' })).status).toBe(200)
  const lookUps = watchLookUps()
  expect((await change(person, { new_password: 'unbreached horse 1' })).status).toBe(200)
  expect(lookUps()).toEqual([])
})

test('sends as many statements as without it', async () => {
  const fetch = vi.spyOn(globalThis, 'fetch')
  expect((await register(newPerson().password)).status).toBe(201)
  expect(fetch).toHaveBeenCalledTimes(2)
})
