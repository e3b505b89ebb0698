import { expect, test, vi } from 'vitest'
import { get } from '../../support/client.ts'
import { registerPerson } from '../../support/people.ts'

test('succeeds with the published example', async () => {
  const { status, text } = await get('/users/5c61ed848d891bd9e8016899')
  expect(status).toBe(200)
  expect(text).toBe(
    '{"data":{"username":"dwight","email":"dwight@acmefitness.com","firstname":"Dwight","lastname":"Schrute",' +
      '"id":"5c61ed848d891bd9e8016899"},"status":200}',
  )
})

test('protects the password of a user just registered [V8.2.3] [V15.3.1]', async () => {
  const { id, username, email, firstname, lastname } = await registerPerson()
  expect((await get(`/users/${id}`)).json).toEqual({ data: { username, email, firstname, lastname, id }, status: 200 })
})

test.each([
  '000000000000000000000000',
  '5C61ED848D891BD9E8016898',
  'walter',
  "' OR 1=1 --",
  '%00',
  '%ff',
  '%2575',
  '__proto__',
  '😀',
  'x'.repeat(65),
])('rejects the id %s as an unknown user [V1.1.1] [V1.2.4]', async (id) => {
  const { status, text } = await get(`/users/${id}`)
  expect(status).toBe(404)
  expect(text).toBe('{"message":"User not found","status":404}')
})

test('rejects a malformed id without asking the store', async () => {
  const fetch = vi.spyOn(globalThis, 'fetch')
  await get('/users/not_an_id')
  expect(fetch).not.toHaveBeenCalled()
})
