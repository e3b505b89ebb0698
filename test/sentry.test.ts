import { env } from 'cloudflare:workers'
import { expect, test, vi } from 'vitest'
import { send } from './support/client.ts'

const SENTRY_DSN = 'https://0123456789abcdef@sentry.example/1'

/** Lets the store refuse every statement for a reason that nobody expects, and Sentry answer as it is told. */
function failWith(sentry: () => Promise<Response>) {
  return vi.spyOn(globalThis, 'fetch').mockImplementation(async (input) => {
    if (String(input).includes('sentry.example')) return sentry()
    return Response.json({ message: 'column does not exist', code: '22P02' }, { status: 400 })
  })
}

test.each([
  ['answers with an error', async () => new Response('no', { status: 429 }), 'status 429'],
  ['cannot be reached', () => Promise.reject(new Error('Network connection lost.')), 'Network connection lost.'],
])('a Sentry that %s changes no answer, and the log says so [V16.3.4] [V16.5.2]', async (_, sentry, cause) => {
  const log = vi.spyOn(console, 'error').mockImplementation(() => {})
  const fetch = failWith(sentry)
  const { status, json } = await send('/users', {}, { ...env, SENTRY_DSN })
  expect([status, json]).toEqual([500, { message: 'Internal server error', status: 500 }])
  expect(fetch.mock.calls.filter(([input]) => String(input).includes('sentry.example'))).toHaveLength(1)
  const lines = log.mock.calls.map(([line]) => JSON.parse(line))
  expect(lines.find(({ event }) => event === 'sentry_failed')?.cause).toContain(cause)
})

test('nothing is sent without a DSN', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {})
  const fetch = failWith(() => Promise.reject(new Error('not to be asked')))
  expect((await send('/users')).status).toBe(500)
  expect(fetch).toHaveBeenCalledTimes(1)
})
