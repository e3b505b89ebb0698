import { describe, expect, test, vi } from 'vitest'
import { get, post } from '../support/client.ts'

const remote = { DATABASE_URL: 'postgres://user:canary-password@ep-example.eu-central-1.aws.neon.tech/shop' }

/** Answers every statement as a broken store would. */
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

describe('a store that cannot be used is 503, and one sentence in the log', () => {
  const tables = 'the tables do not fit this version: npm run db:migrate'
  const user = 'the store refuses the user or the password of DATABASE_URL'
  const refusal = (code: string) => Response.json({ message: 'canary-password', code }, { status: 400 })

  test.each<[string, Response, string]>([
    [
      'an exceeded quota',
      Response.json({ message: 'Your project has exceeded its quota' }, { status: 402 }),
      'status 402: Your project has exceeded its quota',
    ],
    [
      'a disabled endpoint',
      Response.json({ message: 'The endpoint is disabled', code: '' }, { status: 400 }),
      'status 400: The endpoint is disabled',
    ],
    [
      'a refusal of the proxy without a code',
      Response.json({ message: 'password authentication failed' }, { status: 400 }),
      'status 400: password authentication failed',
    ],
    [
      'a code that is no SQLSTATE',
      Response.json({ message: 'no such thing', code: 'E-17' }, { status: 400 }),
      'status 400: no such thing',
    ],
    [
      'a long message',
      Response.json({ message: 'x'.repeat(5_000) }, { status: 403 }),
      `status 403: ${'x'.repeat(200)}`,
    ],
    ['a page', new Response('<html>canary-password</html>', { status: 404 }), 'status 404'],
    [
      'a message that is none',
      Response.json({ message: { canary: 'canary-password' } }, { status: 404 }),
      'status 404',
    ],
    ['broken JSON', new Response('{"canary-password', { status: 200 }), 'the answer is no JSON'],
    ['a refusal that is no JSON', new Response('canary-password', { status: 400 }), 'the answer is no JSON'],
    ['a missing table', refusal('42P01'), `SQLSTATE 42P01: ${tables}`],
    ['a missing column', refusal('42703'), `SQLSTATE 42703: ${tables}`],
    ['a missing right', refusal('42501'), `SQLSTATE 42501: ${tables}`],
    ['a missing index', refusal('42P10'), `SQLSTATE 42P10: ${tables}`],
    ['a wrong password', refusal('28P01'), `SQLSTATE 28P01: ${user}`],
    ['an unknown role', refusal('28000'), `SQLSTATE 28000: ${user}`],
    ['an unknown database', refusal('3D000'), 'SQLSTATE 3D000: the database of DATABASE_URL does not exist'],
    ['a read-only server', refusal('25006'), 'SQLSTATE 25006: the store takes no writes'],
    ['a server that starts', refusal('57P03'), 'SQLSTATE 57P03: the store cannot serve now'],
    ['a deadlock', refusal('40P01'), 'SQLSTATE 40P01: the store cannot serve now'],
    ['an internal error', refusal('XX000'), 'SQLSTATE XX000: the store cannot serve now'],
  ])('%s', async (_, response, sentence) => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    const fetch = answerWith(response)
    const settings = { ...remote, SENTRY_DSN: 'https://key@sentry.example/1' }
    expect((await get('/users', { settings })).status).toBe(503)
    const [failure] = log.mock.calls.map(([line]) => JSON.parse(line)).filter(({ event }) => event === 'failure')
    expect(failure.cause.split('\n')[0]).toBe(`StoreUnavailable: ${sentence}`)
    expect(String(log.mock.calls)).not.toContain('canary')
    expect(fetch.mock.calls.filter(([url]) => String(url).includes('sentry'))).toEqual([])
  })
})

test('treats a statement that the store refuses as a fault of ours, and logs its code alone', async () => {
  const log = vi.spyOn(console, 'error').mockImplementation(() => {})
  answerWith(Response.json({ message: 'invalid input "canary"', code: '22P02' }, { status: 400 }))
  expect((await get('/users', { settings: remote })).status).toBe(500)
  expect(String(log.mock.calls)).toContain('StatementRefused: SQLSTATE 22P02')
  expect(String(log.mock.calls)).not.toContain('canary')
})

describe('another try', () => {
  const page = () => Response.json({ command: 'SELECT', rowCount: 0, fields: [], rows: [], rowAsArray: true })

  test.each([429, 502, 503])('is made after %i', async (status) => {
    const fetch = vi.spyOn(globalThis, 'fetch').mockResolvedValueOnce(new Response(null, { status }))
    fetch.mockResolvedValueOnce(page())
    expect((await get('/users', { settings: remote })).status).toBe(200)
    expect(fetch).toHaveBeenCalledTimes(2)
  })

  test.each([302, 401, 402, 404, 500, 504])('is not made after %i', async (status) => {
    const fetch = answerWith(new Response(null, { status }))
    expect((await get('/users', { settings: remote })).status).toBe(503)
    expect(fetch).toHaveBeenCalledTimes(1)
  })

  test('has the time that the first one has left, because one deadline covers both', async () => {
    const timeout = vi.spyOn(AbortSignal, 'timeout')
    const fetch = answerWith(new Response(null, { status: 503 }))
    expect((await get('/users', { settings: { ...remote, DATABASE_TIMEOUT_SECONDS: '7' } })).status).toBe(503)
    expect(fetch).toHaveBeenCalledTimes(2)
    expect(timeout.mock.calls).toEqual([[7_000]])
  })
})
