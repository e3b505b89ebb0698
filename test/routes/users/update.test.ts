import { expect, test, vi } from 'vitest'
import { call, get } from '../../support/client.ts'
import { logIn, logInPerson, registerPerson } from '../../support/people.ts'
import { beforeStatement, changeRow, readRow } from '../../support/store.ts'

type Person = { id: string; accessToken: string }
const update = ({ id, accessToken }: Person, body: unknown) =>
  call('PATCH', `/users/${id}`, body, { token: accessToken })

test('succeeds with either name, and answers like GET', async () => {
  const person = await logInPerson()
  const { id, username, email } = person
  expect((await update(person, { firstname: 'Ann' })).status).toBe(200)
  const { text, json } = await update(person, { lastname: 'Of Denmark' })
  expect(json).toEqual({ data: { username, email, firstname: 'Ann', lastname: 'Of Denmark', id }, status: 200 })
  expect((await get(`/users/${id}`)).text).toBe(text)
})

test('succeeds with another email and the password', async () => {
  const person = await logInPerson()
  const email = `new-${person.email}`
  const { status, json } = await update(person, { email, current_password: person.password })
  expect([status, json.data.email]).toEqual([200, email])
})

test('rejects another email with a wrong password, and changes nothing [V7.5.1]', async () => {
  const person = await logInPerson()
  const { status, text } = await update(person, {
    firstname: 'X',
    email: 'x@acmefitness.com',
    current_password: 'wrong',
  })
  expect([status, text]).toEqual([403, '{"message":"Forbidden","status":403}'])
  expect(await readRow(person.username)).toMatchObject({ firstname: person.firstname, email: person.email })
})

test('rejects a change that another call has overtaken, and writes nothing', async () => {
  const person = await logInPerson()
  const { firstname, generation } = await readRow(person.username)
  beforeStatement('update', () => changeRow(person.username, { generation: generation + 1 }))
  const { status, text } = await update(person, { firstname: 'Overtaken' })
  expect([status, text]).toEqual([409, '{"message":"The account has changed. Try again","status":409}'])
  expect((await readRow(person.username)).firstname).toBe(firstname)
})

test('rejects the password as the email', async () => {
  const body = { email: 'a@acmefitness.com', current_password: 'A@acmefitness.com' }
  const { status, json } = await update(await logInPerson(), body)
  expect(status).toBe(400)
  expect(json.errors).toEqual([{ field: 'email', message: 'Email must differ from the password' }])
})

test('rejects an email that is taken', async () => {
  const [person, other] = [await logInPerson(), await registerPerson()]
  const body = { email: other.email.toUpperCase(), current_password: person.password }
  const { status, text } = await update(person, body)
  expect([status, text]).toEqual([409, '{"message":"Email is already taken","status":409}'])
})

test.each([
  { body: {}, errors: [['body', 'Body must have a firstname, a lastname or an email']] },
  { body: { current_password: 'x' }, errors: [['body', 'Body must have a firstname, a lastname or an email']] },
  {
    body: { email: 'a@acmefitness.com' },
    errors: [['current_password', 'Current password is required to change the email']],
  },
  {
    body: { firstname: '', lastname: 1 },
    errors: [
      ['firstname', 'First name must have 1 to 100 characters'],
      ['lastname', 'Last name must be a string'],
    ],
  },
  {
    body: { firstname: 'A', username: 'b', id: 'c' },
    errors: [
      ['username', 'Unknown field'],
      ['id', 'Unknown field'],
    ],
  },
  {
    body: { generation: 1, password_hash: 'x' },
    errors: [
      ['generation', 'Unknown field'],
      ['password_hash', 'Unknown field'],
    ],
  },
  { body: [], errors: [['body', 'Body must be a JSON object']] },
])('rejects the body $body by its fields [V15.3.3]', async ({ body, errors }) => {
  const { status, json } = await update(await logInPerson(), body)
  expect(status).toBe(400)
  expect(json.errors).toEqual(expect.arrayContaining(errors.map(([field, message]) => ({ field, message }))))
})

test('rejects a token of another generation', async () => {
  const person = await logInPerson()
  await changeRow(person.username, { generation: (await readRow(person.username)).generation + 1 })
  const { status, headers } = await update(person, { firstname: 'X' })
  expect([status, headers.get('WWW-Authenticate')]).toEqual([401, 'Bearer error="invalid_token"'])
})

test('protects the store: one statement to read and one to write', async () => {
  const person = await logInPerson()
  const fetch = vi.spyOn(globalThis, 'fetch')
  await update(person, { email: `x-${person.email}`, current_password: person.password })
  expect(fetch).toHaveBeenCalledTimes(2)
})

test('protects the password: neither it nor its hash is in the answer', async () => {
  const person = await logInPerson()
  const { text } = await update(person, {
    firstname: 'X',
    email: `y-${person.email}`,
    current_password: person.password,
  })
  expect(text).not.toMatch(/pbkdf2|password/)
  expect(text).not.toContain(person.password)
  expect((await logIn(person)).accessToken).toBeDefined()
})
