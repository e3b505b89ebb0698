import { expect, test, vi } from 'vitest'
import { get, post } from '../support/client.ts'

const remote = { DATABASE_URL: 'postgres://user:canary-password@ep-example.eu-central-1.aws.neon.tech/shop' }

/** Answers every statement with what a broken store would. */
function answerWith(response: Response) {
  return vi.spyOn(globalThis, 'fetch').mockImplementation(async () => response.clone())
}

test('speaks TLS to any host that is not this machine [V12.3.1]', async () => {
  const fetch = answerWith(new Response(null, { status: 502 }))
  await get('/users', { settings: remote })
  expect(String(fetch.mock.calls[0]?.[0])).toMatch(/^https:\/\/api\.eu-central-1\.aws\.neon\.tech\/sql$/)
})

test('follows no redirect with the connection string, and takes it for a failure [V15.3.2]', async () => {
  const fetch = answerWith(new Response(null, { status: 302, headers: { Location: 'https://evil.example/' } }))
  expect((await get('/users', { settings: remote })).status).toBe(503)
  expect(fetch).toHaveBeenCalledTimes(1)
  expect(fetch.mock.calls[0]?.[1]).toMatchObject({ redirect: 'manual' })
})

test.each([
  ['a proxy that is overloaded', new Response('busy', { status: 429 })],
  ['a page in place of an answer', new Response('<html>canary-password</html>', { status: 200 })],
  ['half an answer', new Response('{"rows":[', { status: 200 })],
  ['too many connections', Response.json({ message: 'canary-password', code: '53300' }, { status: 400 })],
  ['a statement that took too long', Response.json({ message: 'canary-password', code: '57014' }, { status: 400 })],
])('takes %s for a failure, never for an unknown user [V16.5.3]', async (_, response) => {
  const log = vi.spyOn(console, 'error').mockImplementation(() => {})
  answerWith(response)
  const { status, text } = await post('/login', { username: 'walter', password: 'vmware1!' }, { settings: remote })
  expect([status, text]).toEqual([503, '{"message":"Service unavailable. Try again later","status":503}'])
  expect(String(log.mock.calls)).not.toContain('canary-password')
})

test('takes a statement that the store refuses for a fault of ours, and logs its code alone', async () => {
  const log = vi.spyOn(console, 'error').mockImplementation(() => {})
  answerWith(Response.json({ message: 'relation "canary" does not exist', code: '42P01' }, { status: 400 }))
  expect((await get('/users', { settings: remote })).status).toBe(500)
  expect(String(log.mock.calls)).toContain('SQLSTATE 42P01')
  expect(String(log.mock.calls)).not.toContain('canary')
})
