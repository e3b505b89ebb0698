import { env } from 'cloudflare:workers'
import { describe, expect, test, vi } from 'vitest'
import { call, post } from '../../support/client.ts'
import { openMail } from '../../support/mail.ts'
import { logIn, logInPerson } from '../../support/people.ts'
import { beforeStatement, readRow } from '../../support/store.ts'
import { decode } from '../../support/tokens.ts'

type Person = Awaited<ReturnType<typeof logInPerson>>
const newPassword = 'another horse battery'

const change = ({ id, accessToken, password }: Person, body: Record<string, unknown> = {}) =>
  call(
    'PUT',
    `/users/${id}/password`,
    { current_password: password, new_password: newPassword, ...body },
    { token: accessToken },
  )

test('succeeds like a login, with a pair of a new session that works', async () => {
  const person = await logInPerson()
  const { status, json } = await change(person)
  expect(status).toBe(200)
  expect(Object.keys(json)).toEqual(['access_token', 'refresh_token', 'status'])
  const [before, after] = [decode(person.accessToken).claims, decode(json.access_token).claims]
  expect(after).toMatchObject({ sub: person.id, Username: person.username, gen: Number(before.gen) + 1 })
  expect(after.sid).not.toBe(before.sid)
  expect((await post('/refresh-token', { refresh_token: json.refresh_token })).status).toBe(200)
  const token: string = json.access_token
  expect((await call('PATCH', `/users/${person.id}`, { firstname: 'Ann' }, { token })).status).toBe(200)
})

test('succeeds, and from then on the new password logs in and the old one does not [V6.2.2]', async () => {
  const person = await logInPerson()
  await change(person)
  const { username, password } = person
  expect((await post('/login', { username, password })).status).toBe(401)
  expect((await post('/login', { username, password: newPassword })).status).toBe(200)
})

test('ends every other session, and the one it was called from [V7.4.3] [V7.2.4]', async () => {
  const person = await logInPerson()
  const other = await logIn(person)
  await change(person)
  for (const { accessToken, refreshToken } of [person, other]) {
    for (const REFRESH_ROTATION of ['off', 'on']) {
      const answer = await post('/refresh-token', { refresh_token: refreshToken }, { settings: { REFRESH_ROTATION } })
      expect(answer.status).toBe(401)
    }
    expect((await change({ ...person, accessToken }, { new_password: 'yet another horse' })).status).toBe(401)
  }
})

test('rejects a wrong current password, though the access token is good [V6.2.3] [V7.5.1]', async () => {
  const person = await logInPerson()
  const { passwordHash } = await readRow(person.username)
  const { status, text } = await change(person, { current_password: 'wrong' })
  expect([status, text]).toEqual([403, '{"message":"Forbidden","status":403}'])
  expect((await readRow(person.username)).passwordHash).toBe(passwordHash)
})

test.each([
  { body: { current_password: undefined }, field: 'current_password', message: 'Current password is required' },
  { body: { new_password: '1234567' }, field: 'new_password', message: 'Password must have 8 to 256 characters' },
  {
    body: { new_password: 'Sunshine' },
    field: 'new_password',
    message: 'Password is too common: it is among the most used ones',
  },
  {
    body: { new_password: 'nul at the end\0' },
    field: 'new_password',
    message: 'Password contains characters that are not text',
  },
  { body: { generation: 1 }, field: 'generation', message: 'Unknown field' },
])('rejects $body by its field [V6.2.3] [V6.2.4]', async ({ body, field, message }) => {
  const { status, json } = await change(await logInPerson(), body)
  expect(status).toBe(400)
  expect(json.errors).toEqual([{ field, message }])
})

test.each(['username', 'email'] as const)('rejects a new password that is the %s', async (name) => {
  const person = await logInPerson()
  const { status, json } = await change(person, { new_password: person[name].toUpperCase() })
  expect(status).toBe(400)
  expect(json.errors).toEqual([
    { field: 'new_password', message: 'Password must differ from the username and the email' },
  ])
})

test('protects the account while two change its password at once: one succeeds, the other gets a 409 [V2.3.4]', async () => {
  const person = await logInPerson()
  const answers = await Promise.all([
    change(person, { new_password: 'first horse 1' }),
    change(person, { new_password: 'second horse 2' }),
  ])
  const statuses = answers.map(({ status }) => status).sort()
  expect([
    [200, 401],
    [200, 409],
  ]).toContainEqual(statuses)
})

describe('a call that the client sends again, because it has lost the answer', () => {
  test('succeeds with a session, because the password is new and the token of the generation just before', async () => {
    const log = vi.spyOn(console, 'warn').mockImplementation(() => {})
    const person = await logInPerson()
    await change(person)
    const { passwordHash, generation } = await readRow(person.username)
    const { status, json } = await change(person)
    expect([status, Object.keys(json)]).toEqual([200, ['access_token', 'refresh_token', 'status']])
    expect((await post('/refresh-token', { refresh_token: json.refresh_token })).status).toBe(200)
    expect(await readRow(person.username)).toMatchObject({ passwordHash, generation })
    expect(log.mock.calls.filter(([line]) => String(line).includes('password_changed'))).toHaveLength(1)
  })

  test('rejects it once another change has followed', async () => {
    const person = await logInPerson()
    const { json } = await change(person)
    const again = { ...person, accessToken: json.access_token, password: newPassword }
    expect((await change(again, { new_password: 'a third horse battery' })).status).toBe(200)
    expect((await change(person)).status).toBe(401)
  })

  test('rejects it with any other new password, and counts the try, so that a stolen token guesses no faster than a login', async () => {
    const person = await logInPerson()
    await change(person)
    expect((await change(person, { new_password: 'guessed horse 1' })).status).toBe(401)
    const settings = { ...env, OWNER_BY_ACCOUNT: { limit: async () => ({ success: false }) } }
    const body = { current_password: person.password, new_password: newPassword }
    const answer = await call('PUT', `/users/${person.id}/password`, body, { settings, token: person.accessToken })
    expect(answer.status).toBe(429)
  })

  test('rejects it where the session had ended', async () => {
    const person = await logInPerson()
    await change(person)
    await post('/logout', { refresh_token: person.refreshToken })
    expect((await change(person)).status).toBe(401)
  })
})

test('protects from a password that becomes the email while it is changed', async () => {
  const person = await logInPerson()
  const email = `next-${person.email}`
  beforeStatement('update', async () => {
    const body = { email, current_password: person.password }
    expect((await call('PATCH', `/users/${person.id}`, body, { token: person.accessToken })).status).toBe(200)
  })
  expect((await change(person, { new_password: email })).status).toBe(409)
  const { username, password } = person
  expect((await post('/login', { username, password: email })).status).toBe(401)
  expect((await post('/login', { username, password })).status).toBe(200)
})

test('tells the address, where mail is on', async () => {
  const { sent, settings } = openMail()
  const { id, email, password, accessToken: token } = await logInPerson()
  const body = { current_password: password, new_password: newPassword }
  expect((await call('PUT', `/users/${id}/password`, body, { settings, token })).status).toBe(200)
  expect(sent).toEqual([expect.objectContaining({ to: email, subject: 'Your password was changed' })])
})

test('protects the store: one statement to read and one to write', async () => {
  const person = await logInPerson()
  const fetch = vi.spyOn(globalThis, 'fetch')
  await change(person)
  expect(fetch).toHaveBeenCalledTimes(2)
})

test('logs the user id and no secret', async () => {
  const log = vi.spyOn(console, 'warn').mockImplementation(() => {})
  const person = await logInPerson()
  await change(person)
  const lines = String(log.mock.calls)
  expect(lines).toContain('password_changed')
  expect(lines).toContain(person.id)
  for (const secret of [person.password, newPassword, person.accessToken]) expect(lines).not.toContain(secret)
})
