/** A field of a person must be in the table, the requests, the answers and the description, or a test here fails. */
import { expect, test } from 'vitest'
import type * as z from 'zod/mini'
import { publicColumns } from '../src/db/schema.ts'
import { registerRequest, updateUserRequest } from '../src/schemas/requests.ts'
import { user } from '../src/schemas/responses.ts'
import { call, post } from './support/client.ts'
import { logInPerson, newPerson } from './support/people.ts'
import { readRow } from './support/store.ts'

test('answers have every column that anyone may see, in the same order', () => {
  expect(Object.keys(user.shape)).toEqual(Object.keys(publicColumns))
})

test('a registration keeps every field that it takes', async () => {
  const { password, ...person } = newPerson()
  expect(Object.keys({ ...person, password }).sort()).toEqual(Object.keys(registerRequest.shape).sort())
  expect((await post('/register', { ...person, password })).status).toBe(201)
  expect(await readRow(person.username)).toMatchObject(person)
})

test('a change keeps every field that it takes', async () => {
  const { id, accessToken, username, password } = await logInPerson()
  const { username: _, password: __, ...profile } = newPerson()
  const body: Required<z.input<typeof updateUserRequest>> = { ...profile, current_password: password }
  expect(Object.keys(body).sort()).toEqual(Object.keys(updateUserRequest.shape).sort())
  expect((await call('PATCH', `/users/${id}`, body, { token: accessToken })).status).toBe(200)
  expect(await readRow(username)).toMatchObject(profile)
})

test('a change may have any one of its fields alone', () => {
  const { username: _, password: current_password, ...profile } = newPerson()
  for (const [field, value] of Object.entries(profile)) {
    expect(updateUserRequest.safeParse({ [field]: value, current_password }).success, field).toBe(true)
  }
  expect(updateUserRequest.safeParse({ current_password }).success).toBe(false)
})
