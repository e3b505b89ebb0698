import { expect, test, vi } from 'vitest'
import { call, get, post } from '../../support/client.ts'
import { logInPerson } from '../../support/people.ts'
import { beforeStatement, changeRow, readRow } from '../../support/store.ts'

type Person = Awaited<ReturnType<typeof logInPerson>>
const remove = ({ id, accessToken, password }: Person, body: unknown = { password }) =>
  call('DELETE', `/users/${id}`, body, { token: accessToken })

test('succeeds, and the user is gone [V7.4.2]', async () => {
  const person = await logInPerson()
  const { status, text } = await remove(person)
  expect([status, text]).toEqual([200, '{"message":"User deleted","status":200}'])
  expect((await get(`/users/${person.id}`)).status).toBe(404)
  const { username, password, refreshToken } = person
  expect((await post('/login', { username, password })).status).toBe(401)
  expect((await post('/refresh-token', { refresh_token: refreshToken })).status).toBe(401)
  expect((await remove(person)).status).toBe(401)
})

test('succeeds, and a new user can take the name, for whom the old tokens are no good [V10.3.3]', async () => {
  const { id, accessToken, refreshToken, ...person } = await logInPerson()
  await remove({ id, accessToken, refreshToken, ...person })
  const { status, json } = await post('/register', person)
  expect(status).toBe(201)
  expect(json.resourceId).not.toBe(id)
  expect((await post('/refresh-token', { refresh_token: refreshToken })).status).toBe(401)
})

test('rejects a wrong password, and the user stays', async () => {
  const person = await logInPerson()
  const { status, text } = await remove(person, { password: 'wrong' })
  expect([status, text]).toEqual([403, '{"message":"Forbidden","status":403}'])
  expect((await get(`/users/${person.id}`)).status).toBe(200)
})

test.each([
  { body: {}, errors: [{ field: 'password', message: 'Password is required' }] },
  { body: { password: 'x', force: true }, errors: [{ field: 'force', message: 'Unknown field' }] },
])('rejects the body $body by its field', async ({ body, errors }) => {
  const { status, json } = await remove(await logInPerson(), body)
  expect(status).toBe(400)
  expect(json.errors).toEqual(errors)
})

test('rejects a deletion that another call has overtaken, and the user stays', async () => {
  const person = await logInPerson()
  const { generation } = await readRow(person.username)
  beforeStatement('delete', () => changeRow(person.username, { generation: generation + 1 }))
  const { status, text } = await remove(person)
  expect([status, text]).toEqual([409, '{"message":"The account has changed. Try again","status":409}'])
  expect((await readRow(person.username)).id).toBe(person.id)
})

test('protects the store: one statement to read and one to write', async () => {
  const person = await logInPerson()
  const fetch = vi.spyOn(globalThis, 'fetch')
  await remove(person)
  expect(fetch).toHaveBeenCalledTimes(2)
})
