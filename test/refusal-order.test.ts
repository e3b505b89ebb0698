/** Every call is refused for its first fault. Later faults are not looked at. */
import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { call, send } from './support/client.ts'
import { logInPerson } from './support/people.ts'

const spent = { limit: async () => ({ success: false }) }
const brokenUtf8 = new Uint8Array([0x22, 0xc3, 0x28, 0x22])
const tooLarge = new Uint8Array(17_000)

test('a login: path, method, address, type, size, encoding, form, then the password', async () => {
  const limited = { ...env, LOGIN_BY_ADDRESS: spent }
  const headers = { 'CF-Connecting-IP': '192.0.2.1' }
  const json = { ...headers, 'Content-Type': 'application/json' }
  const answers = [
    await send('/nope', { method: 'PUT', headers, body: tooLarge }, limited),
    await send('/login', { method: 'PUT', headers, body: tooLarge }, limited),
    await send('/login', { method: 'POST', headers, body: tooLarge }, limited),
    await send('/login', { method: 'POST', headers, body: tooLarge }),
    await send('/login', { method: 'POST', headers: json, body: tooLarge }),
    await send('/login', { method: 'POST', headers: json, body: brokenUtf8 }),
    await send('/login', { method: 'POST', headers: json, body: '{"username":1}' }),
    await send('/login', { method: 'POST', headers: json, body: '{"username":"nobody","password":"wrong"}' }),
  ]
  expect(answers.map(({ json: { status, message } }) => `${status} ${message}`)).toEqual([
    '404 Not found',
    '405 Method not allowed',
    '429 Too many requests. Try again later',
    '415 Content-Type must be application/json',
    '413 Body is too large',
    '400 Body is not valid JSON',
    '400 Validation failed',
    '401 Invalid username or password',
  ])
})

test('an owner’s call: form, token, owner, account, then the password', async () => {
  const { id, accessToken: token } = await logInPerson()
  const stranger = await logInPerson()
  const settings = { ...env, OWNER_BY_ACCOUNT: spent }
  const path = `/users/${id}/password`
  const body = { current_password: 'wrong', new_password: 'correct horse battery' }
  const answers = [
    await call('PUT', path, {}, { settings }),
    await call('PUT', path, body, { settings }),
    await call('PUT', path, body, { settings, token: stranger.accessToken }),
    await call('PUT', path, body, { settings, token }),
    await call('PUT', path, body, { token }),
  ]
  expect(answers.map(({ status }) => status)).toEqual([400, 401, 403, 429, 403])
})
