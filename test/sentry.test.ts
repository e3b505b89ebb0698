import { env } from 'cloudflare:workers'
import { Toucan } from 'toucan-js'
import { describe, expect, test, vi } from 'vitest'
import { isUsableDsn } from '../src/sentry.ts'
import { send } from './support/client.ts'

const SENTRY_DSN = 'https://0123456789abcdef@sentry.example/1'

/** Makes the store refuse every statement for an unexpected reason, and Sentry answer as given. */
function failWith(sentry: (init?: RequestInit) => Promise<Response>) {
  return vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    if (String(input).includes('sentry.example')) return sentry(init)
    return Response.json({ message: 'invalid input', code: '22P02' }, { status: 400 })
  })
}

const readEvents = (log: { mock: { calls: unknown[][] } }, name: string) =>
  log.mock.calls.map(([line]) => JSON.parse(String(line))).filter(({ event }) => event === name)

test.each([
  ['answers with an error', async () => new Response('no', { status: 429 }), 'status 429'],
  ['cannot be reached', () => Promise.reject(new Error('Network connection lost.')), 'Network connection lost.'],
])('a Sentry that %s changes no answer, and the log says so [V16.3.4] [V16.5.2]', async (_, sentry, cause) => {
  const log = vi.spyOn(console, 'error').mockImplementation(() => {})
  const fetch = failWith(sentry)
  const { status, json } = await send('/users', {}, { ...env, SENTRY_DSN })
  expect([status, json]).toEqual([500, { message: 'Internal server error', status: 500 }])
  expect(fetch.mock.calls.filter(([input]) => String(input).includes('sentry.example'))).toHaveLength(1)
  expect(readEvents(log, 'sentry_failed')).toEqual([expect.objectContaining({ cause: expect.stringContaining(cause) })])
})

test('nothing is sent without a DSN', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {})
  const fetch = failWith(() => Promise.reject(new Error('not to be asked')))
  expect((await send('/users')).status).toBe(500)
  expect(fetch).toHaveBeenCalledTimes(1)
})

test('a report has a deadline', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {})
  let signal: AbortSignal | null | undefined
  failWith(async (init) => {
    signal = init?.signal
    return new Response()
  })
  const timeout = vi.spyOn(AbortSignal, 'timeout')
  await send('/users', {}, { ...env, SENTRY_DSN })
  expect(timeout.mock.calls).toContainEqual([5_000])
  expect(signal).toBeInstanceOf(AbortSignal)
})

test('reports ten of many errors at once, and counts the others in one line', async () => {
  const log = vi.spyOn(console, 'error').mockImplementation(() => {})
  const open = Promise.withResolvers<void>()
  let sent = 0
  failWith(async () => {
    sent++
    await open.promise
    return new Response()
  })
  const settings = { ...env, SENTRY_DSN }
  const answers = Array.from({ length: 25 }, () => send('/users', {}, settings))
  await vi.waitUntil(() => readEvents(log, 'failure').length === 25)
  expect(sent).toBe(10)
  open.resolve()
  expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(Array(25).fill(500))
  expect(readEvents(log, 'sentry_dropped')).toEqual([expect.objectContaining({ reports: 15 })])
  await send('/users', {}, settings)
  expect(sent).toBe(11)
})

describe('a DSN', () => {
  test.each([
    'https://k@o1.ingest.sentry.io/2',
    'http://k@sentry.internal/2',
    'https://public:secret@sentry.internal/2',
    'https://public:@sentry.internal/2',
    'https://k@sentry.internal:9000/a/path/2',
    'https://k@sentry.internal//2',
    'https://k@sentry.internal/2?x=1',
    'https://k@sentry.internal/2#x',
    'https://k@[2001:db8::1]/2',
    'https://k@sentry.internal/',
    'https://k@sentry.internal/project',
    'https://k@sentry.internal/2/',
    'https://sentry.internal/2',
    'ftp://k@sentry.internal/2',
    'HTTPS://k@sentry.internal/2',
    'k@sentry.internal/2',
    'https://k-1@sentry.internal/2',
    'canary',
  ])('%s is usable where toucan-js can parse it', (dsn) => {
    vi.spyOn(console, 'error').mockImplementation(() => {})
    const parsed = new Toucan({ dsn, defaultIntegrations: false }).getClient()?.getDsn()
    expect(isUsableDsn(dsn)).toBe(parsed !== undefined)
  })

  test('that cannot be used switches reporting off, and the log says so without the DSN', async () => {
    const warnings = vi.spyOn(console, 'warn').mockImplementation(() => {})
    const errors = vi.spyOn(console, 'error').mockImplementation(() => {})
    const fetch = failWith(() => Promise.reject(new Error('not to be asked')))
    const settings = { ...env, SENTRY_DSN: 'https://canary@[2001:db8::1]/2' }
    expect((await send('/users', {}, settings)).status).toBe(500)
    expect(fetch).toHaveBeenCalledTimes(1)
    expect(readEvents(warnings, 'sentry_off')).toHaveLength(1)
    expect(String(warnings.mock.calls) + String(errors.mock.calls)).not.toContain('canary')
  })
})
