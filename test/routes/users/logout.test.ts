import { expect, test, vi } from 'vitest'
import { call, post } from '../../support/client.ts'
import { logIn, logInPerson } from '../../support/people.ts'

const logOutEverywhere = ({ id, accessToken }: { id: string; accessToken: string }) =>
  call('POST', `/users/${id}/logout`, undefined, { token: accessToken })

test('succeeds, and no session of the user refreshes any more [V7.5.2] [V10.4.9]', async () => {
  const person = await logInPerson()
  const other = await logIn(person)
  const { status, text } = await logOutEverywhere(person)
  expect([status, text]).toEqual([200, '{"message":"Logged out","status":200}'])
  for (const { refreshToken } of [person, other]) {
    expect((await post('/refresh-token', { refresh_token: refreshToken })).status).toBe(401)
  }
})

test('succeeds, and the user may log in at once', async () => {
  const person = await logInPerson()
  await logOutEverywhere(person)
  const { refreshToken } = await logIn(person)
  expect((await post('/refresh-token', { refresh_token: refreshToken })).status).toBe(200)
})

test('rejects the access token of a session that has ended', async () => {
  const [one, other] = [await logInPerson(), await logInPerson()]
  await post('/logout', { refresh_token: one.refreshToken })
  await logOutEverywhere(other)
  for (const person of [one, other]) {
    const { status, headers } = await logOutEverywhere(person)
    expect([status, headers.get('WWW-Authenticate')]).toEqual([401, 'Bearer error="invalid_token"'])
  }
})

test('protects the store: one statement', async () => {
  const person = await logInPerson()
  const fetch = vi.spyOn(globalThis, 'fetch')
  await logOutEverywhere(person)
  expect(fetch).toHaveBeenCalledTimes(1)
})
