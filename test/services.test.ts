/** An isolate makes some things once, and no request makes them again. */
import { env } from 'cloudflare:workers'
import { expect, test, vi } from 'vitest'
import { prepareServices } from '../src/services.ts'
import { post } from './support/client.ts'
import { logInPerson } from './support/people.ts'

test('an isolate has one client of the store, and one of everything else', async () => {
  const [first, second] = [await prepareServices(env), await prepareServices(env)]
  expect(second).toBe(first)
  expect(await prepareServices({ ...env })).not.toBe(first)
})

test('keys are imported once: to sign and to verify for each kind of session token, and to derive the key of proofs', async () => {
  const importKey = vi.spyOn(crypto.subtle, 'importKey')
  const settings = { ...env }
  await prepareServices(settings)
  await prepareServices(settings)
  expect(importKey).toHaveBeenCalledTimes(5)
})

test('no request imports a key again', async () => {
  const { accessToken, refreshToken } = await logInPerson()
  const importKey = vi.spyOn(crypto.subtle, 'importKey')
  expect((await post('/verify-token', { access_token: accessToken })).status).toBe(200)
  expect((await post('/refresh-token', { refresh_token: refreshToken })).status).toBe(200)
  expect(importKey).not.toHaveBeenCalled()
})
