import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, inject, test, vi } from 'vitest'
import worker from '../../src/index.ts'
import { call, post, send } from '../support/client.ts'
import { askReset, changeEmail, openMail, reset, verify } from '../support/mail.ts'
import { logIn, logInPerson, newPerson, registerPerson } from '../support/people.ts'
import { beforeStatement, changeRow, deleteRow, readRow } from '../support/store.ts'
import { decode } from '../support/tokens.ts'

const ACCEPTED = '{"message":"If an account has this address, a message is on its way","status":202}'
const REFUSED = '{"message":"Invalid Key. User Not Authorized","status":401}'
const newPassword = 'a forgotten horse battery'

test('succeeds from forgotten to logged in [V6.4.3]', async () => {
  const mail = openMail()
  const { id, username, email, password } = await registerPerson()
  const asked = await post('/password-reset', { email: email.toUpperCase() }, { settings: mail.settings })
  expect([asked.status, asked.text]).toEqual([202, ACCEPTED])
  expect(mail.sent).toEqual([expect.objectContaining({ to: email, subject: 'Choose a new password' })])

  const { status, json } = await reset(mail, mail.readProof(email))
  expect([status, Object.keys(json)]).toEqual([200, ['access_token', 'refresh_token', 'status']])
  expect(decode(json.access_token).claims).toMatchObject({ sub: id, Username: username })
  expect((await post('/refresh-token', { refresh_token: json.refresh_token })).status).toBe(200)
  expect((await post('/login', { username, password })).status).toBe(401)
  expect((await post('/login', { username, password: newPassword })).status).toBe(200)
})

test('ends every session, and tells the address that it happened [V7.4.3]', async () => {
  const mail = openMail()
  const person = await logInPerson()
  const other = await logIn(person)
  await reset(mail, await askReset(mail, person.email))
  for (const { accessToken, refreshToken } of [person, other]) {
    expect((await post('/refresh-token', { refresh_token: refreshToken })).status).toBe(401)
    const change = call('PATCH', `/users/${person.id}`, { firstname: 'X' }, { token: accessToken })
    expect((await change).status).toBe(401)
  }
  expect(mail.sent.at(-1)).toMatchObject({ to: person.email, subject: 'Your password was changed' })
})

describe('protects from whoever asks', () => {
  /** The answer to a call, and what was done for it until then: the mail service holds its message back. */
  async function observe(email: string) {
    const taken = Promise.withResolvers<EmailSendResult>()
    const { settings } = openMail({ EMAIL: { send: () => taken.promise } })
    const fetch = vi.spyOn(globalThis, 'fetch')
    const sign = vi.spyOn(crypto.subtle, 'sign')
    const init = {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ email }),
    }
    const request = new Request<unknown, IncomingRequestCfProperties>('https://user.example/password-reset', init)
    const context = createExecutionContext()
    const response = await worker.fetch(request, { ...env, ...settings }, context)
    const signed = sign.mock.calls.length
    const statements = fetch.mock.calls.map(([, { body } = {}]) => JSON.parse(String(body)).query)
    const headers = [...response.headers].filter(([name]) => name !== 'x-request-id')
    const text = await response.text()
    taken.resolve({ messageId: 'x' })
    await waitOnExecutionContext(context)
    vi.restoreAllMocks()
    return { status: response.status, headers, text, statements, signed }
  }

  test('a stranger and a person get the same bytes and headers after the same work, however long the mail takes [V6.3.1]', async () => {
    const { email } = await registerPerson()
    const known = await observe(email)
    expect(known).toMatchObject({ status: 202, text: ACCEPTED })
    expect(known.statements).toHaveLength(1)
    expect(await observe(newPerson().email)).toEqual(known)
  })

  test('nothing goes over the binding for an address that nobody has, and to the stored spelling alone for one that is known', async () => {
    const mail = openMail()
    const { email } = await registerPerson()
    const bytes = async (address: string) => {
      const before = mail.sent.length
      await post('/password-reset', { email: address }, { settings: mail.settings })
      return mail.sent.slice(before)
    }
    expect(await bytes(newPerson().email)).toEqual([])
    expect((await bytes(` ${email.toUpperCase()} `)).map(({ to }) => to)).toEqual([email])
  })

  test('a flood is refused by mailbox, from all addresses, whether anybody has it or not [V2.4.1]', async () => {
    const { email } = await registerPerson()
    for (const address of [email, newPerson().email]) {
      let tries = 0
      const limit = vi.fn(async (_: { key: string }) => ({ success: ++tries <= 3 }))
      const mail = openMail({ MAIL_BY_ACCOUNT: { limit } })
      const ask = (spelling: string, n: number) =>
        post(
          '/password-reset',
          { email: spelling },
          { settings: mail.settings, headers: { 'CF-Connecting-IP': `192.0.2.${n}` } },
        )
      const spellings = [address, address.toUpperCase(), ` ${address}`, address, address]
      const answers = []
      for (const [n, spelling] of spellings.entries()) answers.push(await ask(spelling, n))
      expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 429, 429])
      expect(new Set(limit.mock.calls.map(([{ key }]) => key))).toEqual(new Set([address]))
      expect(mail.sent).toHaveLength(address === email ? 3 : 0)
    }
  })

  test.each(['POST', 'PUT'])(
    'a flood of %s is refused by address, before anything of the body is looked at [V2.4.1]',
    async (method) => {
      const mail = openMail({ MAIL_BY_ADDRESS: { limit: async () => ({ success: false }) } })
      const headers = { 'CF-Connecting-IP': '192.0.2.1' }
      expect((await call(method, '/password-reset', '{', { settings: mail.settings, headers })).status).toBe(429)
    },
  )

  test('words of a stranger are in no message: neither a name nor a username', async () => {
    const mail = openMail()
    const person = { ...newPerson(), firstname: '<a href=//evil.example>Jane</a>', lastname: 'http://evil.example' }
    await post('/register', person, { settings: mail.settings })
    await reset(mail, await askReset(mail, person.email))
    expect(mail.sent).toHaveLength(3)
    for (const { subject, text, html } of mail.sent) {
      const shown = (subject + text + html).replaceAll(/#\S*/g, '')
      for (const words of ['evil.example', 'Jane', person.username]) expect(shown).not.toContain(words)
    }
  })

  test('a mail service that fails or hangs changes no answer, and the log says so without an address [V16.5.2]', async () => {
    const lines: string[] = []
    vi.spyOn(console, 'error').mockImplementation((line) => void lines.push(String(line)))
    const { id, email } = await registerPerson()
    const EMAIL = { send: () => Promise.reject(Object.assign(new Error(`to ${email}`), { code: 'E_DELIVERY_FAILED' })) }
    const { status, text } = await post('/password-reset', { email }, { settings: openMail({ EMAIL }).settings })
    expect([status, text]).toEqual([202, ACCEPTED])
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ event: 'mail_failed', user: id, cause: expect.stringContaining('E_DELIVERY_FAILED') }),
    ])
    expect(lines.join()).not.toContain(email)
  })

  test('neither the address nor the proof is in the log [V16.2.5]', async () => {
    const lines: string[] = []
    for (const level of ['info', 'warn', 'error'] as const)
      vi.spyOn(console, level).mockImplementation((line) => void lines.push(String(line)))
    const mail = openMail()
    const { id, email } = await registerPerson()
    const token = await askReset(mail, email)
    await post('/password-reset', { email: `nobody-${email}` }, { settings: mail.settings })
    await reset(mail, token)
    await reset(mail, token)
    const events = lines.map((line) => JSON.parse(line))
    expect(events.filter(({ event }) => event === 'password_reset_asked').map(({ user }) => user)).toEqual([id, null])
    expect(events.filter(({ event }) => event === 'password_reset').map(({ user }) => user)).toEqual([id])
    expect(events.at(-1)).toMatchObject({ status: 401, outcome: 'proof_spent' })
    for (const secret of [email, token, newPassword]) expect(lines.join()).not.toContain(secret)
  })
})

describe('a proof', () => {
  async function prepare() {
    const mail = openMail()
    const person = await logInPerson()
    const token = await askReset(mail, person.email)
    return { mail, person, token, row: await readRow(person.username) }
  }

  type Prepared = Awaited<ReturnType<typeof prepare>>

  async function expectSpent({ mail, person, token }: Prepared) {
    const { status, text } = await reset(mail, token, 'not by this horse')
    expect([status, text]).toEqual([401, REFUSED])
    expect((await post('/login', { username: person.username, password: 'not by this horse' })).status).toBe(401)
  }

  test('works once: not again later [V6.4.3]', async () => {
    const prepared = await prepare()
    expect((await reset(prepared.mail, prepared.token)).status).toBe(200)
    await expectSpent(prepared)
  })

  test('works once: not twice at the same time [V2.3.4]', async () => {
    const { mail, token } = await prepare()
    const answers = await Promise.all([1, 2, 3, 4].map((n) => reset(mail, token, `horse number ${n}`)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401])
  })

  test('does not work after a newer one', async () => {
    const prepared = await prepare()
    expect((await reset(prepared.mail, await askReset(prepared.mail, prepared.person.email))).status).toBe(200)
    await expectSpent(prepared)
  })

  test('does not work after the password was changed', async () => {
    const prepared = await prepare()
    const { id, password, accessToken: token } = prepared.person
    const body = { current_password: password, new_password: 'changed in between' }
    expect((await call('PUT', `/users/${id}/password`, body, { token })).status).toBe(200)
    await expectSpent(prepared)
  })

  test('does not work when the password is changed while it runs', async () => {
    const { mail, person, token, row } = await prepare()
    beforeStatement('update', () => changeRow(person.username, { generation: row.generation + 1 }))
    expect((await reset(mail, token)).status).toBe(401)
    expect((await readRow(person.username)).passwordHash).toBe(row.passwordHash)
  })

  test('does not work after the email was changed, for whoever has the old mailbox now', async () => {
    const prepared = await prepare()
    expect((await changeEmail(openMail(), prepared.person, `new-${prepared.person.email}`)).status).toBe(200)
    await expectSpent(prepared)
  })

  test('does not work for an account that was deleted and made anew', async () => {
    const { mail, person, token } = await prepare()
    await deleteRow(person.username)
    const { username, password, firstname, lastname, email } = person
    expect((await post('/register', { username, password, firstname, lastname, email })).status).toBe(201)
    expect((await reset(mail, token)).status).toBe(401)
    expect((await post('/login', { username, password })).status).toBe(200)
  })

  test('does not work after its 15 minutes', async () => {
    const prepared = await prepare()
    const { exp = 0, iat = 0 } = decode(prepared.token).claims
    expect(exp - iat).toBe(900)
    vi.useFakeTimers({ now: exp * 1000, toFake: ['Date'] })
    try {
      expect((await reset(prepared.mail, prepared.token)).status).toBe(401)
      vi.setSystemTime(exp * 1000 - 1)
      expect((await reset(prepared.mail, prepared.token)).status).toBe(200)
    } finally {
      vi.useRealTimers()
    }
  })

  test('does not work where another kind is asked for', async () => {
    const { mail, person, token } = await prepare()
    expect((await verify(mail, token)).status).toBe(401)
    expect((await post('/verify-token', { access_token: token })).status).toBe(401)
    expect((await post('/refresh-token', { refresh_token: token })).status).toBe(401)
    expect((await post('/logout', { refresh_token: token })).status).toBe(401)
    expect((await call('POST', `/users/${person.id}/logout`, undefined, { token })).status).toBe(401)
    expect((await reset(mail, token)).status).toBe(200)
  })
})

describe('rejects', () => {
  test.each([
    { body: {}, errors: [['email', 'Email is required']] },
    { body: { email: 'jane' }, errors: [['email', 'Email must be an email address']] },
    { body: { email: 'a@b.example\nBcc: c@d.example' }, errors: [['email', 'Email must be an email address']] },
    { body: { email: 'a@b.example', username: 'x' }, errors: [['username', 'Unknown field']] },
  ])('$body by its fields [V1.3.11]', async ({ body, errors }) => {
    const { status, json } = await post('/password-reset', body, { settings: openMail().settings })
    expect(status).toBe(400)
    expect(json.errors).toEqual(errors.map(([field, message]) => ({ field, message })))
  })

  test.each([
    ['1234567', 'Password must have 8 to 256 characters'],
    ['Sunshine', 'Password is too common: it is among the most used ones'],
  ])('the new password %j, and leaves the proof good [V6.2.4]', async (password, message) => {
    const mail = openMail()
    const token = await askReset(mail, (await registerPerson()).email)
    const { status, json } = await reset(mail, token, password)
    expect([status, json.errors]).toEqual([400, [{ field: 'new_password', message }]])
    expect((await reset(mail, token)).status).toBe(200)
  })

  test('a new password that is known from breaches, and leaves the proof good [V6.2.12]', async () => {
    const mail = openMail()
    const token = await askReset(mail, (await registerPerson()).email)
    const asking = { PWNED_PASSWORDS: 'on', PWNED_PASSWORDS_URL: `${inject('rangeServiceUrl')}/range` }
    const body = { token, new_password: 'breached horse battery' }
    const settings = { ...mail.settings, ...asking }
    expect((await call('PUT', '/password-reset', body, { settings })).json.errors).toEqual([
      { field: 'new_password', message: 'Password is known from a data breach: choose another one' },
    ])
    expect((await reset(mail, token)).status).toBe(200)
  })

  test.each(['username', 'email'] as const)('a new password that is the %s [V6.2.11]', async (name) => {
    const mail = openMail()
    const person = await registerPerson()
    const { status, json } = await reset(mail, await askReset(mail, person.email), person[name].toUpperCase())
    expect(status).toBe(400)
    expect(json.errors).toEqual([
      { field: 'new_password', message: 'Password must differ from the username and the email' },
    ])
  })

  test('a text that is no token, before it hashes anything', async () => {
    const deriveBits = vi.spyOn(crypto.subtle, 'deriveBits')
    for (const token of ['', 'x', 'a.b.c']) expect((await reset(openMail(), token)).status).toBe(401)
    expect(deriveBits).not.toHaveBeenCalled()
  })
})

describe('protects the store', () => {
  test('each call takes one statement', async () => {
    const mail = openMail()
    const { email } = await registerPerson()
    const fetch = vi.spyOn(globalThis, 'fetch')
    const token = await askReset(mail, email)
    expect(fetch).toHaveBeenCalledTimes(1)
    await reset(mail, token)
    expect(fetch).toHaveBeenCalledTimes(2)
  })
})

describe.each([
  { what: 'the binding', change: { EMAIL: undefined } },
  { what: 'the binding, as in bare workerd', change: { EMAIL: null } },
  { what: 'MAIL_FROM', change: { MAIL_FROM: '' } },
  { what: 'MAIL_LINK', change: { MAIL_LINK: '' } },
])('without $what', ({ change }) => {
  const { settings } = openMail(change)

  test.each(['/password-reset', '/email-verification', '/users/x/email-verification'])(
    '%s is an unknown path, whatever the method',
    async (path) => {
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
        const known = await send(path, { method, body: null }, settings)
        const unknown = await send('/nowhere', { method, body: null }, settings)
        expect([known.status, known.text]).toEqual([404, '{"message":"Not found","status":404}'])
        expect(known.headers.get('Allow')).toBe(unknown.headers.get('Allow'))
      }
    },
  )

  test('the start says so once, and people register as before', async () => {
    const lines: string[] = []
    vi.spyOn(console, 'info').mockImplementation((line) => void lines.push(String(line)))
    expect((await post('/register', newPerson(), { settings })).status).toBe(201)
    const events = lines.map((line) => JSON.parse(line)).filter(({ event }) => event === 'mail_off')
    expect(events.map(({ missing }) => missing)).toEqual(Object.keys(change))
  })
})
